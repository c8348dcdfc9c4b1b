"""The customers with the most at stake, found while the rows stream by."""

import numpy as np
import pyarrow as pa

from features.fixed import Floats
from features.stages.moves import Booleans, Stage
from serving.report.input import Customer
from serving.report.sums import codes, numbers

COLUMNS = (
    *("customer_id", "stage", "stage_since", "p_regression", "p_order"),
    *("expected_orders_52w", "expected_spend_52w", "value_at_risk", "reasons"),
)
"""Columns of the score table that a list of customers needs."""


class Top:
    """The `most` customers with the most at stake, of those in regression or of the others.

    At stake is the value at risk; without money the probability of regression
    times the orders of 52 weeks, or the probability alone where these are not
    known either. Of equals the first by id comes first.
    """

    def __init__(self, most: int, regression: bool) -> None:
        self._most, self._regression = most, regression
        self._best: pa.Table | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in some rows."""
        mine = np.flatnonzero((codes(batch.column("stage")) == Stage.REGRESSION) == self._regression)
        rows = pa.Table.from_batches([batch.select(COLUMNS)])
        chosen = self._first(rows.take(mine))
        self._best = chosen if self._best is None else self._first(pa.concat_tables([self._best, chosen]))

    def customers(self) -> tuple[Customer, ...]:
        """Those found, the most at stake first."""
        return tuple(_customer(row) for row in self._best.to_pylist()) if self._best else ()

    def _first(self, rows: pa.Table) -> pa.Table:
        size = at_stake(rows)
        enough = np.flatnonzero(_not_below(size, self._most))
        ids = rows.column("customer_id").take(enough).to_pylist()
        order = sorted(range(len(ids)), key=lambda place: (-size[enough[place]], ids[place]))
        return rows.take(enough[order[: self._most]])


def at_stake(rows: pa.Table) -> Floats:
    """What is at stake with each customer, shape (n,)."""
    value, risk, orders = (numbers(rows, name) for name in ("value_at_risk", "p_regression", "expected_orders_52w"))
    if np.isfinite(value).any():
        return np.nan_to_num(value)
    return risk * np.nan_to_num(orders) if np.isfinite(orders).any() else risk


def _not_below(size: Floats, most: int) -> Booleans:
    """Who is among the `most` largest, ties at the edge included."""
    if most == 0 or len(size) == 0:
        return np.zeros(len(size), dtype=bool)
    edge = np.partition(size, -min(most, len(size)))[-min(most, len(size))]
    return np.asarray(size >= edge)


def _customer(row: dict[str, object]) -> Customer:
    return Customer.model_validate(
        {
            "customer": row["customer_id"],
            "stage": row["stage"],
            "since": f"{row['stage_since']:%Y-%m-%d}",
            "risk": row["p_regression"],
            "p_order": row["p_order"],
            "spend_52w": row["expected_spend_52w"],
            "at_risk": row["value_at_risk"],
            "reasons": row["reasons"],
        }
    )
