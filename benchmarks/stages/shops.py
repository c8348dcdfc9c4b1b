"""The four real shops, cut in two: by time into a reference half and a judged half, by customer into two halves."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.clock import WEEK, Clock
from features.fixed import Ints
from features.history import Codes, History
from features.past import Snapshots
from stagecast import Config, check

PERIODS = {"online_retail_2": 28, "cdnow": 28, "completejourney": 14, "btydplus_grocery": 28}
"""Days of a period: households that shop for groceries every week are judged by shorter ones."""

CLOCK = Clock("mon")


@dataclass(frozen=True)
class Shop:
    """A real order log.

    Attributes:
        name: of the data set.
        history: all orders.
        period: days.
        reference: tick at which the reference half of the span ends; specs are fitted before it.
        end: tick up to which orders are known.
        snapshots: all customers of the chosen half at each tick from `reference` to `end`.
    """

    name: str
    history: History
    period: int
    reference: int
    end: int
    snapshots: Snapshots

    @property
    def side(self) -> Codes:
        """Codes of the chosen customers."""
        return np.unique(self.snapshots.customer)


def shops(folder: Path, half: int) -> Iterator[Shop]:
    """Each real shop with one half of its customers: 0 to choose on, 1 to show."""
    for name, period in PERIODS.items():
        history = History.of(check(str(folder / f"{name}.parquet"), Config()).orders)
        end = CLOCK.floor(history.last_day + 1)
        reference = CLOCK.after(history.first_day + (end - history.first_day) // 2 - 1)
        weekly = Snapshots.of(history, list(range(reference, end + 1, WEEK)))
        yield Shop(name, history, period, reference, end, weekly.only(half_of(history, half)))


def half_of(history: History, half: int) -> Codes:
    """Codes of half of the customers, by their ids: the same ones in every run."""
    return np.flatnonzero([zlib.crc32(str(name).encode()) % 2 == half for name in history.customers])


def ordered_within(shop: Shop, days: int) -> np.ndarray:
    """Whether an order-day follows each snapshot within so many days; NaN where that is not known yet."""
    asked, totals = shop.snapshots, shop.history.totals("order_day")
    now = shop.history.before(asked.customer, asked.cutoff)
    then = shop.history.before(asked.customer, asked.cutoff + days)
    return np.where(asked.cutoff + days <= shop.end, totals[then] > totals[now], np.nan)


def last_order_day(shop: Shop) -> Ints:
    """Day of each customer's last order-day in the whole log, shape (customers,)."""
    last = np.full(len(shop.history.customers), np.iinfo(np.int64).min)
    rows = np.flatnonzero(shop.history.columns["order_day"])
    np.maximum.at(last, shop.history.customer[rows], shop.history.day[rows].astype(np.int64))
    return last
