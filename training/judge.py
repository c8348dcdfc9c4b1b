"""Judge a model on later cut-offs, beside baselines that saw the same past."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.model.forecast import Forecast, Model
from training.bootstrap import Resampling
from training.ladder import MODEL, NO_MODEL
from training.table import Table
from training.targets import targets


@dataclass(frozen=True)
class Judgement:
    """How good a model was out of time.

    Attributes:
        scores: one row a target and predictor, in the order of the ladder.
        differences: model less baseline, a row a target and baseline: log loss
            (below zero the model is better) and AUROC (above zero), with
            intervals over customers.
        forecast: what the model said, row by row of `table`.
        table: the judged snapshots.
    """

    scores: pd.DataFrame
    differences: pd.DataFrame
    forecast: Forecast
    table: Table

    def headline(self) -> dict[str, float]:
        """The model's own numbers under stable metric names (`judge/order_log_loss`, ...), finite ones only."""
        mine = self.scores[self.scores["predictor"] == MODEL].drop(columns="predictor").set_index("target")
        named = {
            f"judge/{str(target).replace(' ', '_')}_{name}": float(value)
            for target, row in mine.iterrows()
            for name, value in row.items()
        }
        return {name: value for name, value in named.items() if np.isfinite(value)}

    def losses(self) -> list[str]:
        """Where the model is worse beyond chance than what one would do without a model, in words."""
        against = self.differences[self.differences["baseline"].isin(NO_MODEL)]
        worse = against[against["log_loss_low"] > 0]
        return [
            f"{row.target}: log loss {row.log_loss:+.4f} [{row.log_loss_low:+.4f}, {row.log_loss_high:+.4f}] "
            f"against {row.baseline}"
            for row in worse.itertuples()
        ]


def judge(model: Model, past: Table, later: Table, resampling: Resampling, threads: int = 0) -> Judgement:
    """Judge a model on snapshots later than all it was fitted and calibrated on.

    Args:
        model: the model.
        past: snapshots the baselines are fitted on: those of the model's fit and calibration.
        later: snapshots to judge on.
        resampling: of the intervals.
        threads: LightGBM's threads.
    """
    forecast = model.forecast(later.features, threads)
    scores: list[dict[str, object]] = []
    differences: list[dict[str, object]] = []
    for target in targets(model, forecast, past, later):
        for name, p in {MODEL: target.said, **target.ladder}.items():
            scores.append({"target": target.name, "predictor": name, **target.scores(p)})
        for name, p in target.ladder.items():
            if difference := target.differences(p, resampling):
                differences.append({"target": target.name, "baseline": name, **difference})
    return Judgement(pd.DataFrame(scores), pd.DataFrame(differences), forecast, later)
