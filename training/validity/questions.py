"""A claim with evidence enough to try it, and its effect on any draw of customers."""

from dataclasses import dataclass, replace

import numpy as np

from features.fixed import Floats
from training.validity.amounts import Evidence, Narrowed
from training.validity.claims import Claim
from training.validity.makers import Made

_BOUNDLESS = 1e6


@dataclass(frozen=True)
class Question:
    """A claim with evidence enough to try it.

    Attributes:
        claim: with the groups that have customers enough.
        evidence: on these groups.
        chance: the same in shuffled lives, where the claim asks for it.
        left_out: which groups are not compared, and why; or empty.
    """

    claim: Claim
    evidence: Narrowed
    chance: Narrowed | None
    left_out: str

    def effects(self, weights: Floats) -> Floats:
        """The ratio against each of the other groups (one group alone: its measure), with weighted customers."""
        found = self._ratios(self.evidence.estimates(weights))
        return found if self.chance is None else _over(found, self._ratios(self.chance.estimates(weights)))

    def _ratios(self, estimates: Floats) -> Floats:
        first, others = estimates[:1], estimates[1:]
        if not len(others):
            return first
        return _over(first, others) if self.claim.claimed == "highest" else _over(others, first)


def ask(claim: Claim, made: Made, chance: Evidence | None, fewest: int) -> Question | str:
    """The claim with its evidence, or why it cannot be tried.

    Args:
        claim: as the articles have it.
        made: evidence, or why there is none.
        chance: evidence from shuffled lives, if any.
        fewest: customers that a group needs.
    """
    if isinstance(made, str):
        return made
    numbers = dict(zip(claim.groups, made.narrowed(claim.groups).customers.tolist(), strict=True))
    few = ", ".join(f"{group} ({n})" for group, n in numbers.items() if n < fewest)
    why = f"fewer than {fewest} customers that can be counted in {few}" if few else ""
    groups = tuple(group for group, n in numbers.items() if n >= fewest)
    if numbers[claim.groups[0]] < fewest or len(groups) < min(len(claim.groups), 2):
        return why
    beside = chance.narrowed(groups) if chance and claim.shuffled else None
    return Question(replace(claim, groups=groups), made.narrowed(groups), beside, why and f"left out: {why}")


def _over(top: Floats, bottom: Floats) -> Floats:
    """Quotients: as good as boundless over what is not positive, and NaN where the top is not positive either."""
    top, bottom = np.broadcast_arrays(top, bottom)
    otherwise = np.where((bottom <= 0) & (top > 0), _BOUNDLESS, np.nan)
    return np.divide(top, bottom, out=otherwise, where=bottom > 0)
