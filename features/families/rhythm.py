"""In what rhythm: gaps between order-days, their regularity, silence in own cadences."""

from collections.abc import Iterator

import numpy as np

from features.feature import Feature, ratio
from features.fixed import Floats
from features.past import Past
from features.past.rows import most, slope_by_number, weekday_concentration
from features.windows import weeks


def rhythm(_windows: tuple[int, ...]) -> Iterator[Feature]:
    """The customer's own gaps, against which silence is measured."""
    yield from _by_cadence()
    yield from _by_gaps()
    yield from _by_course()


def _by_cadence() -> Iterator[Feature]:
    yield Feature(
        "cadence",
        "own typical gap, shrunk to the shop's",
        "mean days",
        lambda p: p.stages.cadence,
        formula="G",
        empty=None,
    )
    yield Feature(
        "silence_in_cadences",
        "days since the last order-day over the own typical gap",
        "ratio",
        lambda p: ratio(p.recency, p.stages.cadence),
        formula="(t - d_n) / G",
        empty=None,
    )
    yield Feature(
        "silence_to_limit",
        "silence over the customer's silence limit",
        "ratio",
        lambda p: p.stages.silence,
        formula="(t - d_n) / (silence limit of the stages)",
        empty=None,
    )
    yield Feature(
        "days_to_silence",
        "days until the customer counts as silent if nothing is ordered; negative who does already",
        "mean days",
        lambda p: ratio(p.recency, p.stages.silence) - p.recency,
        formula="d_n + (silence limit of the stages) - t",
        empty=None,
    )
    yield Feature(
        "days_to_next_expected",
        "days until the next order is due by the own typical gap; negative when overdue",
        "mean days",
        lambda p: p.stages.cadence - p.recency,
        formula="d_n + G - t",
        empty=None,
    )


def _by_gaps() -> Iterator[Feature]:
    yield Feature("mean_gap", "mean gap between order-days", "mean days", _mean_gap, formula="mean(g)")
    yield Feature("gap_spread", "standard deviation of the gaps", "mean days", _gap_spread, formula="sd(g)")
    yield Feature(
        "gap_variation",
        "standard deviation of the gaps over their mean; 0 is clockwork, 1 is chance",
        "ratio",
        lambda p: ratio(_gap_spread(p), _mean_gap(p)),
        formula="sd(g) / mean(g)",
    )
    yield Feature("last_gap", "gap before the last order-day", "days", _last_gap, formula="d_n - d_(n-1)")
    yield Feature(
        "last_to_mean_gap",
        "last gap over the mean gap",
        "ratio",
        lambda p: ratio(_last_gap(p), _mean_gap(p)),
        formula="(d_n - d_(n-1)) / mean(g)",
    )


def _by_course() -> Iterator[Feature]:
    yield Feature(
        "gap_slope",
        "least-squares slope of the gaps, from each to the next; positive where they grow longer",
        "mean days",
        lambda p: p.walk(slope_by_number, "order_day", "gap"),
        formula="slope of g_i over i",
    )
    yield Feature(
        "recent_to_mean_gap",
        "mean of the gaps that ended in the last 26 weeks over the mean of all",
        "ratio",
        lambda p: ratio(_mean_gap(p, weeks(26)), _mean_gap(p)),
        formula="mean(g, 26w) / mean(g)",
    )
    yield Feature("longest_gap", "longest gap between order-days", "days", _longest_gap, formula="max(g)")
    yield Feature(
        "silence_to_longest_gap",
        "days since the last order-day over the longest gap there was",
        "ratio",
        lambda p: ratio(p.recency, p.walk(most, "order_day", "gap")),
        formula="(t - d_n) / max(g)",
    )
    yield Feature(
        "weekday_concentration",
        "Herfindahl index of the weekdays of the order-days; 1 is always the same",
        "share",
        lambda p: p.walk(weekday_concentration, "order_day"),
        formula="sum over weekdays of (share of n(ever))^2",
        empty=None,
    )


def _gaps(past: Past, days: int | None = None) -> Floats:
    """Gaps that ended in the window: one an order-day, but for the very first."""
    number = past.count("order_day", days)
    gaps: Floats = number - (number == past.count("order_day"))
    return gaps


def _mean_gap(past: Past, days: int | None = None) -> Floats:
    return ratio(past.count("gap", days), _gaps(past, days))


def _gap_spread(past: Past) -> Floats:
    """Population standard deviation, exact in whole days until the last division; NaN below two gaps."""
    n, total, squares = _gaps(past), past.count("gap"), past.count("gap_squared")
    spread = np.sqrt(np.maximum(ratio(n * squares - total * total, n * n), 0))
    return np.where(n >= 2, spread, np.nan)


def _last_gap(past: Past) -> Floats:
    return np.where(_gaps(past) >= 1, past.at_last("gap"), np.nan)


def _longest_gap(past: Past) -> Floats:
    return np.where(_gaps(past) >= 1, past.walk(most, "order_day", "gap"), np.nan)
