"""What a day is like for everybody: season, Christmas, promotions, weekdays, prices, opening hours."""

from dataclasses import dataclass

import numpy as np

from features.clock import WEEK
from features.fixed import Floats
from training.simulation.scenario import Scenario

ELASTICITY = 0.6
"""Share by which a shop's demand falls for each share by which all its prices rise (an assumption: people who are
already customers weigh more than the price)."""

_CONSUMER_WEEK = np.array([1.05, 0.95, 0.95, 0.95, 1.0, 1.0, 1.1])  # Monday to Sunday; the mean is 1
_BUSINESS_WEEK = np.array([1.4, 1.4, 1.4, 1.4, 1.4, 0.0, 0.0])
_CONSUMER_HOURS = np.array([1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 6, 7, 8, 9, 8, 5, 2])
_BUSINESS_HOURS = np.array([0, 0, 0, 0, 0, 0, 1, 3, 7, 10, 11, 10, 7, 8, 9, 9, 7, 4, 2, 1, 0, 0, 0, 0.0])


@dataclass(frozen=True)
class Calendar:
    """The shop's days; times are days since the log begins.

    Demand is a factor on every customer's own rate. Its running total tells
    how much of a customer's own time has passed: a customer with one order a
    week at rest has one order for each unit of it, whatever the season (a
    non-homogeneous process by change of time: Cinlar 1975, "Introduction to
    Stochastic Processes", chapter 4.7; with gamma gaps Berman 1981,
    "Inhomogeneous and modulated gamma processes", Biometrika 68).

    Attributes:
        demand: running total of demand in weeks at each midnight, with a
            leading zero; row 0 for consumers, row 1 for businesses, shape (2, days + 1).
        arrivals: the same for new customers, scaled to end at one, shape (days + 1,).
        hours: share of a day's orders before each full hour, rows as above, shape (2, 25).
        price: factor on the catalogue's prices, shape (days,).
        promotion: share off in a promotion, 0 elsewhere, shape (days,).
    """

    demand: Floats
    arrivals: Floats
    hours: Floats
    price: Floats
    promotion: Floats

    @classmethod
    def of(cls, scenario: Scenario) -> "Calendar":
        """The days of a scenario."""
        factor = daily_demand(scenario)
        growth = scenario.growth ** (np.arange(scenario.days) / 365.25)
        arrivals = _running(growth * factor[0])
        return cls(
            demand=np.vstack([_running(row / WEEK) for row in factor]),
            arrivals=arrivals / arrivals[-1],
            hours=np.vstack([_running(hours / hours.sum()) for hours in (_CONSUMER_HOURS, _BUSINESS_HOURS)]),
            price=np.where(np.arange(scenario.days) >= scenario.shock_day, 1 + scenario.price_rise, 1.0),
            promotion=scenario.promotion_discount * promoted(scenario),
        )


def daily_demand(scenario: Scenario) -> Floats:
    """Demand of each day against a plain one; row 0 for consumers, row 1 for businesses, shape (2, days)."""
    days = np.arange(scenario.days)
    shared = (1 + scenario.promotion_lift * promoted(scenario)) * _after_price(scenario)
    week = np.vstack([_CONSUMER_WEEK, _BUSINESS_WEEK])[:, (scenario.begins.weekday() + days) % WEEK]
    return np.asarray(week * shared * season(scenario))


def promoted(scenario: Scenario) -> Floats:
    """One on the days of a promotion week, zero on others, shape (days,)."""
    week = np.arange(scenario.days) // WEEK
    every = scenario.promotion_every
    return np.asarray((week % every == every - 1) if every else np.zeros(len(week)), dtype=np.float64)


def season(scenario: Scenario) -> Floats:
    """Demand by the time of the year, shape (2, days): a wave for all, Christmas for consumers."""
    dates = np.datetime64(scenario.begins, "D") + np.arange(scenario.days)
    of_year = (dates - dates.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    wave = 1 + scenario.wave * np.cos(2 * np.pi * (of_year - 320) / 365.25)
    to_christmas = 358 - of_year
    peak = 1 + scenario.christmas * ((to_christmas > 0) & (to_christmas <= 28))
    return np.vstack([wave * peak, wave])


def _after_price(scenario: Scenario) -> Floats:
    later = np.arange(scenario.days) >= scenario.shock_day
    return np.where(later, (1 + scenario.price_rise) ** -ELASTICITY, 1.0)


def _running(values: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(values)))
