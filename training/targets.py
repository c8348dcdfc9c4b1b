"""What a model is judged on: each target with what the model said of it, and how two forecasts of it compare."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

from features.fixed import Floats
from features.model.forecast import Forecast, Model
from features.stages.moves import Booleans
from training import metrics
from training.bootstrap import Interval, Resampling, paired_auroc_interval, paired_interval
from training.ladder import BINARY, binary_ladder, spend_ladder, stage_ladder
from training.table import Table


@dataclass(frozen=True)
class Target(ABC):
    """A target on some snapshots.

    Attributes:
        name: as it stands in tables.
        said: what the model said, shape (n,), or (n, 4) for stages.
        ladder: what each baseline said.
        later: the snapshots.
    """

    name: str
    said: Floats
    ladder: dict[str, Floats]
    later: Table

    @abstractmethod
    def scores(self, p: Floats) -> dict[str, float]:
        """How good a forecast is, by metric."""

    def differences(self, _baseline: Floats, _resampling: Resampling) -> dict[str, float]:
        """The model less a baseline, by metric, with the bounds of the interval; nothing where none is worked out."""
        return {}


class Happening(Target):
    """A target that happens or not."""

    @property
    def happened(self) -> Booleans:
        """Whether it did, shape (n,)."""
        return BINARY[self.name](self.later)

    def scores(self, p: Floats) -> dict[str, float]:
        """Log loss, AUROC, Brier score, calibration error, lift of the first tenth."""
        return {
            "log_loss": metrics.log_loss(self.happened, p),
            "auroc": metrics.auroc(self.happened, p),
            "brier": metrics.brier(self.happened, p),
            "calibration_error": metrics.calibration_error(self.happened, p),
            "lift_10": metrics.lift_at(self.happened, p, 0.1),
        }

    def differences(self, baseline: Floats, resampling: Resampling) -> dict[str, float]:
        """Log loss and AUROC."""
        customers = self.later.snapshots.customer
        mine, theirs = (metrics.log_losses(self.happened, p) for p in (self.said, baseline))
        loss = paired_interval(mine, theirs, customers, resampling)
        rank = paired_auroc_interval(self.happened, self.said, baseline, customers, resampling)
        return _columns("log_loss", loss) | _columns("auroc", rank)


class NextStage(Target):
    """The stage one period later."""

    def scores(self, p: Floats) -> dict[str, float]:
        """Log loss, macro F1 of the most probable stage."""
        came = self.later.labels.next_stage
        return {"log_loss": metrics.stage_log_loss(came, p), "macro_f1": metrics.macro_f1(came, p.argmax(axis=1))}

    def differences(self, baseline: Floats, resampling: Resampling) -> dict[str, float]:
        """Log loss."""
        mine, theirs = (metrics.stage_log_losses(self.later.labels.next_stage, p) for p in (self.said, baseline))
        return _columns("log_loss", paired_interval(mine, theirs, self.later.snapshots.customer, resampling))


class Spend(Target):
    """Net spend in the period."""

    def scores(self, p: Floats) -> dict[str, float]:
        """Bias of the total, normalised Gini, Spearman's correlation."""
        spend = self.later.labels.spend
        return {
            "bias": metrics.total_bias(spend, p),
            "gini": metrics.normalised_gini(spend, p),
            "spearman": metrics.spearman(spend, p),
        }


def targets(model: Model, forecast: Forecast, past: Table, later: Table) -> Iterator[Target]:
    """Every target that a model has a forecast of.

    Args:
        model: the model.
        forecast: what it says of `later`.
        past: snapshots the baselines are fitted on.
        later: snapshots to judge on.
    """
    period = model.spec.hold_days
    for name, p in (("order", forecast.p_order), ("regression", forecast.p_regression)):
        yield Happening(name, p, binary_ladder(name, past, later, period), later)
    yield NextStage("next stage", forecast.stages, stage_ladder(past, later), later)
    if "spend" in model.boosters:
        yield Spend("spend", forecast.expected_spend, spend_ladder(later, period), later)


def _columns(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
