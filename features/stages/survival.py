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
    times, events = np.unique(waited[returned], return_counts=True)
    at_risk = len(waited) - np.searchsorted(np.sort(waited), times, side="left")
    kept = at_risk >= fewest_at_risk
    waiting = np.asarray(np.cumprod(1 - events[kept] / at_risk[kept]), dtype=np.float64)
    return Survival(times[kept], waiting, int(events[kept].sum()))
