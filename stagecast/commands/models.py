"""`stagecast train`, `promote` and `score`."""

from pathlib import Path

from stagecast import predict
from stagecast.commands.common import keep_quarantine, read, show
from stagecast.config import Config
from stagecast.progress import steps
from stagecast.told import notes, summary


def train(orders: str, as_of: str, config: Config, promote: bool) -> None:
    """Train, and say how good the model is and where it stands."""
    cutoff = config.the_clock.tick(as_of)
    with steps("train") as step:
        made = predict.train(orders, as_of, config, promote=False, step=step)
    version = made.version
    keep_quarantine(made.clean, config)
    show(notes(made.clean.report, cutoff, made.trained.model.spec))
    print(summary(made))
    print(f"Run {version.run_id} in {version.uri}")
    print(f"Registered {version.name} version {version.version} as challenger.")
    if promote:
        _promote(f"{version.name}/{version.version}", config, force=False)


def promote(model: str | None, config: Config, force: bool) -> None:
    """Move the champion."""
    _promote(model, config, force)


def score(orders: str, as_of: str, config: Config, target: tuple[Path, str | None]) -> None:
    """Score and publish a week."""
    out, model = target
    with steps("score") as step:
        step("fetch the model")
        registered = predict.fetch_model(as_of, config, model)
        step("read the orders")
        clean = read(orders, config)
        step("score every customer")
        scores = predict.score(clean, as_of, out, config, registered)
    spec = registered.model.spec
    show(notes(clean.report, config.under(spec).the_clock.tick(as_of), spec))
    print(f"Scored with {registered.name} version {registered.version}.")
    state = "are in" if scores.new else "were there already, nothing changed:"
    print(f"Scores of {len(scores.table):,} customers at {as_of} {state} {scores.path}")


def _promote(model: str | None, config: Config, force: bool) -> None:
    moved = predict.promote(model, config, force)
    before = f"version {moved.before}" if moved.before else "none"
    print(f"{moved.name} version {moved.version} is champion now (before: {before}).")
