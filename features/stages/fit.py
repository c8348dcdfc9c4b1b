"""Fit the stage spec: how long customers wait for their next order, by order-days so far."""

import numpy as np

from features.clock import WEEK, Clock, to_date
from features.config import StageConfig
from features.fixed import Floats
from features.history import History
from features.stages.spec import BANDS, Band4, StageSpec
from features.stages.survival import Survival
from features.stages.tallies import WaitTallies

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
    return fit_spec_from(WaitTallies.of(history, before, constants.follow_up_weeks * WEEK), hold_days, constants, clock)


def fit_spec_from(tallies: WaitTallies, hold_days: int, constants: StageConfig, clock: Clock) -> StageSpec:
    """The same from waits that were counted part by part, each followed up as long as the constants say."""
    curves = [_band_curve(tallies, band) for band in range(len(BANDS))]
    ages = (min(tallies.before - tallies.first_day, tallies.follow_up), tallies.follow_up)
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
        level_measure=tallies.level_measure,
        fitted_before=to_date(tallies.before).isoformat(),
        order_days=tallies.order_days,
    )


def _band_curve(tallies: WaitTallies, band: int) -> Survival:
    curve = tallies.curve(band, _FEWEST_AT_RISK)
    return curve if curve.events >= _FEWEST_RETURNS else tallies.curve(None, _FEWEST_AT_RISK)


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
