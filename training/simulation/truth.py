"""Read the truth at ticks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.clock import stamps
from features.fixed import Floats, Ints
from features.stages.moves import STAGES, Stages

_US = "datetime64[us]"


@dataclass(frozen=True)
class Truth:
    """What is true of customers; rows as in `Partition.truth`, sorted by customer, then time.

    Attributes:
        customers: customer ids in ascending order.
        starts: row at which each customer's rows begin, shape (customers + 1,).
        stage: as `Stage`, shape (rows,).
        begin: microsecond from which the row holds.
        end: first microsecond at which it no longer does.
        rate: needs a week that are met here, the season apart.
    """

    customers: npt.NDArray[np.object_]
    starts: Ints
    stage: Stages
    begin: Ints
    end: Ints
    rate: Floats

    @classmethod
    def of(cls, truth: pd.DataFrame) -> "Truth":
        """The truth of `Simulated.truth`."""
        customers, first = np.unique(truth["customer_id"].to_numpy(dtype=object), return_index=True)
        begin, end = (truth[name].to_numpy().astype(_US).astype(np.int64) for name in ("begin", "end"))
        stage = pd.Index(STAGES).get_indexer(pd.Index(truth["stage"])).astype(np.int8)
        return cls(customers, np.append(first, len(truth)), stage, begin, end, truth["rate"].to_numpy(dtype=np.float64))

    def rows_at(self, customer: Ints, tick: Ints) -> Ints:
        """Row that holds for a customer (position in `customers`) at a tick; -1 before its first order."""
        moment = stamps(tick).astype(_US).astype(np.int64)
        row = np.searchsorted(self._keys, _key(self._base, customer, moment), side="right") - 1
        return np.where(row >= self.starts[customer], row, -1)

    @property
    def _base(self) -> int:
        return int(self.begin.min())

    @property
    def _keys(self) -> Ints:
        customer = np.repeat(np.arange(len(self.customers)), np.diff(self.starts))
        return _key(self._base, customer, self.begin)


def _key(base: int, customer: Ints, moment: Ints) -> Ints:
    """Customer and second in one sortable number; all that comes before the base is one second before it."""
    return np.asarray(customer << 32 | (np.maximum((moment - base) // 1_000_000, -1) + 1))
