"""Amounts by stage: sums over sums, kept by customer, so that whole customers can be drawn."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from features.fixed import Floats, Ints
from features.history import Codes
from features.stages.spells import PLACES

SHORTER, LONGER, ELSEWHERE = range(len(PLACES), len(PLACES) + 3)
"""Places that are no stages: customers by the length of their life cycle, and customers outside a stage."""

STAGE_GROUPS: dict[str, tuple[int, ...]] = {
    "examination": (0,),
    "formative": (1,),
    "stable": (2,),
    "regression": (3, 4, 5),
    "slipping": (3,),
    "silent": (4,),
    "lost": (5,),
    "regression without the lost": (3, 4),
    "everyone": (0, 1, 2, 3, 4, 5),
    "everyone without the lost": (0, 1, 2, 3, 4),
}
GROUPS = STAGE_GROUPS | {"shorter": (SHORTER,), "longer": (LONGER,), "elsewhere": (ELSEWHERE,)}
"""Groups of places, by name."""


class Evidence(Protocol):
    """What a claim rests on: one estimate a group, from whole customers with weights."""

    def narrowed(self, groups: tuple[str, ...]) -> "Narrowed":
        """The evidence on some groups."""
        ...


class Narrowed(Protocol):
    """Evidence on some groups; `customers` and `rows` have shape (groups,)."""

    @property
    def customers(self) -> Ints:
        """Customers behind each group's estimate."""
        ...

    @property
    def rows(self) -> Ints:
        """Snapshots, orders or stays behind each group's estimate."""
        ...

    @property
    def present_customers(self) -> int:
        """Customers behind any of the estimates."""
        ...

    def estimates(self, weights: Floats) -> Floats:
        """One estimate a group, shape (groups,), with customers weighted by `weights` (customers,)."""
        ...


@dataclass(frozen=True)
class Amounts:
    """A measure as a sum over a sum: top over bottom, of rows in places.

    Attributes:
        customer: customer code of each row, shape (n,).
        place: place of each row, shape (n,).
        top: what is summed, shape (n,).
        bottom: what it is divided by, shape (n,); a row with 0 above and below does not count.
        logs: the quotient is a mean of logarithms, and its exponential is told.
        left_out: rows left out because their window is not finished.
    """

    customer: Codes
    place: Ints
    top: Floats
    bottom: Floats
    logs: bool = False
    left_out: int = 0

    def kept(self, rows: np.ndarray) -> "Amounts":
        """Some of the rows."""
        return replace(
            self, customer=self.customer[rows], place=self.place[rows], top=self.top[rows], bottom=self.bottom[rows]
        )

    def with_top(self, top: Floats) -> "Amounts":
        """The same rows with something else summed."""
        return replace(self, top=top)

    def with_place(self, place: Ints) -> "Amounts":
        """The same rows in other places."""
        return replace(self, place=place)

    def rate(self, group: str) -> float:
        """The quotient of one group; NaN where it has no rows."""
        narrowed = self.narrowed((group,))
        return float(narrowed.estimates(np.ones(self._size))[0])

    def narrowed(self, groups: tuple[str, ...]) -> "Sums":
        """Sums of some groups by customer."""
        masks = [np.isin(self.place, GROUPS[group]) & ((self.bottom != 0) | (self.top != 0)) for group in groups]
        columns = [self._by_customer(values, mask) for mask in masks for values in (self.top, self.bottom)]
        table = np.array(columns).reshape(2 * len(groups), self._size)
        present = np.flatnonzero((table != 0).any(axis=0))
        rows = np.array([mask.sum() for mask in masks])
        return Sums(present, np.ascontiguousarray(table[:, present]), rows, self.logs)

    @property
    def _size(self) -> int:
        return int(self.customer.max(initial=-1)) + 1

    def _by_customer(self, values: Floats, mask: np.ndarray) -> Floats:
        return np.bincount(self.customer[mask], weights=values[mask], minlength=self._size).astype(np.float64)


@dataclass(frozen=True)
class Sums:
    """Sums of some groups by customer.

    Attributes:
        present: codes of the customers that have rows, shape (p,).
        table: top and bottom of each group in turn, shape (2 groups, p).
        rows: rows of each group, shape (groups,).
        logs: as in `Amounts`.
    """

    present: Codes
    table: Floats
    rows: Ints
    logs: bool

    @property
    def customers(self) -> Ints:
        """Customers behind each group's estimate."""
        return np.asarray((self.table[1::2] != 0).sum(axis=1))

    @property
    def present_customers(self) -> int:
        """Customers behind any of the estimates."""
        return len(self.present)

    def estimates(self, weights: Floats) -> Floats:
        """Top over bottom of each group, with weighted customers; NaN where the bottom is not positive."""
        sums = np.einsum("kc,c->k", self.table, weights[self.present])
        tops, bottoms = sums[::2], sums[1::2]
        rates = np.divide(tops, bottoms, out=np.full(len(tops), np.nan), where=bottoms > 0)
        return np.asarray(np.exp(rates)) if self.logs else rates
