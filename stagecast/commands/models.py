"""`stagecast train`, `promote` and `rollback`."""

from contextlib import nullcontext
from typing import TYPE_CHECKING

from features.errors import UsageError
from stagecast import models
from stagecast.commands.common import keep_aside, show
from stagecast.config import Config
from stagecast.progress import steps
from stagecast.specs import CHAMPION, REFIT
from stagecast.told import bare_words, changed_spec, notes, summary

if TYPE_CHECKING:
    from training.promote import Promotion


def train(orders: str, as_of: str, config: Config, spec: str, promote: bool) -> None:
    """Train, and say how good the model is and where it stands."""
    with steps("train"):
        made = models.train(orders, as_of, config, spec=spec)
    version, used = made.version, made.trained.model.spec
    keep_aside(made.clean, config)
    show(notes(made.clean.report, config.under(used).the_clock.tick(as_of), used))
    show(made.trained.chosen.told())
    print(summary(made))
    print(f"Run {version.run_id} in {version.uri}")
    print(f"Registered {version.name} version {version.version} as challenger.")
    if promote:
        _told(models.promote(f"{version.name}/{version.version}", config))


def wanted_spec(spec: str | None, refit: bool) -> str:
    """Which stage spec training is to use; the champion's unless another was asked for.

    Raises:
        UsageError: two were asked for.
    """
    if spec and refit:
        raise UsageError("--spec gives a stage spec and --refit-spec fits one", remedy="choose one of the two")
    return spec or (REFIT if refit else CHAMPION)


def why(force: bool, reason: str | None) -> str | None:
    """The reason of a promotion by force; None where the gates are to be asked.

    Raises:
        UsageError: force without a reason, or a reason without force.
    """
    if force and not (reason and reason.strip()):
        raise UsageError(
            "--force needs a reason, which is kept with your name", remedy="say why: --force --reason TEXT"
        )
    if reason and not force:
        raise UsageError("--reason says why a version is promoted by force", remedy="add --force, or leave it out")
    return reason if force else None


def promote(model: str | None, config: Config, force: str | None, new_spec: bool, orders: str | None) -> None:
    """Move the champion, if the challenger wins."""
    with steps("promote") if orders else nullcontext():
        moved = models.promote(model, config, force, new_spec, orders)
    _told(moved)


def rollback(name: str | None, config: Config, reason: str | None) -> None:
    """Move the champion back."""
    moved = models.rollback(name, config, reason)
    for version in moved.gone:
        print(f"Version {version}, champion in between, was deleted.")
    _told(moved)


def _told(moved: "Promotion") -> None:
    if not moved.comparable:
        print(changed_spec(*moved.specs))
    if moved.words:
        print(bare_words(moved.words))
    before = f"version {moved.before}" if moved.before else "none"
    print(f"{moved.name} version {moved.version} is champion now (before: {before}).")
