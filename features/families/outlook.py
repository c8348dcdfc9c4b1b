"""What the stage machine already knows of the end of the period."""

from collections.abc import Iterator

import numpy as np

from features.feature import Feature


def outlook(_windows: tuple[int, ...]) -> Iterator[Feature]:
    """Where the customer will stand a period later if nothing is ordered, and what keeps it from falling off."""
    yield Feature(
        "stage_if_silent",
        "stage a period later if no order comes: 0 examination ... 3",
        "code",
        lambda p: p.stages.if_silent.astype(np.float64),
        formula="stage machine",
        empty=None,
    )
    yield Feature(
        "orders_to_hold",
        "usual order-days that must come within the period lest the level has fallen off then; negative if none must",
        "mean count",
        lambda p: p.stages.to_hold,
        formula="(falls_off M W - sum(measure in what is left of W at t + P)) / (mean measure of an order-day)",
    )
