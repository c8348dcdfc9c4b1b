"""featuretools: sums and the largest of customer-days in each window, by deep feature synthesis with cut-off times.

It is given the customer-days that pandas makes, and asked for what its
primitives say without code of one's own. It does not run under pandas 3, hence
in an environment of its own: see `compare.py`.
"""

import logging
import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import featuretools
import pandas as pd
from compared import FEATURES, WINDOWS
from peer_pandas_planned import customer_days, read_lines

SUMS = ("order_days", "orders", "lines", "units", "return_lines", "net_spend")


def tables(orders: Path, cutoffs: list[date]) -> Iterator[pd.DataFrame]:
    """One DataFrame for all cut-offs."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    lines, names = read_lines(orders)
    days = customer_days(lines)
    first = days[days["order_days"] > 0].groupby("customer")["day"].min()
    known = pd.concat(
        [pd.DataFrame({"customer": first.index[_date(first) < cutoff], "time": cutoff}) for cutoff in _stamps(cutoffs)],
        ignore_index=True,
    )
    shop = _entities(days, first)
    parts = [_within(shop, known, None), *(_within(shop, known, number) for number in WINDOWS)]
    table = pd.concat(parts, axis=1).reset_index()
    keys = {"customer_id": names[table["customer"]], "cutoff": table["time"]}
    kept = [name for name in FEATURES if name in table]
    yield pd.concat([pd.DataFrame(keys), table[kept]], axis=1)


def _stamps(cutoffs: list[date]) -> list[pd.Timestamp]:
    return [pd.Timestamp(cutoff) for cutoff in cutoffs]


def _date(day: pd.Series) -> pd.Series:
    return pd.to_datetime(day, unit="D")


def _entities(days: pd.DataFrame, first: pd.Series) -> featuretools.EntitySet:
    day = days[["customer", *SUMS[:-1], "sold"]].assign(
        net_spend=days["gross"] - days["returned"], time=_date(days["day"]), row=range(len(days))
    )
    shop = featuretools.EntitySet("shop")
    shop.add_dataframe(dataframe_name="customers", dataframe=first.index.to_frame(index=False), index="customer")
    shop.add_dataframe(dataframe_name="days", dataframe=day, index="row", time_index="time")
    return shop.add_relationship("customers", "customer", "days", "customer")


def _within(shop: featuretools.EntitySet, known: pd.DataFrame, number: int | None) -> pd.DataFrame:
    """A day counts from the cut-off less the window up to, but not with, the cut-off."""
    tail, window = ("ever", None) if number is None else (f"{number}w", f"{7 * number} days")
    found, _ = featuretools.dfs(
        entityset=shop,
        target_dataframe_name="customers",
        agg_primitives=["sum", "max"],
        trans_primitives=[],
        cutoff_time=known,
        cutoff_time_in_index=True,
        include_cutoff_time=False,
        training_window=window,
    )
    sums = {f"SUM(days.{name})": f"{name}_{tail}" for name in SUMS}
    return found[[*sums, "MAX(days.sold)"]].rename(columns=sums | {"MAX(days.sold)": f"largest_order_day_{tail}"})
