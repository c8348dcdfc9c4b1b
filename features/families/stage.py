"""Where the customer stands, since when, and where it has been."""

from collections.abc import Callable, Iterator

import numpy as np

from features.feature import Feature, ratio
from features.fixed import Floats
from features.past import Past


def stage_history(_windows: tuple[int, ...]) -> Iterator[Feature]:
    """State of the stage machine."""
    yield _code("stage_code", "stage: 0 examination ... 3 regression", "stage")
    yield _code("sub_state_code", "in regression: 1 slipping, 2 silent, 3 lost", "sub_state")
    yield _known("days_in_stage", "days since the stage was entered", "days", _days_in_stage, "t - (tick of the entry)")
    yield _code("recoveries", "times the customer came back from regression", "recoveries", unit="count")
    yield _code("highest_stage", "highest stage ever reached: 0 examination ... 2 stable", "reached")
    yield _known("level", "level: net spend (or order-days) a week, recently", "a week", lambda p: p.stages.level, "L")
    yield _known("peak_level", "highest level since the last regression", "a week", lambda p: p.stages.peak, "M")
    yield Feature(
        "level_to_peak", "level over the own peak, where that is positive", "ratio", _level_to_peak, formula="L / M"
    )


def _code(name: str, meaning: str, field: str, unit: str = "code") -> Feature:
    """Never empty: every customer that is known stands somewhere."""
    return _known(name, meaning, unit, lambda p: getattr(p.stages, field).astype(np.float64), "stage machine")


def _known(name: str, meaning: str, unit: str, compute: Callable[[Past], Floats], formula: str) -> Feature:
    return Feature(name, meaning, unit, compute, formula=formula, empty=None)


def _days_in_stage(past: Past) -> Floats:
    days: Floats = np.subtract(past.cutoff, past.stages.since, dtype=np.float64)
    return days


def _level_to_peak(past: Past) -> Floats:
    return ratio(past.stages.level, np.maximum(past.stages.peak, 0))
