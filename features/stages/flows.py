"""Where customers move: flows between places from tick to tick, and how long they stay."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from features.fixed import Floats, Ints
from features.stages.moves import Booleans, Stage, legal_moves
from features.stages.spells import PLACES, Spells
from features.stages.survival import kaplan_meier

FEWEST_STAYING = 10
"""With fewer customers left a curve of stays is noise, and is not drawn on."""


def flow(spells: Spells, earlier: int, later: int) -> Ints:
    """Customers by where they stood at two ticks.

    Args:
        spells: of all customers, up to `later` at least.
        earlier: a tick.
        later: a later tick.

    Returns:
        Shape (7, 6): place earlier (the last row: newcomers, not known yet),
        place later, both in the order of `PLACES`.
    """
    before, after = spells.at(earlier), spells.at(later)
    position = np.searchsorted(spells.customer[after], spells.customer[before])
    origin = np.full(len(after), len(PLACES))
    origin[position] = spells.place[before]
    cells = origin * len(PLACES) + spells.place[after]
    return np.bincount(cells, minlength=(len(PLACES) + 1) * len(PLACES)).reshape(-1, len(PLACES))


def moves_between(spells: Spells, ticks: list[int]) -> Ints:
    """Customers by place at a tick and at the following one, over all pairs of neighbours, shape (6, 6)."""
    counts = np.zeros((len(PLACES), len(PLACES)), dtype=np.int64)
    for earlier, later in pairwise(ticks):
        counts += flow(spells, earlier, later)[:-1]
    return counts


def open_moves() -> Booleans:
    """Whether anybody may stand in a place one period after another, shape (6, 6)."""
    stage = np.array([*range(Stage.REGRESSION), *[Stage.REGRESSION] * 3], dtype=np.int8)
    return legal_moves(stage, np.zeros(len(stage), dtype=bool))[:, stage]


@dataclass(frozen=True)
class Staying:
    """Share of stays in a stage that last longer than a time; every array has shape (k,).

    Attributes:
        days: times at which some left, ascending.
        share: S(t), Kaplan-Meier.
        low: lower end of the 95 % interval.
        high: upper end.
        stays: number of stays looked at.
    """

    days: Ints
    share: Floats
    low: Floats
    high: Floats
    stays: int

    @property
    def median(self) -> float:
        """Time that half of the stays outlast; NaN where more than half were still going on."""
        below = np.flatnonzero(self.share <= 0.5)
        return float(self.days[below[0]]) if len(below) else float("nan")


def staying(spells: Spells, stage: Stage) -> Staying:
    """How long stays in a stage last; those that go on at the last tick count as lasting that long.

    The interval is Greenwood's, on the scale of log(-log S), which keeps it
    inside 0 and 1 (Kalbfleisch and Prentice 2002, "The statistical analysis of
    failure time data", section 1.4). Several stays of one customer count as
    independent.
    """
    stays = spells.stays()
    stays = stays.only(stays.stage == stage)
    days = stays.lasted
    curve = kaplan_meier(days, stays.closed, FEWEST_STAYING)
    at_risk = len(days) - np.searchsorted(np.sort(days), curve.times)
    low, high = _interval(curve.waiting, at_risk)
    return Staying(curve.times, curve.waiting, low, high, len(stays))


def _interval(share: Floats, at_risk: Ints) -> tuple[Floats, Floats]:
    """Greenwood's interval; a curve that has come down to nothing has none."""
    kept = np.flatnonzero(share > 0)
    ends = np.zeros((2, len(share)))
    step = share[kept] / np.append(1.0, share[kept][:-1])
    spread = np.sqrt(np.cumsum((1 - step) / (step * at_risk[kept]))) / np.abs(np.log(share[kept]))
    ends[:, kept] = share[kept] ** np.exp(1.959964 * np.stack([spread, -spread]))
    return ends[0], ends[1]
