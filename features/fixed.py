"""Exact sums: quantities are whole numbers of millionths inside stagecast.

Sums of int64 are exact, so neither the order of the rows, nor other
customers, nor a partition of the work can change a bit of a feature; and a
sum over any window is the difference of two running totals, even when these
wrap around.
"""

import numpy as np
import numpy.typing as npt

from features.errors import DataError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

UNIT = 1_000_000
_LARGEST = float(np.iinfo(np.int64).max // UNIT)


def to_fixed(values: npt.ArrayLike, what: str) -> Ints:
    """Numbers as whole millionths; missing ones count as zero.

    Raises:
        DataError: the absolute values add up to more than int64 can hold, so
            that a customer's total could be wrong.
    """
    numbers = np.nan_to_num(np.asarray(values, dtype=np.float64), nan=0.0)
    total = float(np.abs(numbers).sum())
    if total > _LARGEST:
        raise DataError(
            f"the column '{what}' is too large to be summed exactly",
            got=f"{total:.3g} in total, signs left out",
            allowed=f"up to {_LARGEST:.3g}",
            remedy="give the column in a larger unit, or lower [orders] largest_amount so that outliers are set aside",
        )
    return np.rint(numbers * UNIT).astype(np.int64)


def from_fixed(values: Ints) -> Floats:
    """Whole millionths as ordinary numbers."""
    return values / float(UNIT)


def running(values: Ints) -> Ints:
    """Running totals with a leading zero, so that the sum of `v[i:j]` is the difference of entries j and i."""
    totals = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=totals[1:])
    return totals
