"""`stagecast tune`."""

import re
from pathlib import Path

from features.errors import UsageError
from stagecast.commands.common import keep_aside, show
from stagecast.config import Config
from stagecast.progress import steps
from stagecast.studies import tune as run_study

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def tune(orders: str, as_of: str, out: Path, config: Config, time_budget: str | None) -> None:
    """Tune, and say what was found and how to use it."""
    seconds = None if time_budget is None else duration(time_budget)
    with steps("tune"):
        study = run_study(orders, as_of, out, config, seconds)
    keep_aside(study.clean, config)
    show(study.found.told())
    print(f"Run {study.run_id} in {study.uri}")
    print(f"The best settings are in {study.settings}: stagecast train ... --config {study.settings}")


def with_tuning(config: Config, trials: int | None, workers: int | None) -> Config:
    """The settings, with what the command line says of tuning laid over them."""
    given = {name: value for name, value in (("trials", trials), ("workers", workers)) if value is not None}
    kept = config.training.tuning.model_dump(exclude_unset=True)
    return config.overridden("training", tuning=kept | given if given else None)


def duration(text: str) -> float:
    """Seconds of a duration such as 90s, 30m, 1.5h.

    Raises:
        UsageError: this is none.
    """
    said = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text.strip())
    if said is None or float(said[1]) == 0:
        raise UsageError(
            "a time budget is a number and a unit", got=text, allowed="90s, 30m, 1.5h", remedy="check --time-budget"
        )
    return float(said[1]) * _SECONDS[said[2]]
