"""From a plan to a result: forecast every cut-off, then judge all of them together."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from training.backtest.plan import Plan
from training.backtest.report import Backtest
from training.backtest.run import forecast_all
from training.bootstrap import Resampling
from training.fit import Step
from training.forecasts import Forecasts
from training.judge import Judging, judge_forecasts


def backtest(plan: Plan, out: Path, step: Step) -> Backtest:
    """Forecast every cut-off of a plan, or take up what is kept in `out`, and judge all of them together.

    Args:
        plan: what to do.
        out: folder under which forecasts are kept, in one named by all that they depend on.
        step: told, in words, what is being done.

    Raises:
        DataError: too few customers or outcomes to learn from at a cut-off.
        StagecastError: the forecasts cannot be kept.
    """
    forecasts = Forecasts.stack(in_common(forecast_all(plan, plan.shelf(out), step)))
    step("judge all cut-offs together")
    training = plan.recipe.training
    judging = Judging(Resampling(training.resamples, training.seed), training.profit)
    return Backtest(plan, forecasts, judge_forecasts(forecasts, judging))


def in_common(parts: Sequence[Forecasts]) -> list[Forecasts]:
    """The same forecasts without the targets and predictors that some cut-off lacks, as where money came late."""
    first = parts[0].said
    kept = {
        target: [name for name in said if all(name in part.said.get(target, {}) for part in parts)]
        for target, said in first.items()
    }
    return [_only_said(part, {target: names for target, names in kept.items() if names}) for part in parts]


def _only_said(part: Forecasts, kept: dict[str, list[str]]) -> Forecasts:
    said = {target: {name: part.said[target][name] for name in names} for target, names in kept.items()}
    return replace(part, said=said)
