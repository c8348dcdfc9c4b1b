"""Who moved since last week, and why: two weeks merged in the order of their customers, in bounded memory."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import StringConstraints

from features.config import Strict
from features.stages.moves import STAGES
from serving.contract import SCHEMA

COLUMNS = ("customer_id", "stage", "p_regression", "value_at_risk", "reasons")
"""Columns of the score table that are looked at."""

Batches = Iterable[pa.RecordBatch | pa.Table]
"""Rows of one week, customers ascending; of their columns `COLUMNS` are looked at."""

_SIDES = ("_before", "_now")


class Change(Strict):
    """One customer whose risk changed much.

    Attributes:
        customer_id: who, as in the orders.
        stage_before: stage a week ago.
        stage: stage now.
        p_before: probability of regression a week ago.
        p: and now.
        value_at_risk: now; None without money.
        reasons_before: the reasons a week ago.
        reasons: and now.
    """

    customer_id: Annotated[str, StringConstraints(strip_whitespace=False)]
    stage_before: str
    stage: str
    p_before: float
    p: float
    value_at_risk: float | None
    reasons_before: str
    reasons: str


class Moved(Strict):
    """The difference between two weeks.

    Attributes:
        as_of: the later cut-off.
        before: the earlier one.
        flow: customers of both weeks by stage then (outer) and now (inner).
        new: customers of the later week alone, by stage.
        gone: customers of the earlier week alone, by stage.
        risen: the largest rises of the probability of regression, largest first.
        fallen: the largest falls, largest first.
    """

    as_of: str
    before: str
    flow: dict[str, dict[str, int]]
    new: dict[str, int]
    gone: dict[str, int]
    risen: tuple[Change, ...]
    fallen: tuple[Change, ...]

    @property
    def entered(self) -> dict[str, int]:
        """Customers that are in a stage now and were not, new ones included, by stage."""
        return {now: self.new[now] + sum(self.flow[then][now] for then in STAGES if then != now) for now in STAGES}

    @property
    def left(self) -> dict[str, int]:
        """Customers that were in a stage and are not now, those gone included, by stage."""
        return {then: self.gone[then] + sum(self.flow[then][now] for now in STAGES if then != now) for then in STAGES}


def moved(before: Batches, now: Batches, when: tuple[str, str], most: int = 20) -> Moved:
    """The difference between two weeks.

    Args:
        before: the earlier week.
        now: the later one.
        when: their cut-offs, YYYY-MM-DD.
        most: largest changes of risk that are told each way.
    """
    flow, new, gone = np.zeros((4, 4), dtype=np.int64), np.zeros(4, dtype=np.int64), np.zeros(4, dtype=np.int64)
    risen = fallen = pd.DataFrame()
    for part in _merged(before, now):
        then, here = (pd.Categorical(part[f"stage{side}"], STAGES).codes for side in _SIDES)
        both = (then >= 0) & (here >= 0)
        np.add.at(flow, (then[both], here[both]), 1)
        new += np.bincount(here[then < 0], minlength=4)
        gone += np.bincount(then[here < 0], minlength=4)
        changes = part[both].assign(change=lambda rows: rows["p_regression_now"] - rows["p_regression_before"])
        risen = _largest(risen, changes[changes["change"] > 0], most)
        fallen = _largest(fallen, changes[changes["change"] < 0], most)
    return Moved(
        as_of=when[1],
        before=when[0],
        flow={then: dict(zip(STAGES, row, strict=True)) for then, row in zip(STAGES, flow.tolist(), strict=True)},
        new=dict(zip(STAGES, new.tolist(), strict=True)),
        gone=dict(zip(STAGES, gone.tolist(), strict=True)),
        risen=tuple(_changes(risen)),
        fallen=tuple(_changes(fallen)),
    )


def _largest(kept: pd.DataFrame, more: pd.DataFrame, most: int) -> pd.DataFrame:
    """The largest changes of both; of equal ones those of the customers that come first."""
    rows = pd.concat([kept, more]) if len(kept) else more
    return rows.loc[rows["change"].abs().sort_values(ascending=False, kind="stable").index[:most]]


def _changes(rows: pd.DataFrame) -> Iterator[Change]:
    for row in rows.to_dict("records"):
        at_risk = row["value_at_risk_now"]
        yield Change(
            customer_id=row["customer_id"],
            stage_before=row["stage_before"],
            stage=row["stage_now"],
            p_before=row["p_regression_before"],
            p=row["p_regression_now"],
            value_at_risk=None if pd.isna(at_risk) else at_risk,
            reasons_before=row["reasons_before"] or "",
            reasons=row["reasons_now"] or "",
        )


def _merged(before: Batches, now: Batches) -> Iterator[pd.DataFrame]:
    """Both weeks side by side, some customers at a time; numbered on, so that no two rows share an index."""
    sides, rows = (_Side(before), _Side(now)), 0
    while sides[0].more() | sides[1].more():  # both read on: no short cut
        until = min((side.last for side in sides if side.open), default=None)
        then, here = (side.take(until) for side in sides)
        part = then.merge(here, "outer", "customer_id", suffixes=_SIDES)
        part.index += rows
        rows += len(part)
        yield part


class _Side:
    """One week, read ahead as far as needed."""

    def __init__(self, batches: Batches) -> None:
        self._batches = iter(batches)
        self._rows: pd.DataFrame = SCHEMA.empty_table().select(list(COLUMNS)).to_pandas()
        self.open = True

    def more(self) -> bool:
        """Whether there are rows left; reads on where none are at hand."""
        while self._rows.empty and self.open:
            batch = next(self._batches, None)
            self.open = batch is not None
            if batch is not None:
                self._rows = batch.select(list(COLUMNS)).to_pandas()
        return not self._rows.empty

    @property
    def last(self) -> str:
        """The last customer at hand; those after may still come."""
        return str(self._rows["customer_id"].iloc[-1])

    def take(self, until: str | None) -> pd.DataFrame:
        """The rows at hand up to and with a customer; all of them where it is None."""
        ids = self._rows["customer_id"].to_numpy(dtype=object)
        end = len(ids) if until is None else int(np.searchsorted(ids, until, side="right"))
        taken, self._rows = self._rows.iloc[:end], self._rows.iloc[end:]
        return taken
