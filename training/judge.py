"""Judge forecasts on later cut-offs: the model beside a ladder of baselines that saw the same past."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from features.model.forecast import Forecast, Model
from training.bootstrap import DEFAULT, Resampling
from training.config import Costs
from training.forecasts import Forecasts
from training.groups import everybody
from training.ladder import MODEL, NO_MODEL
from training.scorecard import Scorecard, score
from training.table import Table

HEADLINE = (
    *("log_loss", "ranked_log_loss", "auroc", "average_precision", "brier", "calibration_error", "lift_10"),
    *("profit", "empc", "macro_f1", "bias", "gini", "spearman", "decile_error"),
)
"""Metrics of all rows that a run logs: few, so that runs can be compared, and under names that stay."""

EXPLAINED = 20_000
"""Snapshots whose features are kept."""


@dataclass(frozen=True)
class Judging:
    """How to judge: how to draw customers for the intervals, and what a campaign costs."""

    resampling: Resampling = DEFAULT
    costs: Costs = field(default_factory=Costs)


@dataclass(frozen=True)
class Judgement:
    """How good a model was out of time.

    Attributes:
        card: every number.
        forecast: what the model said, row by row of `table`.
        table: the judged snapshots, without their features.
        forecasts: what the model and its ladder said of them.
        features: of the judged snapshots, or of some drawn where there are many: enough to explain a model by.
    """

    card: Scorecard
    forecast: Forecast
    table: Table
    forecasts: Forecasts
    features: pd.DataFrame

    @property
    def scores(self) -> pd.DataFrame:
        """One row a target and predictor, over all rows, in the order of the ladder."""
        scores = everybody(self.card.scores)
        return scores[["target", "predictor", *(name for name in HEADLINE if name in scores)]]

    @property
    def differences(self) -> pd.DataFrame:
        """Model less baseline over all rows, a row a target and baseline, with intervals over customers."""
        return everybody(self.card.differences)

    def headline(self) -> dict[str, float]:
        """The model's own numbers, see `headline`, and how often spend lies within its interval."""
        return headline(self.scores) | self._covered()

    def _covered(self) -> dict[str, float]:
        period, spend = self.forecast.period, self.table.labels.spend
        if not np.isfinite(period.low).all():
            return {}
        return {"judge/spend_covered": float(((spend >= period.low) & (spend <= period.high)).mean())}

    def losses(self) -> list[str]:
        """Where the model is worse beyond chance than what one would do without a model, in words."""
        against = self.differences[self.differences["baseline"].isin(NO_MODEL)]
        worse = against[against["log_loss_low"] > 0]
        return [
            f"{row.target}: log loss {row.log_loss:+.4f} [{row.log_loss_low:+.4f}, {row.log_loss_high:+.4f}] "
            f"against {row.baseline}"
            for row in worse.itertuples()
        ]


def judge(model: Model, past: Table, later: Table, judging: Judging, threads: int = 0) -> Judgement:
    """Judge a model on snapshots later than all it was fitted and calibrated on.

    Args:
        model: the model.
        past: snapshots the baselines are fitted on: those of the model's fit and calibration.
        later: snapshots to judge on.
        judging: how.
        threads: LightGBM's threads.
    """
    forecast = model.at(later.snapshots.cutoff).forecast(later.features, threads)
    forecasts = Forecasts.of(forecast, past, later, model.spec.hold_days)
    some = later.features.sample(min(len(later), EXPLAINED), random_state=judging.resampling.seed).sort_index()
    return Judgement(judge_forecasts(forecasts, judging), forecast, later.bare, forecasts, some)


def judge_forecasts(forecasts: Forecasts, judging: Judging | None = None, model: str = MODEL) -> Scorecard:
    """Judge what everybody said, over all rows, in groups and cut-off by cut-off.

    Args:
        forecasts: of one cut-off or of many, together.
        judging: how.
        model: the predictor whose differences from all others are worked out.
    """
    how = judging or Judging()
    return score(forecasts, how.costs, how.resampling, model)


def headline(scores: pd.DataFrame) -> dict[str, float]:
    """The model's own numbers under stable metric names (`judge/order_log_loss`, ...), finite ones only.

    Args:
        scores: over all rows, one row a target and predictor.
    """
    mine = scores[scores["predictor"] == MODEL].set_index("target")
    named = {
        f"judge/{str(target).replace(' ', '_')}_{name}": float(row[name])
        for target, row in mine.iterrows()
        for name in HEADLINE
        if name in row
    }
    return {name: value for name, value in named.items() if np.isfinite(value)}
