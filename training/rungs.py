"""A model against each rung of its ladder, in log loss: what the UI shows first."""

from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from training.ladder import MODEL


class Judged(Protocol):
    """What was judged, over all rows: a training run's later cut-offs, or all of a backtest."""

    @property
    def scores(self) -> pd.DataFrame:
        """One row a target and predictor; see `training.judge.Judgement`."""

    @property
    def differences(self) -> pd.DataFrame:
        """Model less baseline, one row a target and baseline."""


@dataclass(frozen=True)
class Rung:
    """A model beside one baseline on one target.

    Attributes:
        target: as it stands in tables.
        baseline: its name.
        ours: log loss of the model.
        theirs: log loss of the baseline.
        low: lower end of the 95 % interval of `ours - theirs` over customers.
        high: its upper end.
    """

    target: str
    baseline: str
    ours: float
    theirs: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Log loss of the model less the baseline's; below zero the model is better."""
        return self.ours - self.theirs

    @property
    def percent(self) -> float:
        """How far the model's log loss lies below the baseline's, in percent of it."""
        return self.in_percent(-self.difference)

    @property
    def better(self) -> bool | None:
        """Whether the model is; None where the interval does not tell."""
        return True if self.high < 0 else False if self.low > 0 else None

    def in_percent(self, difference: float) -> float:
        """A difference in log loss in percent of the baseline's."""
        return 100 * difference / self.theirs


def rungs(judgement: Judged) -> list[Rung]:
    """Every rung that a model was compared with in log loss, target by target, best baseline first."""
    scores = judgement.scores.set_index(["target", "predictor"])["log_loss"].to_dict()
    columns = ["target", "baseline", "log_loss_low", "log_loss_high"]
    found = [
        Rung(target, baseline, scores[target, MODEL], scores[target, baseline], low, high)
        for target, baseline, low, high in judgement.differences[columns].to_numpy().tolist()
        if (target, baseline) in scores and scores[target, baseline] > 0
    ]
    order = list(dict.fromkeys(rung.target for rung in found))
    return sorted(found, key=lambda rung: (order.index(rung.target), rung.theirs))


def best_rungs(judgement: Judged) -> list[Rung]:
    """Of each target, the rung with the lowest log loss."""
    return list({rung.target: rung for rung in reversed(rungs(judgement))}.values())[::-1]


def gains(judgement: Judged) -> dict[str, float]:
    """Percent of log loss below the best baseline, under stable metric names (`gain/order_percent`, ...).

    Rounded, since MLflow's list of runs would show ten digits.
    """
    return {f"gain/{rung.target.replace(' ', '_')}_percent": round(rung.percent, 2) for rung in best_rungs(judgement)}
