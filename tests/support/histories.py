"""Random order histories, small and nasty, and the door through which every test builds features."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd

from features.clock import Clock
from features.families import all_features
from features.feature import Feature
from features.history import History
from features.past import Past, Snapshots
from features.stages.machine import run_stages
from features.stages.spec import StageSpec
from features.table import feature_matrix

MONDAY = np.datetime64("2019-12-30")
OPTIONAL = ("order_id", "product_id", "category", "quantity", "unit_price", "amount", "discount")
KEYS = ["customer_id", "cutoff"]
REAL_SHOPS = [("online_retail_2", 28), ("cdnow", 28), ("completejourney", 14), ("btydplus_grocery", 28)]
"""The real order sets, each with the days of a period that suits it."""


def bare_orders(path: Path) -> pd.DataFrame:
    """Orders of a real set, with no more columns than the stages need."""
    columns = ["customer_id", "ordered_at", "amount", "is_return"]
    return pd.read_parquet(path, columns=columns).dropna(axis=1, how="all")


def some_spec(level_measure: str = "net", hold_days: int = 28, week_starts: str = "mon") -> StageSpec:
    """A stage spec with round numbers, so that ties happen."""
    return StageSpec.model_validate(
        {
            "constants": {"formative_days": 2, "stable_days": 4, "running": 2, "shortest_silence": 14},
            "hold_days": hold_days,
            "week_starts": week_starts,
            "typical_gap": (28, 21, 14, 7),
            "silent_after": (84, 63, 42, 21),
            "lost_after": (168, 126, 84, 42),
            "level_measure": level_measure,
            "fitted_before": "2019-12-30",
            "order_days": 1000,
        }
    )


def spec_for(orders: pd.DataFrame, hold_days: int = 28) -> StageSpec:
    """The round spec with the level that these orders allow."""
    has_money = "amount" in orders and orders["amount"].notna().any()
    return some_spec("net" if has_money else "order_day_units", hold_days)


@dataclass(frozen=True)
class Builder:
    """Features of orders at cut-offs (day numbers) under one frozen spec, with whatever extra features."""

    spec: StageSpec
    extra: tuple[Feature, ...] = ()
    windows: tuple[int, ...] = (4, 13, 52)

    def features(self, orders: pd.DataFrame) -> list[Feature]:
        """The features that these orders allow."""
        return [*all_features(self.windows, History.of(orders).has), *self.extra]

    def __call__(self, orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
        history = History.of(orders)
        snapshots = Snapshots.of(history, list(cutoffs))
        features = [*all_features(self.windows, history.has), *self.extra]
        values = feature_matrix(Past(history, snapshots, self.spec), features)
        keys = {"customer_id": history.customers[snapshots.customer], "cutoff": snapshots.cutoff}
        return pd.DataFrame(keys | values)


@dataclass(frozen=True)
class StageBuilder:
    """Stages alone, under the names they have as features: so fast that whole shops can be asked at every tick."""

    spec: StageSpec

    def __call__(self, orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
        history = History.of(orders)
        snapshots = Snapshots.of(history, list(cutoffs))
        state = run_stages(history, self.spec, snapshots.customer, snapshots.cutoff)
        return pd.DataFrame(
            {
                "customer_id": history.customers[snapshots.customer],
                "cutoff": snapshots.cutoff,
                "stage_code": state.stage.astype(float),
                "sub_state_code": state.sub_state.astype(float),
                "days_in_stage": (snapshots.cutoff - state.since).astype(float),
                "recoveries": state.recoveries,
                "highest_stage": state.reached.astype(float),
                "cadence": state.cadence,
                "silence": state.silence,
                "level": state.level,
                "peak": state.peak,
            }
        )


def ticks(orders: pd.DataFrame, every: int = 1) -> list[int]:
    """The ticks (Mondays) from the first at which something is known to one after the last order."""
    days = orders["ordered_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
    clock = Clock()
    return list(range(clock.after(int(days.min())), clock.after(int(days.max())) + 8, 7 * every))


# -- what Hypothesis draws -------------------------------------------------------------------------

_GAPS = st.sampled_from([0, 0, 0, 1, 1, 3, 7, 7, 7, 14, 14, 21, 28, 60, 91, 800])
_HOURS = st.sampled_from([0, 0, 9, 9, 23])
_IDS = st.sampled_from(["o1", "o2", "o3", None])
_PRODUCTS = st.sampled_from(["p1", "p2", "p3", "p4", None])
_CATEGORIES = st.sampled_from(["c1", "c2", None])
_QUANTITIES = st.sampled_from([0.0, 1.0, 1.0, 2.0, 3.0, 0.5, np.nan])
_PRICES = st.sampled_from([0.0, 0.01, 1.25, 9.0, 10.0, 10.0, 11.0, 1 / 3, 120.0, np.nan])
_DISCOUNTS = st.sampled_from([0.0, 0.5, 1.0, np.nan])
_KINDS = st.sampled_from(["bought"] * 9 + ["returned", "cancelled", "gift", "credit", "no money"])
_LINE = st.tuples(
    st.sampled_from("abc"), _GAPS, _HOURS, _IDS, _PRODUCTS, _CATEGORIES, _QUANTITIES, _PRICES, _DISCOUNTS, _KINDS
)


@st.composite
def order_sets(draw: st.DrawFn, most: int = 40, without: bool = True) -> pd.DataFrame:
    """Clean orders of up to three customers and a founder, in no order.

    The founder `~` buys one complete line before all others, so that a column
    that is there at all is there in every part of the orders that reaches back
    to the beginning. `without` lets optional columns be missing.
    """
    size = draw(st.integers(1, most))
    lines = draw(st.lists(_LINE, min_size=size, max_size=size))
    orders = pd.concat([_founder("~", MONDAY), _table(lines, MONDAY)], ignore_index=True)
    missing = draw(st.sets(st.sampled_from(OPTIONAL))) if without and draw(st.booleans()) else set()
    shuffled = np.random.default_rng(len(lines)).permutation(len(orders))
    return orders.iloc[shuffled].drop(columns=list(missing)).reset_index(drop=True)


def later_orders(orders: pd.DataFrame, day: int) -> st.SearchStrategy[pd.DataFrame]:
    """Arbitrary orders on or after a day, with the columns of `orders`."""
    start = np.datetime64(day, "D")
    made = st.lists(_LINE, min_size=1, max_size=8).map(lambda lines: _table(lines, start))
    return made.map(lambda table: table.loc[:, list(orders.columns)])


def many_orders(number: int) -> pd.DataFrame:
    """So many orders of one customer in six years, many a day and some returned, beside one with a fiftieth of them."""
    rng = np.random.default_rng(5)
    back = rng.random(number) < 0.1
    sign, price = np.where(back, -1.0, 1.0), np.round(rng.gamma(2.0, 20.0, number), 2)
    hours = np.sort(rng.integers(0, 6 * 365 * 24, number))
    many = pd.DataFrame(
        {
            "customer_id": "many",
            "order_id": [f"o{k}" for k in range(number)],
            "ordered_at": MONDAY.astype("datetime64[us]") + hours.astype("timedelta64[h]"),
            "product_id": [f"p{k}" for k in rng.zipf(1.5, number) % 500],
            "category": [f"c{k}" for k in rng.zipf(1.5, number) % 20],
            "quantity": sign * rng.integers(1, 5, number),
            "unit_price": price,
            "amount": sign * price,
            "discount": np.round(rng.random(number), 2),
            "is_return": back,
        }
    )
    return pd.concat([many, many.iloc[::50].assign(customer_id="few")], ignore_index=True)


def _founder(name: str, day: np.datetime64) -> pd.DataFrame:
    return _table([(name, 0, 0, "o1", "p1", "c1", 1.0, 10.0, 1.0, "bought")], day)


def _table(lines: list[tuple], start: np.datetime64) -> pd.DataFrame:
    """Order lines; gaps add up for each customer, so that each begins with the first gap it draws."""
    rows, day = [], dict.fromkeys("abc~", 0)
    for customer, gap, hour, order_id, product, category, quantity, price, discount, kind in lines:
        day[customer] += gap
        at = start.astype("datetime64[s]") + np.timedelta64(day[customer], "D") + np.timedelta64(hour, "h")
        for sign in {"returned": [-1], "cancelled": [1, -1]}.get(kind, [1]):
            amount = {"gift": 0.0, "credit": -0.5, "no money": np.nan}.get(kind, sign * quantity * price)
            rows.append((customer, order_id, at, product, category, sign * quantity, price, amount, discount, sign < 0))
    names = [
        *("customer_id", "order_id", "ordered_at", "product_id", "category"),
        *("quantity", "unit_price", "amount", "discount", "is_return"),
    ]
    kinds = {"order_id": object, "product_id": object, "category": object}
    return pd.DataFrame(rows, columns=names).astype({"ordered_at": "datetime64[us]", **kinds})
