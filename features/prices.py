"""Unit price against the product's usual: what everybody paid for it on earlier days."""

from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.clock import Days
from features.dealing import Places, deal, sum_runs
from features.fixed import UNIT, Floats, Ints, running, to_fixed
from features.orders.coded import Coded, Codes

_MOST = float(np.log(10))
_CHEAP = round(float(np.log(0.9)) * UNIT)


@dataclass(frozen=True)
class UsualPrices:
    """What was paid for each product on each day; the prices of two parts of a log add up.

    Attributes:
        words: products, each one once.
        starts: entry at which each product's days begin, shape (products + 1,).
        day: days with a price, ascending within a product, shape (entries,).
        total: sum of the unit prices of a day in millionths, shape (entries,).
        count: lines with a price on a day, shape (entries,).
    """

    words: pa.LargeStringArray
    starts: Ints
    day: Days
    total: Ints
    count: Ints

    @classmethod
    def of(cls, product: Coded, day: Days, price: Floats) -> Self:
        """Prices of lines.

        Args:
            product: product of each line; a line without one is left out.
            day: day number of each line.
            price: unit price of each line; one that is not positive is left out.
        """
        lines = np.flatnonzero((product.codes >= 0) & (price > 0)).astype(np.int32)
        counts = np.ones(len(lines), dtype=np.int64)
        return cls._of(product.words, product.codes[lines], day[lines], (to_fixed(price[lines], "unit_price"), counts))

    @classmethod
    def _of(cls, words: pa.LargeStringArray, product: Codes, day: Days, sums: tuple[Ints, Ints]) -> Self:
        order, starts = _by_product(product, len(words), day)
        first = np.flatnonzero(_is_new(product[order], day[order]))
        total, count = (sum_runs(values[order], first) if len(first) else values for values in sums)
        return cls(words, np.searchsorted(first, starts), day[order][first], total, count)

    def __add__(self, other: Self) -> Self:
        """Prices of both parts together."""
        both = pa.concat_arrays([self.words, other.words]).dictionary_encode()
        entries = np.concatenate([np.diff(self.starts), np.diff(other.starts)])
        product = np.repeat(both.indices.to_numpy(), entries)
        day, total, count = (
            np.concatenate([getattr(self, name), getattr(other, name)]) for name in ("day", "total", "count")
        )
        return self._of(both.dictionary, product, day, (total, count))

    def before(self, product: Coded, day: Days) -> Floats:
        """Mean price of each line's product over the days before the line's own; NaN where there is none."""
        usual = np.full(len(day), np.nan)
        place = pc.index_in(product.words, value_set=self.words).fill_null(-1).to_numpy()
        sums = running(self.total), running(self.count)
        _mean_before((product.spread(place, -1), day), (self.starts, self.day), sums, usual)
        return usual


def relative_prices(price: Floats, usual: Floats) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Log of each line's unit price over the usual one, clipped to a factor of ten either way.

    Args:
        price: unit price of each line; one that is not positive is compared with nothing.
        usual: mean price of the line's product on earlier days, NaN or 0 where there is none.

    Returns:
        The log ratio of each line in millionths (0 where there is none), and
        which lines have one, both of shape (lines,).
    """
    comparable = (usual > 0) & (price > 0)  # NaN is not
    relative = np.zeros(len(price))
    relative[comparable] = np.clip(np.log(price[comparable] / usual[comparable]), -_MOST, _MOST)
    return to_fixed(relative, "relative price"), comparable


def is_cheap(relative: Ints) -> npt.NDArray[np.bool_]:
    """Which log ratios, in millionths, are those of a price 10 % or more below the usual."""
    return relative <= _CHEAP


def _by_product(product: Codes, products: int, day: Days) -> tuple[Places, Ints]:
    origin = int(day.min(initial=0))
    since = day - origin
    by_day, _ = deal(since, int(since.max(initial=0)) + 1, np.arange(len(day), dtype=np.int32))
    return deal(product, products, by_day)


def _is_new(product: Codes, day: Days) -> npt.NDArray[np.bool_]:
    new = np.ones(len(product), dtype=bool)
    new[1:] = (product[1:] != product[:-1]) | (day[1:] != day[:-1])
    return new


@numba.njit(cache=True, nogil=True)
def _mean_before(lines: tuple[Ints, Days], bounds: tuple[Ints, Days], sums: tuple[Ints, Ints], mean: Floats) -> None:
    (products, days), (starts, entry_day), (totals, counts) = lines, bounds, sums
    for line in range(len(mean)):
        product = products[line]
        if product < 0:
            continue
        first, last = starts[product], starts[product + 1]
        if first == last or days[line] <= entry_day[first]:
            continue
        most = min(first + days[line] - entry_day[first], last)  # one entry a day at most
        if entry_day[most - 1] >= days[line]:
            most = first + np.searchsorted(entry_day[first:most], days[line])
        mean[line] = (totals[most] - totals[first]) / 1e6 / (counts[most] - counts[first])
