"""How long customers stay in a stage, and how fast they move on, with those still there counted as waiting."""

from dataclasses import dataclass

import numpy as np

from features.clock import WEEK
from features.fixed import Floats, Ints
from features.history import Codes
from features.stages.moves import Booleans, Stage
from features.stages.spells import Spells
from features.stages.survival import Survival, kaplan_meier
from training.validity.amounts import GROUPS

FOLLOWED_WEEKS = 52


@dataclass(frozen=True)
class Waits:
    """Times to an event that some still wait for; all arrays of shape (n,).

    Attributes:
        customer: customer code.
        days: waited so far.
        seen: whether the event was seen.
    """

    customer: Codes
    days: Ints
    seen: Booleans

    def curve(self) -> Survival:
        """Share still waiting (Kaplan-Meier)."""
        return kaplan_meier(self.days, self.seen)


def stay_lengths(spells: Spells, group: str) -> Waits:
    """Days in a stage or sub-state, from entry to leaving; neighbouring sub-states of a group are one stay."""
    whole = spells.stays() if group in ("regression", *(stage.label for stage in Stage)) else spells
    inside = whole.only(np.isin(whole.place, GROUPS[group]))
    return Waits(inside.customer, inside.lasted, inside.closed)


@dataclass(frozen=True)
class Lengths:
    """Evidence: mean days in a stage within the weeks followed up, those still there counted as waiting.

    The area under the Kaplan-Meier curve up to a limit (restricted mean) is
    always defined; a median is not where fewer than half have left.

    Attributes:
        spells: of all customers.
    """

    spells: Spells

    def narrowed(self, groups: tuple[str, ...]) -> "Means":
        """Restricted means of some groups, all up to the same limit."""
        waits = tuple(stay_lengths(self.spells, group) for group in groups)
        longest = min((int(wait.days.max(initial=0)) for wait in waits), default=0) // WEEK
        return Means(waits, max(min(longest, FOLLOWED_WEEKS), 1))


@dataclass(frozen=True)
class Means:
    """Restricted mean days of some groups, up to `limit` weeks."""

    waits: tuple[Waits, ...]
    limit: int

    @property
    def customers(self) -> Ints:
        """Customers behind each group's estimate."""
        return np.array([len(np.unique(wait.customer)) for wait in self.waits])

    @property
    def rows(self) -> Ints:
        """Stays behind each group's estimate."""
        return np.array([len(wait.customer) for wait in self.waits])

    @property
    def present_customers(self) -> int:
        """Customers behind any of the estimates."""
        return len(np.unique(np.concatenate([wait.customer for wait in self.waits])))

    def estimates(self, weights: Floats) -> Floats:
        """Mean days of each group, with weighted customers."""
        return np.array([restricted_mean(wait, weights[wait.customer], self.limit) for wait in self.waits])


def restricted_mean(waits: Waits, weights: Floats, limit: int) -> float:
    """Area under the Kaplan-Meier curve of whole weeks, up to `limit` weeks, in days.

    Args:
        waits: days are whole weeks.
        weights: of each row, shape (n,).
        limit: weeks.
    """
    if not len(waits.days) or not weights.sum():
        return float("nan")
    weeks = np.minimum(waits.days // WEEK, limit)
    seen = waits.seen & (waits.days <= limit * WEEK)
    left = np.bincount(weeks[seen], weights[seen], limit + 1)
    at_risk = np.cumsum(np.bincount(weeks, weights, limit + 1)[::-1])[::-1]
    staying = np.cumprod(1 - np.divide(left, at_risk, out=np.zeros(limit + 1), where=at_risk > 0))
    return float(WEEK * staying[:limit].sum())
