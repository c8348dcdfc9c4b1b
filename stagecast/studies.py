"""The verb `tune`: look for better parameters of the boosters."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import StagecastError
from features.files import write_whole
from features.model.address import shown
from stagecast.config import Config
from stagecast.describe import Orders
from stagecast.learning import learnable
from stagecast.progress import tell
from stagecast.reading import Read

if TYPE_CHECKING:
    from training.tuning.tune import Found

BEST, TRIALS = "best.toml", "trials.csv"


@dataclass(frozen=True)
class Study:
    """What `tune` made.

    Attributes:
        found: the trials, the best and the present parameters.
        settings: file with the settings of this run and the best parameters among them, for `--config`.
        run_id: MLflow run of the study.
        uri: absolute address of the store.
        clean: the orders behind it.
    """

    found: "Found"
    settings: Path
    run_id: str
    uri: str
    clean: Read


def tune(
    orders: Orders, as_of: str, out: str | Path, config: Config | None = None, seconds: float | None = None
) -> Study:
    """Look for better parameters of the boosters, judged on cut-offs before all that `train` judges on.

    Args:
        orders: a source of orders, or clean ones.
        as_of: a tick, YYYY-MM-DD; orders at or after it are not looked at.
        out: folder of the study; one that is there already goes on.
        config: settings; `[training.tuning]` says how many trials, folds, rows and workers.
        seconds: how long to try, from the first trial of this session on; without it until all trials are done.

    Raises:
        UsageError: `as_of` is no tick of the clock, or the study in the folder is about other orders or settings.
        DataError: too few orders, customers, outcomes or weeks.
        BusyError: another process works on the study.
        StagecastError: trials fail one after another, or MLflow or the folder cannot be written.
    """
    from training.tuning.desk import Desk
    from training.tuning.tracking import StudyRuns
    from training.tuning.tune import Place
    from training.tuning.tune import tune as run_study

    config, folder = config or Config(), Path(out)
    end = config.the_clock.tick(as_of)
    with learnable(orders, end, config) as learnt:
        source = f"{learnt.lines:,} order lines of {learnt.log.customers:,} customers"
        runs = StudyRuns.opened(config.training, config.tracking_uri, source)

        def close(found: "Found") -> None:
            _write(folder, found, config)  # first, so that it is there also where MLflow is not
            runs.close(found)

        place = Place(folder, seconds, runs.follow, close)
        found = run_study(Desk.of(learnt.log, end, config.recipe, learnt.digest, tell), place)
    return Study(found, folder / BEST, runs.run_id, runs.uri, learnt.read)


def _write(folder: Path, found: "Found", config: Config) -> None:
    """The best settings and the table of trials, each whole or not at all."""
    try:
        write_whole(folder / TRIALS, found.table().to_csv(index=False).encode())
        write_whole(folder / BEST, _settings(found, config).encode())
    except OSError as error:
        raise StagecastError(
            "the best parameters cannot be written",
            got=f"{folder}: {error.strerror or error}",
            remedy="free some space, or let this user write there; then run the same command again",
        ) from error


def _settings(found: "Found", config: Config) -> str:
    """All settings that were given, with the best parameters in place of the present ones; no password."""
    from training.tuning.toml import as_toml

    best = config.overridden("training", booster=found.booster.model_dump(mode="json"))
    said = best.model_dump(mode="json", exclude_unset=True)
    if config.tracking_uri and shown(config.tracking_uri) != config.tracking_uri:
        del said["tracking_uri"]
    about = [f"# {line}" for line in found.told()]
    return "\n".join([*about, "", as_toml(said)])
