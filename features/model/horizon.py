"""An order within any number of days: how what a model says of its own period is carried on.

Two ways lead on from the period P, and the mean of their log odds is said.

1. What the model knows beyond MBG/NBD about the period is kept in log odds:
   logit p(h) = logit MBG/NBD(h) + (logit p(P) - logit MBG/NBD(P)).
2. Period by period, as long as no order comes: the first is the model's, each later one `Onward`'s for a customer
   who is silent for so much longer, so 1 - p(kP) is the product of their complements (Singer, Willett (1993), "It's
   about time: using discrete-time survival analysis", Journal of Educational Statistics 18(2)). Within a period the
   hazard is constant.

Both grow with the days, and at P both are the model's.

The season of the cut-off belongs to its period: it moves the hazard there, and what comes later is as without it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.fixed import Floats
from features.model.onward import Onward, Seen
from features.model.waiting import LEAST, Waiting


@dataclass(frozen=True)
class Horizon:
    """Customers who are waited for.

    Attributes:
        first: log odds of an order in the period without its season, shape (n,).
        period_days: its length.
        longest: days that will be asked for at most.
        seen: what is known of them.
        waiting: MBG/NBD.
        onward: what comes after a period without an order; without it the first way is gone alone.
        season: what is added to `first`, one number or one a customer.
    """

    first: Floats
    period_days: int
    longest: int
    seen: Seen
    waiting: Waiting
    onward: Onward | None
    season: Floats | float = 0.0

    def logit(self, days: Floats | float) -> Floats:
        """Log odds of an order within so many days, one number or one a customer, up to `longest`; shape (n,)."""
        kept = self.first + self.seen.logit(self.waiting, days) - self._mbg_nbd
        usual = kept if self.onward is None else (kept + self._period_by_period(days)) / 2
        return self._in_season(usual, days) if np.any(self.season) else usual

    def days(self, logit: float) -> Floats:
        """Fewest whole days within which the log odds are reached, shape (n,); inf where they are not in `longest`."""
        fewest, most = np.zeros(len(self.first)), np.full(len(self.first), float(self.longest))
        never = self.logit(most) < logit
        while (most - fewest > 1).any():
            middle = np.ceil((fewest + most) / 2)
            reached = self.logit(middle) >= logit
            fewest, most = np.where(reached, fewest, middle), np.where(reached, middle, most)
        return np.where(never, np.inf, most)

    def _period_by_period(self, days: Floats | float) -> Floats:
        hazard = np.zeros(len(self.first))
        for k, of_period in enumerate(self._hazards):
            hazard += np.clip(np.asarray(days) / self.period_days - k, 0, 1) * of_period
        return _logit(hazard)

    def _in_season(self, usual: Floats, days: Floats | float) -> Floats:
        hazard, of_period, in_season = (np.logaddexp(0, x) for x in (usual, self.first, self.first + self.season))
        sooner = np.asarray(days) < self.period_days
        return _logit(np.where(sooner, hazard * (in_season / of_period), hazard + (in_season - of_period)))

    @cached_property
    def _hazards(self) -> list[Floats]:
        """-log P(no order in the period | none in those before), period by period, each of shape (n,)."""
        assert self.onward is not None
        begins = range(self.period_days, self.longest, self.period_days)
        later = [self.onward.logit(self.seen.after(begin), self.waiting, self.period_days) for begin in begins]
        return [np.logaddexp(0, logit) for logit in (self.first, *later)]

    @cached_property
    def _mbg_nbd(self) -> Floats:
        return self.seen.logit(self.waiting, self.period_days)


def _logit(hazard: Floats) -> Floats:
    """Log odds of an order, from -log P(none)."""
    p = np.clip(-np.expm1(-hazard), LEAST, 1 - LEAST)
    return np.asarray(np.log(p) - np.log1p(-p), dtype=np.float64)
