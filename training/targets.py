"""The targets of a forecast: how good a forecast of each is, and by which numbers two of them are compared."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from features.fixed import Floats, Ints
from features.stages.moves import Booleans, Stage, Stages
from training import metrics
from training.config import Costs
from training.forecasts import NEXT_STAGE, REGRESSION, SPEND, Forecasts
from training.profit import earned, most_earned
from training.ranked import Ranked

PROFITS = ("profit", "empc")

SHARES = (0.05, 0.1, 0.2)
"""Shares of the customers, ranked highest, whose lift and gain are told."""


@dataclass(frozen=True)
class Said(ABC):
    """What one predictor said of one target on some snapshots, beside what came."""

    @abstractmethod
    def only(self, inside: Booleans) -> Self:
        """The same on the snapshots inside."""

    @abstractmethod
    def scores(self) -> dict[str, float]:
        """How good it is, by metric."""

    @property
    @abstractmethod
    def values(self) -> dict[str, Floats]:
        """By metric, a number a snapshot, shape (n,), whose mean is the metric; NaN on snapshots that do not count.

        So whatever is a mean, or to first order like one, is resampled in one way.
        """


@dataclass(frozen=True)
class SaidToHappen(Said):
    """Probability of what happens or not.

    Attributes:
        happened: whether it did, shape (n,).
        p: the probability, shape (n,).
        ranked: the snapshots by probability.
        within: the same within each cut-off.
    """

    happened: Booleans
    p: Floats
    ranked: Ranked
    within: Ranked

    @classmethod
    def of(cls, happened: Booleans, p: Floats, cutoff: Ints) -> "SaidToHappen":
        """From outcomes, probabilities and cut-offs, each of shape (n,)."""
        cutoffs, code = np.unique(cutoff, return_inverse=True)
        ranked = Ranked.of(happened, p)
        return cls(happened, p, ranked, Ranked.of(happened, p, code) if len(cutoffs) > 1 else ranked)

    def only(self, inside: Booleans) -> "SaidToHappen":
        """The same on the snapshots inside."""
        ranked = self.ranked.only(inside)
        within = ranked if self.within is self.ranked else self.within.only(inside)
        return SaidToHappen(self.happened[inside], self.p[inside], ranked, within)

    def scores(self) -> dict[str, float]:
        """Rate and mean probability, log loss, AUROC (over all rows, and within a cut-off), and so on."""
        gains = {share: metrics.gain(self.ranked, share) for share in SHARES}
        return {
            "observed": float(self.happened.mean()),
            "predicted": float(self.p.mean()),
            "log_loss": float(self._log_losses.mean()),
            "auroc": self.ranked.auroc,
            "auroc_within": self.within.auroc,
            "average_precision": self.ranked.average_precision,
            "brier": float(((self.p - self.happened) ** 2).mean()),
            "calibration_error": metrics.reliability(self.ranked).error,
            "calibration_error_by_chance": metrics.calibration_error_by_chance(self.ranked),
            **{f"lift_{share:.0%}".rstrip("%"): metrics.lift(self.ranked, share) for share in SHARES},
            **{f"gain_{share:.0%}".rstrip("%"): gain for share, gain in gains.items()},
        }

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Log loss and AUROC."""
        return {
            "log_loss": self._log_losses,
            "auroc": self.ranked.auroc_values,
            "auroc_within": self.within.auroc_values,
        }

    @cached_property
    def _log_losses(self) -> Floats:
        return metrics.log_losses(self.happened, self.p)


@dataclass(frozen=True)
class SaidToRegress(Said):
    """Probability of regression, which is also what a campaign is addressed by.

    A campaign speaks to customers who are not in regression yet: only they
    count in its profit.

    Attributes:
        said: the probability.
        kept: whether the customer is not in regression yet, shape (n,).
        costs: of a campaign.
    """

    said: SaidToHappen
    kept: Booleans
    costs: Costs

    def only(self, inside: Booleans) -> "SaidToRegress":
        """The same on the snapshots inside."""
        return SaidToRegress(self.said.only(inside), self.kept[inside], self.costs)

    def scores(self) -> dict[str, float]:
        """Those of any probability, and the profit of acting on it and EMPC, in money by customer addressed."""
        mean = [float(values[self.kept].mean()) if self.kept.any() else np.nan for values in self._profits]
        return self.said.scores() | dict(zip(PROFITS, mean, strict=True))

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Log loss, AUROC and both profits."""
        return self.said.values | dict(zip(PROFITS, self._profits, strict=True))

    def addressed(self) -> Ranked:
        """Customers who are not in regression yet, by probability; there must be one."""
        return self.said.ranked.only(self.kept)

    @cached_property
    def _profits(self) -> tuple[Floats, Floats]:
        profit, most = (np.full(len(self.kept), np.nan) for _ in range(2))
        if self.kept.any():
            profit[self.kept] = earned(self.said.happened[self.kept], self.said.p[self.kept], self.costs)
            most[self.kept] = most_earned(self.addressed(), self.costs)
        return profit, most


@dataclass(frozen=True)
class SaidOfStage(Said):
    """Distribution over the next stage, `p` (n, 4), and the stage that came (n,)."""

    came: Stages
    p: Floats

    def only(self, inside: Booleans) -> "SaidOfStage":
        """The same on the snapshots inside."""
        return SaidOfStage(self.came[inside], self.p[inside])

    def scores(self) -> dict[str, float]:
        """Log loss, ranked log loss, macro F1 of the most probable stage."""
        means = {name: float(values.mean()) for name, values in self.values.items()}
        return means | {"macro_f1": metrics.macro_f1(self.came, self.p.argmax(axis=1))}

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Log loss, ranked log loss."""
        return {
            "log_loss": metrics.stage_log_losses(self.came, self.p),
            "ranked_log_loss": metrics.ranked_stage_log_losses(self.came, self.p),
        }


@dataclass(frozen=True)
class SaidOfSpend(Said):
    """Expected net spend beside the net spend that came, in money."""

    ordered: metrics.Ordered

    def only(self, inside: Booleans) -> "SaidOfSpend":
        """The same on the snapshots inside."""
        return SaidOfSpend(self.ordered.only(inside))

    def scores(self) -> dict[str, float]:
        """Means, bias of the total, normalised Gini, Spearman's correlation, errors by decile."""
        deciles = self.ordered.deciles()
        return {
            "observed": float(self.ordered.spend.mean()),
            "predicted": float(self.ordered.predicted.mean()),
            "bias": self.ordered.bias,
            "gini": self.ordered.gini,
            "spearman": self.ordered.spearman,
            "decile_mape": metrics.mape_of(deciles),
            "decile_error": metrics.error_of(deciles),
        }

    @cached_property
    def values(self) -> dict[str, Floats]:
        """Bias of the total, normalised Gini."""
        return {"bias": self.ordered.bias_values, "gini": self.ordered.gini_values}


def said_of(forecasts: Forecasts, target: str, predictor: str, costs: Costs) -> Said:
    """What a predictor said of a target."""
    p = forecasts.said[target][predictor]
    if target == NEXT_STAGE:
        return SaidOfStage(forecasts.next_stage, p)
    if target == SPEND:
        return SaidOfSpend(metrics.Ordered.of(forecasts.spend, p))
    if target == REGRESSION:
        said = SaidToHappen.of(forecasts.next_stage == Stage.REGRESSION, p, forecasts.cutoff)
        return SaidToRegress(said, forecasts.stage != Stage.REGRESSION, costs)
    return SaidToHappen.of(forecasts.ordered, p, forecasts.cutoff)


Compared = Callable[[Floats, Floats], Floats]


def _less(mine: Floats, theirs: Floats) -> Floats:
    return mine - theirs


def _share(mine: Floats, theirs: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(theirs > 0, mine / theirs - 1, np.nan)


def _less_absolute(mine: Floats, theirs: Floats) -> Floats:
    return np.abs(mine) - np.abs(theirs)


COMPARISONS: dict[str, tuple[str, Compared]] = {
    "log_loss": ("log_loss", _less),
    "log_loss_share": ("log_loss", _share),
    "ranked_log_loss": ("ranked_log_loss", _less),
    "auroc": ("auroc", _less),
    "auroc_within": ("auroc_within", _less),
    "profit": ("profit", _less),
    "empc": ("empc", _less),
    "gini": ("gini", _less),
    "absolute_bias": ("bias", _less_absolute),
}
"""How two predictors are compared: by which of `Said.values`, and how their means make the difference.

Better is below zero for losses and the absolute bias of the total, above zero for the rest.
`log_loss_share` is relative: -0.02 is a log loss smaller by 2 %.
"""
