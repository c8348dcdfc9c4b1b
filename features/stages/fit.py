"""Fit the stage spec: how long customers wait for their next order, by order-days so far."""

import numpy as np

from features.clock import WEEK, Clock, to_date
from features.config import StageConfig
from features.fixed import Floats, Ints
from features.history import History
from features.stages.spec import BANDS, Band4, StageSpec
from features.stages.survival import Survival, kaplan_meier

_DEFAULT_GAP = 28.0
_FEWEST_RETURNS = 30
_FEWEST_AT_RISK = 10


def fit_spec(history: History, before: int, hold_days: int, constants: StageConfig, clock: Clock) -> StageSpec:
    """Stage spec of the orders before a cut-off.

    A band with too few returns takes the gaps of all bands together, and a
    log with too few of those takes a default rhythm of four weeks. In a log
    younger than the follow-up only short gaps can be seen, so its quantiles
    are stretched as they grew over the log's second half.

    Args:
        history: all orders; those on or after `before` are not looked at.
        before: day number at which the reference period ends.
        hold_days: one period, in days.
        constants: the chosen constants.
        clock: the weekly clock.
    """
    follow_up = constants.follow_up_weeks * WEEK
    band, waited, returned = waits(history, before, follow_up)
    pooled = kaplan_meier(waited, returned, _FEWEST_AT_RISK)
    curves = [_band_curve(band == b, waited, returned, pooled) for b in range(len(BANDS))]
    ages = (min(before - history.first_day, follow_up), follow_up)
    gaps = _by_band(curves, [0.5] * len(BANDS), ages)
    silent = np.maximum(_by_band(curves, balanced_quantiles(gaps, constants), ages), gaps)  # stretching could turn them
    lost = np.maximum(_by_band(curves, [constants.lost_quantile] * len(BANDS), ages), constants.lost_factor * silent)
    return StageSpec(
        constants=constants,
        hold_days=hold_days,
        week_starts=clock.week_starts,
        typical_gap=_four(gaps),
        silent_after=_four(silent),
        lost_after=_four(lost),
        level_measure=history.level_measure(before),
        fitted_before=to_date(before).isoformat(),
        order_days=len(waited),
    )


def waits(history: History, before: int, follow_up: int) -> tuple[Ints, Ints, np.ndarray]:
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


def _four(values: Floats | list[float]) -> Band4:
    one, two, four, eight = (float(value) for value in values)
    return one, two, four, eight


def balanced_quantiles(gaps: list[float], constants: StageConfig) -> list[float]:
    """Quantile of the silence limit of each band: 1 - q = (1 - Q) (m / m_1)^balance, m the band's typical gap.

    A customer has a chance to be late at every gap, and the more gaps the
    shorter they are; so with the balance 1 the chances in a given time agree.
    """
    late = (1 - constants.quantile) * np.minimum(np.asarray(gaps) / gaps[0], 1.0) ** constants.balance
    return [float(q) for q in np.minimum(1 - late, constants.lost_quantile)]


def _by_band(curves: list[Survival], quantiles: list[float], ages: tuple[int, int]) -> list[float]:
    """Quantile of each band, or the default rhythm (exponential waiting) where there are too few returns."""
    pairs = zip(curves, quantiles, strict=True)
    return [_stretched(c, q, ages) if c.events >= _FEWEST_RETURNS else _default(q) for c, q in pairs]


def _default(q: float) -> float:
    return float(_DEFAULT_GAP * np.log(1 - q) / np.log(0.5))


def _stretched(curve: Survival, q: float, ages: tuple[int, int]) -> float:
    """Quantile as a whole follow-up F would show it to a log of age D: q(F) = q(D) (F / D)^g, g = log2 q(D) / q(D / 2).

    The growth g is that of the same curve over the second half of the log,
    held between none and proportional.
    """
    age, follow_up = ages
    seen, at_half = curve.quantile(q, age), curve.quantile(q, age / 2)
    if age >= follow_up or not at_half > 0:
        return seen
    growth = np.clip(np.log2(seen / at_half), 0.0, 1.0)
    return float(seen * (follow_up / age) ** growth)
