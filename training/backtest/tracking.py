"""Write a backtest to MLflow: one run, its numbers at each cut-off as steps, tables, pictures, words."""

from pathlib import Path

import mlflow

from features.clock import to_date
from features.model.store import open_store, quiet
from training.backtest.key import key
from training.backtest.report import Backtest
from training.config import TrainingConfig
from training.lineage import Source, judged_on, learnt_from
from training.runs import log_by_cutoff, say, started


def publish(backtest: Backtest, report: Path, source: Source, uri: str | None, settings: str) -> tuple[str, str]:
    """Log a run of kind `backtest`.

    Its headline has the names that training uses; `per_cutoff/...` holds the
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
    training = plan.recipe.training
    name = f"backtest {to_date(plan.end)}, {len(plan.origins)} cut-offs"
    with quiet(), started("backtest", name, training, place) as run:
        mlflow.set_tags(_tags(backtest, source))
        mlflow.log_params(_parameters(backtest, training))
        judged = judged_on(source, plan.spec, plan.cutoffs, len(backtest.forecasts))
        mlflow.log_input(judged, context="judging")  # the first is the one that MLflow's list shows
        mlflow.log_input(learnt_from(source, plan.end), context="training")
        mlflow.log_metrics(backtest.headline(), dataset=judged)
        log_by_cutoff(run, backtest.card.by_cutoff)
        mlflow.log_artifacts(str(report))
        mlflow.log_text(settings, "config.json")
        say(backtest.in_short())
    return run.info.run_id, place


def _tags(backtest: Backtest, source: Source) -> dict[str, str]:
    plan = backtest.plan
    return {
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
        **{f"profit.{name}": value for name, value in config.profit.model_dump().items()},
        "leave_out": " ".join(config.leave_out),
        "week_starts": plan.spec.week_starts,
        "features.windows": " ".join(map(str, plan.recipe.features.windows)),
        "cutoffs": len(plan.origins),
        "cutoffs.first": str(to_date(plan.cutoffs[0])),
        "cutoffs.last": str(to_date(plan.cutoffs[-1])),
        "rows": len(backtest.forecasts),
    }
