"""A feature declares itself: its name, what it means, what it needs, how it is computed."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from features.fixed import Floats
from features.past import Past

WHOLE = frozenset({"count", "days", "code"})
"""Units of whole numbers; they stay below 2**24, so that float32 holds them all."""


@dataclass(frozen=True)
class Feature:
    """One number about a customer at a cut-off.

    Attributes:
        name: made from its parameters, for example `net_spend_13w`.
        meaning: one line in words.
        unit: days, money, count, share, ratio, ...; those of `WHOLE` say that
            every value is a whole number.
        compute: from a `Past` to an array of shape (n,).
        needs: optional order columns without which it does not exist.
        shop: whether it looks at other customers too.
        formula: how it is computed, in the symbols of `features.catalogue`.
        empty: its value where the window holds nothing: 0 or NaN; None where
            there is always something.
        family: name of the family that made it; filled in by the registry.
    """

    name: str
    meaning: str
    unit: str
    compute: Callable[[Past], Floats]
    needs: frozenset[str] = frozenset()
    shop: bool = False
    formula: str = ""
    empty: float | None = math.nan
    family: str = ""

    @property
    def dtype(self) -> str:
        """The smallest type that loses nothing: float32 for whole numbers, float64 for all others."""
        return "float32" if self.unit in WHOLE else "float64"


Family = Callable[[tuple[int, ...]], Iterator[Feature]]
"""From the windows, in weeks, to the features of one family."""


def ratio(top: npt.ArrayLike, bottom: npt.ArrayLike) -> Floats:
    """`top / bottom`, NaN where the bottom is zero."""
    quotient: Floats = _ratio(top, bottom)
    return quotient


def change(recent: npt.ArrayLike, before: npt.ArrayLike) -> Floats:
    """Relative change between two amounts, in [-1, 1]; NaN where both are zero."""
    changed: Floats = _change(recent, before)
    return changed


@numba.vectorize(["float64(float64, float64)"], cache=True)  # type: ignore[no-untyped-call]
def _ratio(top, bottom):  # type: ignore[no-untyped-def]
    return top / (bottom if bottom != 0 else np.nan)


@numba.vectorize(["float64(float64, float64)"], cache=True)  # type: ignore[no-untyped-call]
def _change(recent, before):  # type: ignore[no-untyped-def]
    size = abs(recent) + abs(before)
    return (recent - before) / (size if size != 0 else np.nan)
