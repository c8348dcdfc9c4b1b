"""Kaplan-Meier curve of the time to an event that some are still waiting for."""

from dataclasses import dataclass

import numpy as np

from features.fixed import Floats, Ints


@dataclass(frozen=True)
class Survival:
    """Share still waiting after each time.

    Attributes:
        times: times at which events happened, ascending, shape (k,).
        waiting: S(t), the share that waits longer than each time, shape (k,).
        events: number of events seen.
    """

    times: Ints
    waiting: Floats
    events: int

    @property
    def returning(self) -> float:
        """Share that returns within the longest time followed up."""
        return float(1 - self.waiting[-1]) if len(self.waiting) else 0.0

    def quantile(self, q: float, within: float = np.inf) -> float:
        """Time by which the share `q` of those who return `within` some time have returned; NaN where nobody did."""
        known = int(np.searchsorted(self.times, within, side="right"))
        if not known:
            return float("nan")
        returned = 1 - self.waiting[:known]
        position = int(np.searchsorted(returned, q * returned[-1] - 1e-12))
        return float(self.times[min(position, known - 1)])


def kaplan_meier(waited: Ints, returned: np.ndarray, fewest_at_risk: int = 1) -> Survival:
    """Product-limit estimate of the time to the next order.

    Those who have not returned yet count as waiting as long as they were
    followed (Kaplan and Meier 1958, "Nonparametric estimation from incomplete
    observations", JASA 53).

    Args:
        waited: days from each order-day to the next one, or to the end of the
            follow-up, shape (n,).
        returned: whether the next order was seen, shape (n,).
        fewest_at_risk: times at which fewer are still followed are left out,
            since the curve is noise there.
    """
    length = int(waited.max(initial=0)) + 1
    came, waiting = (np.bincount(waited[kind], minlength=length) for kind in (returned, ~returned))
    return survival_of(came, waiting, fewest_at_risk)


def survival_of(came: Ints, waiting: Ints, fewest_at_risk: int = 1) -> Survival:
    """The same from counts: how many waits an order ended, and how many were lost sight of, at each number of days."""
    at_risk = np.cumsum((came + waiting)[::-1])[::-1]
    times = np.flatnonzero((came > 0) & (at_risk >= fewest_at_risk))
    share = np.cumprod(1 - came[times] / at_risk[times]).astype(np.float64)
    return Survival(times, share, int(came[times].sum()))
