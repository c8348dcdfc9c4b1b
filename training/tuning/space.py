"""Where parameters are looked for. The number of rounds is not among them: the loss curve of a trial gives it."""

from dataclasses import dataclass

from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution

from training.config import BoosterConfig

Parameters = dict[str, float]
"""Values of the parameters that are tuned, by name."""


@dataclass(frozen=True)
class Range:
    """From where to where; on a logarithmic scale or a plain one; whole numbers or any."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def including(self, value: float) -> "Range":
        """The range, made wide enough for a value; a logarithmic one stays above zero."""
        if self.log and value <= 0:
            return self
        return Range(min(self.low, value), max(self.high, value), self.log, self.whole)

    def nearest(self, value: float) -> float:
        """The value in the range that is nearest to this one."""
        return min(max(value, self.low), self.high)

    @property
    def distribution(self) -> BaseDistribution:
        """The range in the words of Optuna."""
        if self.whole:
            return IntDistribution(int(self.low), int(self.high), log=self.log)
        return FloatDistribution(self.low, self.high, log=self.log)

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}{', logarithmic' if self.log else ''}"


RANGES = {
    "learning_rate": Range(0.03, 0.2, log=True),  # a slower one takes twice as long for next to nothing
    "num_leaves": Range(3, 64, log=True, whole=True),
    "min_data_in_leaf": Range(10, 1000, log=True, whole=True),
    "feature_fraction": Range(0.1, 1.0),
    "bagging_fraction": Range(0.4, 1.0),
    "lambda_l2": Range(0.01, 100.0, log=True),
    "stage_feature_fraction": Range(0.1, 1.0),
}
"""Ranges of the parameters that are tuned."""


def ranges(present: BoosterConfig) -> dict[str, Range]:
    """The ranges, made wide enough for the present parameters, which are tried first."""
    return {name: span.including(getattr(present, name)) for name, span in RANGES.items()}


def present_parameters(present: BoosterConfig) -> Parameters:
    """The present values of what is tuned; a zero on a logarithmic scale becomes the least there is."""
    return {name: span.nearest(getattr(present, name)) for name, span in ranges(present).items()}
