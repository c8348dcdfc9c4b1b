"""Are stages and probabilities spread as they were?"""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise

import numpy as np

from features.clock import WEEK
from features.model.reference import by_chance, distance
from serving.gates.config import GatesConfig
from serving.gates.facts import WeekFacts
from serving.gates.finding import Look
from serving.gates.normal import Normal

LEAST = 0.05
"""Jensen-Shannon distance that is always normal."""

FEWEST = 3
"""Past distances below which normal is `WIDE`."""

WIDE = 0.15
"""Distance that is normal as long as nothing is known: a tenth of the customers in another stage."""

Bins = Callable[[WeekFacts], Sequence[int]]


def spec(now: WeekFacts, before: list[WeekFacts], _config: GatesConfig) -> Look:
    """Model, contract and stage spec beside those of last week."""
    saw = f"model {now.model}, stage spec {now.spec_hash}, features and orders as the model asks for"
    if not before:
        return Look.unknown(saw, "there is no week before it")
    last = before[-1]
    return Look(
        now.spec_hash == last.spec_hash,
        saw,
        f"{last.as_of}: model {last.model}, stage spec {last.spec_hash}",
        "stages of two specs cannot be compared: this week's moves are no moves of customers",
    )


def stages(now: WeekFacts, before: list[WeekFacts], config: GatesConfig) -> Look:
    """Customers in each stage, the lost apart."""
    alike = [week for week in before if week.spec_hash == now.spec_hash]
    counts = {**now.counts.stages, "of these lost": now.lost}
    saw = ", ".join(f"{name} {count / max(now.counts.rows, 1):.1%}" for name, count in counts.items())
    return _look(now, alike, (_stages, saw), config)


def scores(now: WeekFacts, before: list[WeekFacts], config: GatesConfig) -> Look:
    """Customers by their probability of regression, and of an order; the one that moved further is told."""
    alike = [week for week in before if week.spec_hash == now.spec_hash]
    looks = [
        _look(now, alike, (bins, f"{words}: mean {now.mean(name):.3f}"), config)
        for name, words, bins in (
            ("p_regression", "probability of regression", lambda week: week.counts.p_regression),
            ("p_order", "probability of an order", lambda week: week.counts.p_order),
        )
    ]
    return min(looks, key=lambda look: look.fine)


def _look(now: WeekFacts, before: list[WeekFacts], what: tuple[Bins, str], config: GatesConfig) -> Look:
    """The distance from last week, a week, beside such distances of the weeks before."""
    bins, saw = what
    if not before:
        return Look.unknown(saw, "there is no week before it of the same stage spec")
    moved = np.array([_pace(bins, one, other) for one, other in pairwise([*before, now])])
    usual = WIDE if len(moved) <= FEWEST else max(Normal.of(moved[:-1], config.width).high, LEAST)
    most = float(np.hypot(usual, by_chance(bins(before[-1]), now.counts.rows)))
    return Look(
        bool(moved[-1] <= most),
        f"{saw}; {moved[-1]:.3f} away from {before[-1].as_of}",
        f"up to {most:.3f} a week (Jensen-Shannon distance), from {len(moved) - 1} weeks",
        "look at the orders and the model: a mix does not jump by itself",
    )


def _pace(bins: Bins, one: WeekFacts, other: WeekFacts) -> float:
    """Distance between two weeks, by the weeks that lie between."""
    weeks = (date.fromisoformat(other.as_of) - date.fromisoformat(one.as_of)).days / WEEK
    return distance(bins(one), bins(other)) / max(weeks, 1.0)


def _stages(week: WeekFacts) -> list[int]:
    counts = week.counts.stages
    return [*(counts[name] for name in counts if name != "regression"), counts["regression"] - week.lost, week.lost]
