"""pandas as it is usually written: a function of the orders before one cut-off, called for each.

Ids stay text, each window is a filter and a `groupby`, distinct products and
orders are `nunique`. What comes after the groupings is that of `peer_pandas_planned`.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
from compared import COLUMNS, WINDOWS
from peer_pandas_planned import snapshot, with_gaps, with_order_days

KEYS = ["customer", "day"]


def tables(orders: Path, cutoffs: list[date]) -> Iterator[pd.DataFrame]:
    """One DataFrame a cut-off."""
    lines = pd.read_parquet(orders, columns=list(COLUMNS)).rename(columns={"customer_id": "customer"})
    lines["day"] = lines["ordered_at"].dt.normalize().astype("datetime64[s]").astype("int64") // 86_400
    for cutoff in cutoffs:
        t = (cutoff - date(1970, 1, 1)).days
        past = lines[lines["day"] < t]
        days = _customer_days(past)
        table = snapshot(with_gaps(days), days, _products(past, t), t)
        yield (
            table.rename_axis("customer_id")
            .reset_index()
            .assign(cutoff=cutoff)[["customer_id", "cutoff", *table.columns]]
        )


def _customer_days(past: pd.DataFrame) -> pd.DataFrame:
    bought, returned = past[~past["is_return"]], past[past["is_return"]]
    sold = bought.groupby(KEYS).agg(
        lines=("amount", "size"), orders=("order_id", "nunique"), units=("quantity", "sum"), gross=("amount", "sum")
    )
    back = returned.groupby(KEYS).agg(return_lines=("amount", "size"), returned=("amount", "sum"))
    days = sold.join(back, how="outer").fillna(0).astype(float).reset_index()
    return with_order_days(days.assign(returned=-days["returned"]))


def _products(past: pd.DataFrame, t: int) -> pd.DataFrame:
    bought = past[~past["is_return"]]
    spans = {f"{number}w": bought["day"] >= t - 7 * number for number in WINDOWS} | {"ever": bought["day"] < t}
    found = {name: bought[inside].groupby("customer")["product_id"].nunique() for name, inside in spans.items()}
    return pd.DataFrame(found).fillna(0).astype(float)
