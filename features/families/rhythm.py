"""In what rhythm: gaps between order-days, their regularity, silence in own cadences."""

from collections.abc import Iterator

import numpy as np

from features.feature import Feature, ratio
from features.fixed import Floats
from features.snapshots import Past


def rhythm(_windows: tuple[int, ...]) -> Iterator[Feature]:
    """The customer's own gaps, against which silence is measured."""
    yield from _by_cadence()
    yield from _by_gaps()


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


def _gaps(past: Past) -> Floats:
    return past.count("order_day") - 1


def _mean_gap(past: Past) -> Floats:
    return ratio(past.count("gap"), _gaps(past))


def _gap_spread(past: Past) -> Floats:
    """Population standard deviation, exact in whole days until the last division; NaN below two gaps."""
    n, total, squares = _gaps(past), past.count("gap"), past.count("gap_squared")
    spread = np.sqrt(np.maximum(ratio(n * squares - total * total, n * n), 0))
    return np.where(n >= 2, spread, np.nan)


def _last_gap(past: Past) -> Floats:
    return np.where(_gaps(past) >= 1, past.at_last("gap"), np.nan)
