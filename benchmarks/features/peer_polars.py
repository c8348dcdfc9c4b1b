"""Polars: customer-days and the gaps between order-days once, then one lazy query a cut-off.

The same plan as DuckDB's. Customers and products are physical codes of a
categorical, days are whole numbers; a row's neighbour is found by `shift` over
sorted columns: `over` took half of the time up to the first cut-off.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
from compared import COLUMNS, FEATURES, WINDOWS

SUMS = ("order_days", "orders", "lines", "units", "gross", "returned", "value", "return_lines")
EPOCH = date(1970, 1, 1)


def tables(orders: Path, cutoffs: list[date]) -> Iterator[pl.DataFrame]:
    """One DataFrame a cut-off."""
    lines = _lines(orders)
    names, items = lines.select("customer", "customer_id").unique("customer").lazy(), _items(lines).lazy()
    days = _days(lines)
    del lines
    order_days, days = days.filter("ordered").lazy(), days.drop("ordered", "gap", "next_day").lazy()
    for cutoff in cutoffs:
        t = (cutoff - EPOCH).days
        yield (
            _snapshot(order_days, days, items, t)
            .join(names, on="customer")
            .select("customer_id", pl.lit(cutoff).alias("cutoff"), *FEATURES)
            .collect()
        )


def _lines(orders: Path) -> pl.DataFrame:
    bought = ~pl.col("is_return")
    return (
        pl.scan_parquet(orders)
        .select(COLUMNS)
        .with_columns(
            customer=pl.col("customer_id").cast(pl.Categorical).to_physical(),
            order=pl.col("order_id").cast(pl.Categorical).to_physical(),
            product=pl.col("product_id").cast(pl.Categorical).to_physical(),
            day=pl.col("ordered_at").dt.date().cast(pl.Int32),
            bought=bought,
        )
        .drop("order_id", "product_id", "ordered_at")
        .collect()
    )


def _days(lines: pl.DataFrame) -> pl.DataFrame:
    per_order = (
        lines.lazy()
        .group_by("customer", "order", "day")
        .agg(
            lines=pl.col("bought").sum().cast(pl.Float64),
            return_lines=pl.col("is_return").sum().cast(pl.Float64),
            units=(pl.col("quantity") * pl.col("bought")).sum(),
            gross=(pl.col("amount") * pl.col("bought")).sum(),
            returned=-(pl.col("amount") * pl.col("is_return")).sum(),
        )
        .with_columns(orders=(pl.col("lines") > 0).cast(pl.Float64))
    )
    rest = (pl.col("gross") - pl.col("returned")).abs() > 1e-6 * (pl.col("lines") + pl.col("return_lines"))
    ordered = (pl.col("lines") > 0) & ((pl.col("return_lines") == 0) | (pl.col("gross") <= 0) | rest)
    own = ("customer", "ordered")
    return (
        per_order.group_by("customer", "day")
        .agg(pl.col("lines", "return_lines", "units", "gross", "returned", "orders").sum())
        .sort("customer", "day")
        .with_columns(ordered=ordered)
        .sort("customer", "ordered", "day")
        .with_columns(gap=pl.col("day") - _of_same("previous", *own), next_day=_of_same("next", *own))
        .with_columns(
            order_days=pl.col("ordered").cast(pl.Float64),
            value=pl.when("ordered").then("gross").otherwise(0),
            basket=pl.when("ordered").then("lines").otherwise(0),
            sold=pl.when("ordered").then("gross"),
            weekend=(pl.col("ordered") & ((pl.col("day") + 3) % 7 >= 5)).cast(pl.Float64),
            gap_squared=pl.when("ordered").then(pl.col("gap").cast(pl.Float64) ** 2).fill_null(0),
        )
        .collect()
    )


def _items(lines: pl.DataFrame) -> pl.DataFrame:
    bought = lines.lazy().filter("bought").select("customer", "product", "day").unique()
    return (
        bought.sort("customer", "product", "day")
        .with_columns(next_day=_of_same("next", "customer", "product"))
        .select("customer", "day", "next_day")
        .collect()
    )


def _of_same(side: str, *keys: str) -> pl.Expr:
    """The day in the next (or previous) row where that has the same keys; over sorted rows."""
    step = -1 if side == "next" else 1
    same = pl.all_horizontal(pl.col(key) == pl.col(key).shift(step) for key in keys)
    return pl.when(same).then(pl.col("day").shift(step))


def _snapshot(order_days: pl.LazyFrame, days: pl.LazyFrame, items: pl.LazyFrame, t: int) -> pl.LazyFrame:
    last = (pl.col("day") < t) & (pl.col("next_day").is_null() | (pl.col("next_day") >= t))
    first = order_days.filter(pl.col("gap").is_null()).select(
        "customer", first_day="day", first_lines="lines", first_value="gross"
    )
    table = order_days.filter(last).select("customer", last_day="day", last_value="gross", last_gap="gap")
    table = table.join(first, on="customer").join(_ever(days, t), on="customer")
    for n in WINDOWS:
        table = table.join(_window(days, t, n), on="customer", how="left")
        table = table.join(_before(days, t, n), on="customer", how="left")
    bought = items.filter(last).group_by("customer").agg(*_products(t))
    zero = [f"{name}_{n}w" for n in WINDOWS for name in (*SUMS, "order_days_before", "value_before")]
    return (
        table.join(bought, on="customer", how="left")
        .with_columns(
            pl.col(*zero, "basket_26w").fill_null(0),
            recency=(t - pl.col("last_day")).cast(pl.Float64),
            tenure=(t - pl.col("first_day")).cast(pl.Float64),
            mean_value=pl.col("value") / pl.col("order_days"),
            mean_gap=_ratio((pl.col("last_day") - pl.col("first_day")).cast(pl.Float64), pl.col("order_days") - 1),
        )
        .with_columns(gap_spread=_gap_spread())
        .with_columns(*(feature for n in WINDOWS for feature in (*_within(f"{n}w", f"_{n}w"), *_changes(n))))
        .with_columns(*_within("ever", ""), *_once())
    )


def _ever(days: pl.LazyFrame, t: int) -> pl.LazyFrame:
    sums = pl.col(*SUMS, "weekend", "gap_squared").sum()
    return days.filter(pl.col("day") < t).group_by("customer").agg(sums, pl.col("sold").max().alias("largest"))


def _window(days: pl.LazyFrame, t: int, number: int) -> pl.LazyFrame:
    within = days.filter((pl.col("day") < t) & (pl.col("day") >= t - 7 * number))
    sums = [pl.col(name).sum().alias(f"{name}_{number}w") for name in SUMS]
    basket = [pl.col("basket").sum().alias("basket_26w")] if number == 26 else []
    return within.group_by("customer").agg(*sums, *basket, pl.col("sold").max().alias(f"largest_{number}w"))


def _before(days: pl.LazyFrame, t: int, number: int) -> pl.LazyFrame:
    before = days.filter((pl.col("day") < t - 7 * number) & (pl.col("day") >= t - 14 * number))
    sums = [pl.col(name).sum().alias(f"{name}_before_{number}w") for name in ("order_days", "value")]
    return before.group_by("customer").agg(*sums)


def _products(t: int) -> Iterator[pl.Expr]:
    for n in WINDOWS:
        yield (pl.col("day") >= t - 7 * n).sum().cast(pl.Float64).alias(f"products_{n}w")
    yield pl.len().cast(pl.Float64).alias("products_ever")


def _gap_spread() -> pl.Expr:
    gaps = pl.col("order_days") - 1
    variance = pl.col("gap_squared") / gaps - pl.col("mean_gap") ** 2
    return pl.when(gaps >= 2).then(variance.clip(0).sqrt())


def _within(tail: str, end: str) -> Iterator[pl.Expr]:
    def col(name: str) -> pl.Expr:
        return pl.col(name + end)

    for name in ("order_days", "orders", "lines", "units", "return_lines"):
        yield col(name).alias(f"{name}_{tail}")
    yield (col("gross") - col("returned")).alias(f"net_spend_{tail}")
    yield _ratio(col("value"), col("order_days")).alias(f"order_day_value_{tail}")
    yield col("largest").alias(f"largest_order_day_{tail}")
    yield _ratio(col("returned"), col("gross")).alias(f"returned_share_{tail}")
    yield pl.col(f"products_{tail}").fill_null(0)


def _changes(n: int) -> Iterator[pl.Expr]:
    for name, measure in (("order_days", "order_days"), ("spend", "value")):
        now, before = pl.col(f"{measure}_{n}w"), pl.col(f"{measure}_before_{n}w")
        yield _ratio(now - before, now.abs() + before.abs()).alias(f"{name}_change_{n}w")
    passed = pl.col("order_days") * pl.min_horizontal("tenure", pl.lit(7.0 * n))
    yield (pl.col(f"order_days_{n}w") * pl.col("tenure") / passed).alias(f"pace_{n}w")


def _once() -> Iterator[pl.Expr]:
    mean_value, mean_gap = pl.col("mean_value"), pl.col("mean_gap")
    yield ((pl.col("tenure") - pl.col("recency")) / pl.col("tenure")).alias("active_share")
    yield (pl.col("weekend") / pl.col("order_days")).alias("weekend_share")
    yield _ratio(pl.col("basket_26w"), pl.col("order_days_26w")).alias("lines_per_order_day")
    yield _ratio(pl.col("units_26w"), pl.col("lines_26w")).alias("units_per_line")
    yield (pl.col("gap_spread") / mean_gap).alias("gap_variation")
    yield (pl.col("last_gap") / mean_gap).alias("last_to_mean_gap")
    yield pl.col("last_value").alias("last_order_day_value")
    yield _ratio(pl.col("last_value"), mean_value).alias("last_to_mean_value")
    yield _ratio(pl.col("first_value"), mean_value).alias("first_to_mean_value")


def _ratio(top: pl.Expr, bottom: pl.Expr) -> pl.Expr:
    return pl.when(bottom != 0).then(top / bottom)
