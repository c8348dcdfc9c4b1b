"""Shops whose customers live as the articles say, the other way round, or without any course at all."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from features.clock import Clock
from features.config import StageConfig
from features.history import History
from training.log import Log
from training.validity.span import Settings, Span, new_span

QUICK = Settings(resamples=200, shuffles=5)
CONSTANTS = (StageConfig(), 28, Clock())
FIRST = np.datetime64("2018-01-01")  # a Monday
Life = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


def ideal(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Gaps and money: small test orders, ever more and larger ones, a year at the height, fewer, silence."""
    stable = int(rng.integers(25, 50))
    gaps = np.concatenate([[0, 30, 30], np.linspace(24, 9, 8), np.full(stable, 8.0), np.full(3, 20.0)])
    money = np.concatenate([[8, 10, 12], np.linspace(15, 45, 8), np.full(stable, 50.0), np.full(3, 12.0)])
    return np.maximum(np.rint(gaps * rng.uniform(0.85, 1.15, len(gaps))), 1), money * rng.uniform(0.8, 1.2, len(money))


def upside_down(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The first order is the largest, and each that follows is later and smaller."""
    number = int(rng.integers(10, 25))
    gaps = np.concatenate([[0], np.linspace(7, 35, number)])
    money = np.concatenate([[100], np.linspace(80, 20, number)])
    return np.maximum(np.rint(gaps * rng.uniform(0.85, 1.15, len(gaps))), 1), money * rng.uniform(0.8, 1.2, len(money))


def steady(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Orders at random at one's own rate for ever, of random size: nothing ever grows or falls off."""
    gaps = np.concatenate([[0], np.ceil(rng.exponential(rng.uniform(8, 30), 200))])
    return gaps, rng.gamma(4, 10, len(gaps))


def shop(life: Life, customers: int = 150, weeks: int = 130, seed: int = 1) -> pd.DataFrame:
    """Orders of customers who come over the first two thirds of the log."""
    rng = np.random.default_rng(seed)
    parts = [_customer(k, *life(rng), int(rng.integers(0, weeks * 7 * 2 // 3))) for k in range(customers)]
    orders = pd.concat(parts, ignore_index=True)
    inside = orders["ordered_at"] < pd.Timestamp(FIRST) + pd.Timedelta(weeks=weeks)
    return orders[inside].reset_index(drop=True)


def _customer(name: int, gaps: np.ndarray, money: np.ndarray, begin: int) -> pd.DataFrame:
    days = FIRST + (begin + np.cumsum(gaps)).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "customer_id": f"c{name:04}",
            "ordered_at": days.astype("datetime64[us]"),
            "amount": np.round(money, 2),
            "is_return": False,
        }
    )


def span_of(history: History, as_of: int | None = None) -> Span:
    """The second half of a log, under a spec of its first half."""
    return new_span(Log.of(history), Clock().after(history.last_day) if as_of is None else as_of, CONSTANTS)
