"""A feature declares itself: its name, what it means, what it needs, how it is computed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from features.fixed import Floats
from features.snapshots import Past


@dataclass(frozen=True)
class Feature:
    """One number about a customer at a cut-off.

    Attributes:
        name: made from its parameters, for example `net_spend_13w`.
        meaning: one line in words.
        unit: days, money, count, share, ratio, ...
        compute: from a `Past` to an array of shape (n,).
        needs: optional order columns without which it does not exist.
        shop: whether it looks at other customers too.
        family: name of the family that made it; filled in by the registry.
    """

    name: str
    meaning: str
    unit: str
    compute: Callable[[Past], Floats]
    needs: frozenset[str] = frozenset()
    shop: bool = False
    family: str = ""


Family = Callable[[tuple[int, ...]], Iterator[Feature]]
"""From the windows, in weeks, to the features of one family."""


def ratio(top: Floats, bottom: Floats) -> Floats:
    """`top / bottom`, NaN where the bottom is zero."""
    quotient: Floats = np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom != 0)
    return quotient


def change(recent: Floats, before: Floats) -> Floats:
    """Relative change between two non-negative amounts, in [-1, 1]; NaN where both are zero."""
    return ratio(recent - before, np.abs(recent) + np.abs(before))
