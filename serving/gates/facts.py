"""The facts of a week: what gates, drift and report compare from week to week."""

from collections.abc import Iterable, Mapping
from typing import Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ValidationError

from features.config import Strict
from features.model.reference import P_BINS, p_count
from features.stages.moves import STAGES
from serving.gates.days import OrderDays

COUNTED = ("stage", "p_regression", "p_order", "expected_spend", "value_at_risk")
"""Columns of the score table that facts are counted from."""


FACTS = "week"
"""Under this name the facts of a week lie in its receipt."""


class Counts(Strict):
    """What is counted over the rows of a week; the counts of two groups of customers add up.

    Attributes:
        rows: customers.
        stages: customers in each stage, by name.
        p_regression: customers by probability of regression, in `P_BINS` equal bins.
        p_order: likewise by the probability of an order.
        sums: sums of `p_regression`, `p_order`, `expected_spend` and `value_at_risk`; money only where there is some.
    """

    rows: int
    stages: dict[str, int]
    p_regression: tuple[int, ...]
    p_order: tuple[int, ...]
    sums: dict[str, float]

    @classmethod
    def none(cls) -> Self:
        """Of nobody."""
        return cls(rows=0, stages=dict.fromkeys(STAGES, 0), p_regression=(0,) * P_BINS, p_order=(0,) * P_BINS, sums={})

    @classmethod
    def of(cls, rows: Iterable[pa.RecordBatch | pa.Table]) -> Self:
        """Counts of score rows; the columns `COUNTED` are looked at."""
        counted = cls.none()
        for batch in rows:
            counted += cls._of(batch)
        return counted

    @classmethod
    def _of(cls, batch: pa.RecordBatch | pa.Table) -> Self:
        stages = [pc.sum(pc.equal(batch.column("stage"), name)).as_py() or 0 for name in STAGES]
        sums = {name: pc.sum(batch.column(name)).as_py() for name in COUNTED[1:]}
        return cls(
            rows=batch.num_rows,
            stages=dict(zip(STAGES, stages, strict=True)),
            p_regression=tuple(p_count(batch.column("p_regression").to_numpy(zero_copy_only=False)).tolist()),
            p_order=tuple(p_count(batch.column("p_order").to_numpy(zero_copy_only=False)).tolist()),
            sums={name: float(total) for name, total in sums.items() if total is not None},
        )

    def __add__(self, other: Self) -> Self:
        """Both groups of customers together."""
        return type(self)(
            rows=self.rows + other.rows,
            stages={name: self.stages[name] + other.stages[name] for name in STAGES},
            p_regression=tuple(a + b for a, b in zip(self.p_regression, other.p_regression, strict=True)),
            p_order=tuple(a + b for a, b in zip(self.p_order, other.p_order, strict=True)),
            sums={n: self.sums.get(n, 0.0) + other.sums.get(n, 0.0) for n in self.sums.keys() | other.sums.keys()},
        )


class WeekFacts(Strict):
    """A week in numbers; small, of no customer by name, and kept in its receipt.

    Attributes:
        as_of: the cut-off, YYYY-MM-DD.
        model: registered name and version, as in `stagecast/3`.
        spec_hash: of the stage spec; stages of two specs cannot be compared.
        counts: of the rows.
        lost: customers lost, a part of those in regression.
        orders: what came in on each day.
        drift: customers in each bin of each feature of the model's reference; None without one.
    """

    as_of: str
    model: str
    spec_hash: str
    counts: Counts
    lost: int
    orders: OrderDays
    drift: dict[str, tuple[int, ...]] | None = None

    @classmethod
    def kept_in(cls, facts: Mapping[str, object]) -> Self | None:
        """The facts of a week among those that its receipt keeps; None where this version can read none."""
        try:
            return cls.model_validate(facts[FACTS])
        except (KeyError, ValidationError):
            return None

    @property
    def new_customers(self) -> int:
        """Customers whose first order-day lies in the week before the cut-off."""
        return sum(self.orders.newcomers[-7:])

    @property
    def orders_until(self) -> str | None:
        """The last day with an order line, YYYY-MM-DD; None where the days looked at have none."""
        return self.orders.until

    def mean(self, name: str) -> float:
        """Mean of `p_regression`, `p_order`, `expected_spend` or `value_at_risk`; NaN where there is none."""
        return self.counts.sums.get(name, float("nan")) / max(self.counts.rows, 1)
