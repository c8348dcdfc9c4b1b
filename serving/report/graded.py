"""A grade as the report tells it: what was forecast beside what came, the model beside the simple ways."""

from dataclasses import dataclass

from features.grade import Beside, Grade, Promise


@dataclass(frozen=True)
class Outcome:
    """What was forecast of a graded week beside what came, in customers or in money.

    Attributes:
        target: of the forecast.
        said: the sum of the forecasts.
        came: what happened.
        promise: what the model had promised of this; None where it had promised nothing.
        scale: customers that were graded: promises are means.
    """

    target: str
    said: float
    came: float
    promise: Promise | None
    scale: int

    @property
    def off(self) -> float | None:
        """How much more was forecast than came, as a share of what came."""
        return self.said / self.came - 1 if self.came else None

    @property
    def most(self) -> float:
        """The larger of the two."""
        return max(self.said, self.came, 1e-9)

    @property
    def expected(self) -> tuple[float, float] | None:
        """The range in which it was to be expected."""
        return (self.promise.low * self.scale, self.promise.high * self.scale) if self.promise else None


def outcomes(grade: Grade) -> list[Outcome]:
    """What was forecast of a graded week beside what came: orders, regression, and spend where there is money."""
    counts = grade.counts
    came = {"order": counts.ordered, "regression": counts.regressed, "spend": counts.spend}
    said = {target: sum(d.customers * d.predicted for d in grade.deciles if d.target == target) for target in came}
    return [
        Outcome(target, said[target], happened, grade.promise(target, "observed"), counts.judged)
        for target, happened in came.items()
        if happened is not None and any(one.target == target for one in grade.deciles)
    ]


def against(beside: Beside) -> str:
    """Whether the model beat the best baseline: `pass`, `warn`, or `even` where the interval holds 0."""
    if beside.low <= 0 <= beside.high:
        return "even"
    less_is_better = beside.metric == "log_loss"
    return "pass" if (beside.high < 0) == less_is_better else "warn"
