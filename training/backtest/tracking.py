"""Write a backtest to MLflow: one run, its numbers at each cut-off as steps, tables, pictures, words."""

from pathlib import Path

import mlflow
from mlflow.entities import Metric

from features.clock import to_date
from features.model.store import experiment, open_store, quiet
from training.backtest.key import key
from training.backtest.report import Backtest
from training.config import TrainingConfig
from training.tracking import Source, log_input

_DAY_MS = 86_400_000


def publish(backtest: Backtest, report: Path, source: Source, uri: str | None, settings: str) -> tuple[str, str]:
    """Log a run of kind `backtest`.

    Its headline has the names that training uses; `cutoff/...` holds the
    numbers at each cut-off, with the cut-off's place as step and its date as time.

    Args:
        backtest: what was found.
        report: the folder that `training.backtest.folder.save` wrote.
        source: where the orders came from.
        uri: tracking URI, or None for the default.
        settings: the whole configuration as JSON text, kept as a file.

    Returns:
        The run's id and the absolute address of the store.

    Raises:
        UsageError: the address of the store cannot be right, or the experiment was deleted.
        BusyError: another process has held the lock of the store for too long.
        StagecastError: the store cannot be reached, read or written.
    """
    place = open_store(uri)
    plan = backtest.plan
    with (
        quiet(),
        mlflow.start_run(
            nested=mlflow.active_run() is not None,
            experiment_id=experiment(plan.recipe.training.experiment, place),
            run_name=f"backtest {to_date(plan.end)}",
            tags=_tags(backtest, source),
            description=backtest.in_short(),
        ) as run,
    ):
        mlflow.log_params(_parameters(backtest, plan.recipe.training))
        _log_numbers(backtest, run.info.run_id)
        log_input(source, context="backtest")
        mlflow.log_artifacts(str(report))
        mlflow.log_text(settings, "config.json")
    return run.info.run_id, place


def _tags(backtest: Backtest, source: Source) -> dict[str, str]:
    plan = backtest.plan
    return {
        "kind": "backtest",
        "as_of": str(to_date(plan.end)),
        "data_digest": source.digest,
        "spec_hash": plan.spec.hash,
        "spec_origin": plan.chosen.wish.origin,
        "forecasts": key(plan.history, plan.spec, plan.recipe),
    }


def _parameters(backtest: Backtest, config: TrainingConfig) -> dict[str, object]:
    plan = backtest.plan
    single = {name: value for name, value in config.model_dump().items() if isinstance(value, int | float | str)}
    return {
        **single,
        **{f"booster.{name}": value for name, value in config.booster.model_dump().items()},
        **{f"stages.{name}": value for name, value in plan.spec.constants.model_dump().items()},
        "leave_out": " ".join(config.leave_out),
        "week_starts": plan.spec.week_starts,
        "features.windows": " ".join(map(str, plan.recipe.features.windows)),
        "cutoffs": len(plan.origins),
        "cutoffs.first": str(to_date(plan.cutoffs[0])),
        "cutoffs.last": str(to_date(plan.cutoffs[-1])),
        "rows": len(backtest.forecasts),
    }


def _log_numbers(backtest: Backtest, run_id: str) -> None:
    mlflow.log_metrics(backtest.headline())
    steps = [
        Metric(name, value, timestamp=max(cutoff, 0) * _DAY_MS, step=step)
        for step, (cutoff, named) in enumerate(backtest.course(), 1)
        for name, value in named.items()
    ]
    for start in range(0, len(steps), 1000):
        mlflow.MlflowClient().log_batch(run_id, metrics=steps[start : start + 1000])
