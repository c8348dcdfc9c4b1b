"""Fit the stage spec: how long customers wait for their next order, by order-days so far."""

import numpy as np

from features.clock import WEEK, Clock, to_date
from features.config import StageConfig
from features.fixed import Ints
from features.history import History
from features.stages.spec import BANDS, Band4, StageSpec
from features.stages.survival import Survival, kaplan_meier

_DEFAULT_GAP = 28.0
_FEWEST_RETURNS = 30
_FEWEST_AT_RISK = 10


def fit_spec(history: History, before: int, hold_days: int, constants: StageConfig, clock: Clock) -> StageSpec:
    """Stage spec of the orders before a cut-off.

    A band with too few returns takes the gaps of all bands together, and a
    log with too few of those takes a default rhythm of four weeks.

    Args:
        history: all orders; those on or after `before` are not looked at.
        before: day number at which the reference period ends.
        hold_days: one period, in days.
        constants: the chosen constants.
        clock: the weekly clock.
    """
    band, waited, returned = _waits(history, before, constants.follow_up_weeks * WEEK)
    pooled = kaplan_meier(waited, returned, _FEWEST_AT_RISK)
    curves = [_band_curve(band == b, waited, returned, pooled) for b in range(len(BANDS))]
    quantiles = (0.5, constants.quantile, constants.lost_quantile)
    typical, silent, lost = (_by_band(curves, q) for q in quantiles)
    return StageSpec(
        constants=constants,
        hold_days=hold_days,
        week_starts=clock.week_starts,
        typical_gap=typical,
        silent_after=silent,
        lost_after=lost,
        level_measure=history.level_measure,
        fitted_before=to_date(before).isoformat(),
        order_days=len(waited),
    )


def _waits(history: History, before: int, follow_up: int) -> tuple[Ints, Ints, np.ndarray]:
    """Band, days waited and whether the next order came within the follow-up, of every order-day before the end."""
    rows = np.flatnonzero((history.columns["order_day"] > 0) & (history.day < before))
    customer, day = history.customer[rows], history.day[rows].astype(np.int64)
    count = history.totals("order_day")[rows + 1] - history.totals("order_day")[history.starts[customer]]
    returned = np.zeros(len(rows), dtype=bool)
    returned[:-1] = customer[1:] == customer[:-1]
    following = np.append(day[1:], before)
    waited = np.where(returned, following, before) - day
    band = np.searchsorted(BANDS, count, side="right") - 1
    return band, np.minimum(waited, follow_up), returned & (waited <= follow_up)


def _band_curve(inside: np.ndarray, waited: Ints, returned: np.ndarray, pooled: Survival) -> Survival:
    curve = kaplan_meier(waited[inside], returned[inside], _FEWEST_AT_RISK)
    return curve if curve.events >= _FEWEST_RETURNS else pooled


def _by_band(curves: list[Survival], q: float) -> Band4:
    """Quantile of each band, or the default rhythm (exponential waiting) where there are too few returns."""
    default = _DEFAULT_GAP * np.log(1 - q) / np.log(0.5)
    one, two, four, eight = (c.quantile(q) if c.events >= _FEWEST_RETURNS else float(default) for c in curves)
    return one, two, four, eight
