"""Unit price against the product's usual: what everybody paid for it on earlier days."""

from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.clock import Days
from features.fixed import UNIT, Floats, Ints, demand_summable, running
from features.history.dealing import deal
from features.orders.coded import Coded, Codes

_MOST = float(np.log(10))
_CHEAP = round(float(np.log(0.9)) * UNIT)

Lines = tuple[Codes, Days, Floats]
"""Product, day and unit price of each line."""


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
        demand_summable(price, "unit_price")
        entry_product, entry_day = np.empty(len(day), dtype=np.int32), np.empty(len(day), dtype=np.int32)
        total, count = np.empty(len(day), dtype=np.int64), np.empty(len(day), dtype=np.int64)
        lines, entries = (product.codes, day, price), (entry_product, entry_day)
        n = _sum_neighbours(lines, len(product.words), entries, (total, count))
        return cls._of(product.words, entry_product[:n], entry_day[:n], total[:n], count[:n])

    @classmethod
    def _of(cls, words: pa.LargeStringArray, product: Codes, day: Days, total: Ints, count: Ints) -> Self:
        """The same from sums of which several may be of one product and day, in any order."""
        if not len(product):
            return cls(words, np.zeros(len(words) + 1, dtype=np.int64), day, total, count)
        by_day, _ = deal(day - day.min(), int(day.max()) - int(day.min()) + 1, np.arange(len(day), dtype=np.int32))
        order, starts = deal(product, len(words), by_day)
        product, day = product[order], day[order]
        first = np.flatnonzero(np.append(True, (product[1:] != product[:-1]) | (day[1:] != day[:-1])))
        total, count = (np.add.reduceat(values[order], first) for values in (total, count))
        return cls(words, np.searchsorted(first, starts), day[first], total, count)

    def __add__(self, other: Self) -> Self:
        """Prices of both parts together."""
        both = pa.concat_arrays([self.words, other.words]).dictionary_encode()
        entries = np.concatenate([np.diff(self.starts), np.diff(other.starts)])
        product = np.repeat(both.indices.to_numpy(), entries)
        day, total, count = (
            np.concatenate([getattr(self, name), getattr(other, name)]) for name in ("day", "total", "count")
        )
        return self._of(both.dictionary, product, day, total, count)

    def relative(self, product: Coded, day: Days, price: Floats) -> Floats:
        """Log of each line's unit price over the product's mean price on all earlier days.

        Days on or after the line's own day are left out, so the value of a line
        never changes later. It is clipped to a factor of ten either way, and
        NaN where there is nothing to compare. Arguments are as in `of`.
        """
        ratio = np.full(len(day), np.nan)
        place = pc.index_in(product.words, value_set=self.words).fill_null(-1).to_numpy(zero_copy_only=False)
        sums = running(self.total), running(self.count)
        _over_usual((product.codes, day, price), place, (self.starts, self.day), sums, ratio)
        return np.clip(np.log(ratio, out=ratio), -_MOST, _MOST, out=ratio)


def is_cheap(relative: Floats) -> npt.NDArray[np.bool_]:
    """Which log ratios are, to a millionth, those of a price 10 % or more below the usual."""
    return np.rint(relative * UNIT) <= _CHEAP


@numba.njit(cache=True, nogil=True)
def _sum_neighbours(lines: Lines, products: int, entries: tuple[Codes, Days], sums: tuple[Ints, Ints]) -> int:
    """Sum up lines of one product and day as long as no other day comes between; in a log in time order that is all."""
    (product, day, price), (entry_product, entry_day), (total, count) = lines, entries, sums
    latest = np.full(products, -1)
    number = 0
    for line in range(len(day)):
        code = product[line]
        if code < 0 or not price[line] > 0:
            continue
        entry = latest[code]
        if entry < 0 or entry_day[entry] != day[line]:
            entry = latest[code] = number
            entry_product[entry], entry_day[entry], total[entry], count[entry] = code, day[line], 0, 0
            number += 1
        total[entry] += int(np.rint(price[line] * UNIT))
        count[entry] += 1
    return number


@numba.njit(cache=True, nogil=True)
def _over_usual(lines: Lines, place: Codes, bounds: tuple[Ints, Days], sums: tuple[Ints, Ints], ratio: Floats) -> None:
    """Price over the mean of earlier days, which is looked up once for neighbours of one product and day.

    Products of the lines stand at `place` in the table.
    """
    (product, days, price), (starts, entry_day), (totals, counts) = lines, bounds, sums
    asked, usual = np.full(len(place), np.iinfo(np.int32).min, dtype=np.int32), np.zeros(len(place))
    for line in range(len(ratio)):
        code, day = product[line], days[line]
        if code < 0 or place[code] < 0 or not price[line] > 0:
            continue
        if asked[code] != day:
            first, last = starts[place[code]], starts[place[code] + 1]
            until = first + np.searchsorted(entry_day[first:last], day)
            asked[code], usual[code] = day, 0.0
            if until > first:
                usual[code] = (totals[until] - totals[first]) / float(UNIT) / (counts[until] - counts[first])
        if usual[code] > 0:
            ratio[line] = price[line] / usual[code]
