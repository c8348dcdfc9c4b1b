"""The laws that every feature and every stage keeps, each as a check that raises AssertionError when broken.

A `build` makes features from orders at cut-offs (day numbers); `histories.Builder`
is the real one. Frames must agree bit for bit, NaN with NaN.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from histories import KEYS

from features.feature import Feature
from features.history import History
from features.laws import laws as product
from features.laws.agree import Law, agree
from features.laws.frames import visible
from features.stages.moves import Stage, legal_moves

Build = Callable[[pd.DataFrame, Sequence[int]], pd.DataFrame]

OF_THE_YEAR = {"year_sine", "year_cosine", "first_day_of_year_sine"}
"""What depends on the position in the year, which a shift by whole weeks moves."""

_SAME = Law("same", "both give the same", ("here", "there"), "find out why")

STAGES = ["stage_code", "sub_state_code", "days_in_stage", "recoveries", "highest_stage"]


def same(one: pd.DataFrame, two: pd.DataFrame, but: set[str] = frozenset()) -> None:
    """The same rows and the same bits in every column, except those named."""
    agree(_SAME, *(table.assign(**{name: 0 for name in but if name in table}) for table in (one, two)))


def before(orders: pd.DataFrame, cutoff: int) -> pd.DataFrame:
    return orders[visible(orders, cutoff)]


def shop_features(features: Sequence[Feature]) -> set[str]:
    return {feature.name for feature in features if feature.shop}


def on_trial(build: Build, orders: pd.DataFrame, cutoffs: Sequence[int], shop: set[str] = frozenset()) -> product.Trial:
    """A build of orders alone, as the laws of the product take it."""
    return product.Trial(
        lambda frames, days: build(frames["orders"], days), {"orders": orders}, cutoffs, frozenset(shop)
    )


def no_future(build: Build, orders: pd.DataFrame, cutoffs: Sequence[int]) -> None:
    product.no_future(on_trial(build, orders, cutoffs))


def more_future(build: Build, orders: pd.DataFrame, cutoff: int, later: pd.DataFrame) -> None:
    """Orders on or after a cut-off, whatever they are, change nothing at it."""
    assert (later["ordered_at"] >= np.datetime64(cutoff, "D")).all()
    same(build(orders, [cutoff]), build(pd.concat([orders, later], ignore_index=True), [cutoff]))


def row_order(build: Build, orders: pd.DataFrame, cutoffs: Sequence[int], seed: int) -> None:
    product.row_order(on_trial(build, orders, cutoffs), seed)


def input_untouched(build: Build, orders: pd.DataFrame, cutoffs: Sequence[int]) -> None:
    product.input_untouched(on_trial(build, orders, cutoffs))


def each_alone(build: Build, orders: pd.DataFrame, cutoffs: Sequence[int]) -> None:
    product.each_alone(on_trial(build, orders, cutoffs))


def others_change_nothing(
    build: Build, orders: pd.DataFrame, cutoffs: Sequence[int], parts: Sequence[Sequence[str]], shop: set[str]
) -> None:
    product.other_customers(on_trial(build, orders, cutoffs, shop), parts)


def shift_by_weeks(build: Build, orders: pd.DataFrame, cutoffs: Sequence[int], number: int) -> None:
    """The same orders some weeks later are worth the same at cut-offs that many weeks later."""
    moved = orders.assign(ordered_at=orders["ordered_at"] + pd.Timedelta(weeks=number))
    later = build(moved, [cutoff + 7 * number for cutoff in cutoffs])
    same(build(orders, cutoffs), later, OF_THE_YEAR | {"cutoff"})


def currency(build: Build, orders: pd.DataFrame, cutoffs: Sequence[int], factor: float) -> None:
    """Money in another unit moves no stage."""
    money = [name for name in ("amount", "unit_price", "discount") if name in orders]
    other = orders.assign(**{name: orders[name] * factor for name in money})
    same(build(orders, cutoffs)[[*KEYS, *STAGES]], build(other, cutoffs)[[*KEYS, *STAGES]])


def twice(build: Build, orders: pd.DataFrame, cutoffs: Sequence[int]) -> None:
    product.twice(on_trial(build, orders, cutoffs))


def first_tick(build: Build, orders: pd.DataFrame, weekly: Sequence[int], begins: Sequence[int]) -> None:
    """Stages at a tick are the same whatever the first tick asked, as on the Mondays of another month."""
    table = build(orders, weekly)
    for begin in begins:
        asked = weekly[begin::4]
        same(table[table["cutoff"].isin(asked)].reset_index(drop=True), build(orders, asked))


def time_of_day(build: Build, orders: pd.DataFrame, cutoffs: Sequence[int], unit: str, seed: int) -> None:
    """Neither the hour on the same local day nor the unit that times are kept in moves a stage."""
    day = orders["ordered_at"].to_numpy().astype("datetime64[D]")
    seconds = np.random.default_rng(seed).integers(0, 24 * 60 * 60, len(orders)).astype("timedelta64[s]")
    table = build(orders, cutoffs)
    for times in (day.astype(unit), (day + seconds).astype(unit)):
        same(table[[*KEYS, *STAGES]], build(orders.assign(ordered_at=times), cutoffs)[[*KEYS, *STAGES]])


def one_stage(build: Build, orders: pd.DataFrame, cutoffs: Sequence[int]) -> None:
    """Each customer known at a cut-off has exactly one row there, and stands in one of the four stages."""
    table, history = build(orders, cutoffs), History.of(orders)
    for cutoff in cutoffs:
        known = history.customers[history.known(cutoff)].tolist()
        assert product.at(table, cutoff)["customer_id"].tolist() == known, "a row is missing or doubled"
    assert table["stage_code"].isin([int(stage) for stage in Stage]).all(), "no stage"
    inside = table["stage_code"] == Stage.REGRESSION
    assert ((table["sub_state_code"] > 0) == inside).all(), "a sub-state outside regression, or none inside"


def legal(build: Build, orders: pd.DataFrame, weekly: Sequence[int], hold_days: int) -> None:
    """Only legal moves from week to week and from period to period; no promotion before a stage was held for one."""
    table = build(orders, weekly)
    _legal_after(table, 7)
    _held(table, hold_days)
    _legal_after(table, hold_days)


def _later(table: pd.DataFrame, days: int) -> pd.DataFrame:
    """Each row beside the same customer's row so many days later."""
    return table.merge(table.assign(cutoff=table["cutoff"] - days), on=KEYS, suffixes=("", "_later"))


def _legal_after(table: pd.DataFrame, days: int) -> None:
    pairs = _later(table, days)
    now, then = (pairs[name].to_numpy().astype(np.int8) for name in ("stage_code", "stage_code_later"))
    allowed = legal_moves(now, pairs["highest_stage"].to_numpy() >= Stage.FORMATIVE)
    wrong = pairs[~allowed[np.arange(len(now)), then]]
    assert wrong.empty, f"an illegal move\n{wrong[[*KEYS, 'stage_code', 'stage_code_later']].head()}"


def _held(table: pd.DataFrame, hold_days: int) -> None:
    pairs = _later(table, 7)
    now, then = pairs["stage_code"], pairs["stage_code_later"]
    promoted = (then > now) & (then != Stage.REGRESSION)
    assert (pairs.loc[promoted, "days_in_stage"] + 7 >= hold_days).all(), "a stage was not held before a promotion"
    moved, stayed = then != now, then == now
    assert (pairs.loc[moved, "days_in_stage_later"] == 0).all(), "a stage entered is older than its entry"
    assert (pairs.loc[stayed, "days_in_stage_later"] == pairs.loc[stayed, "days_in_stage"] + 7).all(), "a broken clock"
