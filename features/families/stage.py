"""Where the customer stands, since when, and where it has been."""

from collections.abc import Iterator

from features.feature import Feature, ratio


def stage_history(_windows: tuple[int, ...]) -> Iterator[Feature]:
    """State of the stage machine."""
    yield Feature("stage_code", "stage: 0 examination ... 3 regression", "code", lambda p: p.stages.stage * 1.0)
    yield Feature(
        "sub_state_code", "in regression: 1 slipping, 2 silent, 3 lost", "code", lambda p: p.stages.sub_state * 1.0
    )
    yield Feature("days_in_stage", "days since the stage was entered", "days", lambda p: (p.cutoff - p.stages.since) * 1.0)
    yield Feature("recoveries", "times the customer came back from regression", "count", lambda p: p.stages.recoveries * 1.0)
    yield Feature(
        "highest_stage", "highest stage ever reached: 0 examination ... 2 stable", "code", lambda p: p.stages.reached * 1.0
    )
    yield Feature("level", "level: net spend (or order-days) a week, recently", "a week", lambda p: p.stages.level)
    yield Feature("peak_level", "highest level since the last regression", "a week", lambda p: p.stages.peak)
    yield Feature(
        "level_to_peak", "level over the own peak", "ratio", lambda p: ratio(p.stages.level, p.stages.peak)
    )
