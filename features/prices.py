"""Unit price against the product's usual: what everybody paid for it on earlier days."""

import numpy as np
import numpy.typing as npt

from features.fixed import UNIT, Floats, Ints, from_fixed, running, to_fixed

_MOST = float(np.log(10))
_CHEAP = round(float(np.log(0.9)) * UNIT)


def relative_prices(product: Ints, day: Ints, price: Floats) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Log of each line's unit price over the product's mean price on all earlier days.

    Days on or after the line's own day are left out, so the value of a line
    never changes later. It is clipped to a factor of ten either way.

    Args:
        product: code of each line's product, -1 for a line to leave out.
        day: day number of each line.
        price: positive unit price of each line that is not left out.

    Returns:
        The log ratio of each line in millionths (0 where there is none), and
        which lines have one, both of shape (lines,).
    """
    relative, comparable = np.zeros(len(product)), product >= 0
    usual = _usual(product[comparable], day[comparable], price[comparable])
    known = usual > 0  # NaN is not
    comparable[comparable] = known
    relative[comparable] = np.clip(np.log(price[comparable] / usual[known]), -_MOST, _MOST)
    return to_fixed(relative, "relative price"), comparable


def is_cheap(relative: Ints) -> npt.NDArray[np.bool_]:
    """Which log ratios, in millionths, are those of a price 10 % or more below the usual."""
    return relative <= _CHEAP


def _usual(product: Ints, day: Ints, price: Floats) -> Floats:
    """Mean price of the line's product over earlier days; NaN on its first day."""
    if len(product) == 0:
        return np.empty(0)
    origin = int(day.min())
    width = int(day.max()) - origin + 1
    keys, inverse = np.unique(product * width + (day - origin), return_inverse=True)
    total = np.zeros(len(keys), dtype=np.int64)
    np.add.at(total, inverse, to_fixed(price, "unit_price"))
    count = np.bincount(inverse).astype(np.int64)
    first_of_product = np.searchsorted(keys // width, keys // width, side="left")
    earlier = _sum_since(count, first_of_product)
    with np.errstate(invalid="ignore"):
        mean = from_fixed(_sum_since(total, first_of_product)) / earlier
    return mean[inverse]


def _sum_since(values: Ints, first: Ints) -> Ints:
    """Sum of the values from `first` up to, not with, each position."""
    totals = running(values)
    return totals[:-1] - totals[first]
