"""What a week comes to: sums over its rows, which are streamed."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.fixed import Floats, Ints
from features.stages.moves import STAGES, Stage
from serving.contract import PROBABILITIES
from serving.report.input import Band, Sums

COLUMNS = ("stage", *PROBABILITIES, "expected_spend", "value_at_risk")
"""Columns of the score table that are summed up."""

EDGES = (0.0, 0.05, 0.2, 0.5, 0.8, 1.0)
"""Edges of the bands of risk; the last one holds certainty, too."""

_NUMBERS = COLUMNS[1:]
_MONEY = ("expected_spend", "value_at_risk")


class Totals:
    """Sums by stage and by band of risk; batches of rows are added one by one."""

    def __init__(self) -> None:
        self._customers = np.zeros(len(STAGES), dtype=np.int64)
        self._sums, self._bands = np.zeros((len(STAGES), len(_NUMBERS))), np.zeros((len(EDGES) - 1, 2))
        self._known = np.zeros(len(_NUMBERS), dtype=bool)

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in some rows."""
        stage = codes(batch.column("stage"))
        values = np.column_stack([numbers(batch, name) for name in _NUMBERS])
        self._known |= np.isfinite(values).any(axis=0)
        values = np.nan_to_num(values)
        self._customers += np.bincount(stage, minlength=len(STAGES))
        for code in range(len(STAGES)):
            self._sums[code] += values[stage == code].sum(axis=0)
        self._add_bands(values[stage != Stage.REGRESSION])

    def _add_bands(self, here: Floats) -> None:
        band = np.digitize(here[:, _NUMBERS.index("p_regression")], EDGES[1:-1])
        self._bands[:, 0] += np.bincount(band, minlength=len(EDGES) - 1)
        self._bands[:, 1] += np.bincount(band, here[:, _NUMBERS.index("value_at_risk")], len(EDGES) - 1)

    def stages(self) -> dict[str, Sums]:
        """The sums of each stage, in the order of the stages."""
        return {stage: self._of(code) for code, stage in enumerate(STAGES)}

    def _of(self, code: int) -> Sums:
        sums = dict(zip(_NUMBERS, self._sums[code].tolist(), strict=True))
        spend, at_risk = (sums[name] if self._has(name) else None for name in _MONEY)
        later = {stage: sums[f"p_{stage}"] for stage in STAGES}
        customers = int(self._customers[code])
        return Sums(customers=customers, next_stages=later, ordering=sums["p_order"], spend=spend, at_risk=at_risk)

    def bands(self) -> tuple[Band, ...]:
        """Customers not in regression by risk."""
        money = self._has("value_at_risk")
        return tuple(
            Band(low=low, high=high, customers=int(customers), at_risk=at_risk if money else None)
            for low, high, (customers, at_risk) in zip(EDGES[:-1], EDGES[1:], self._bands.tolist(), strict=True)
        )

    def _has(self, name: str) -> bool:
        return bool(self._known[_NUMBERS.index(name)])


def totals(rows: Iterable[pa.RecordBatch]) -> Totals:
    """The sums over the rows of a week."""
    found = Totals()
    for batch in rows:
        found.add(batch)
    return found


def codes(stages: pa.Array) -> Ints:
    """The code of each stage, shape (n,), by its name."""
    return np.asarray(pc.index_in(stages, pa.array(STAGES)), dtype=np.int64)


def numbers(batch: pa.RecordBatch, name: str) -> Floats:
    """A column, shape (n,); NaN for null."""
    return np.asarray(batch.column(name).to_numpy(zero_copy_only=False), dtype=np.float64)
