"""pandas by the quickest plan found: customer-days and gaps between order-days once, then groupings at each cut-off.

The same plan as the others', by `groupby` over whole-number codes; a window
is one grouping of the days in it, set side by side on the customers known.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from compared import COLUMNS, FEATURES, WINDOWS

SUMS = ["order_days", "orders", "lines", "units", "gross", "returned", "value", "return_lines"]


def tables(orders: Path, cutoffs: list[date]) -> Iterator[pd.DataFrame]:
    """One DataFrame a cut-off."""
    lines, names = read_lines(orders)
    items, days = _items(lines), customer_days(lines)
    del lines
    order_days = with_gaps(days)
    for cutoff in cutoffs:
        t = (cutoff - date(1970, 1, 1)).days
        table = snapshot(order_days, days, _products(items, t), t)
        keys = pd.DataFrame({"customer_id": names[table.index], "cutoff": cutoff}, index=table.index)
        yield pd.concat([keys, table], axis=1)


def read_lines(orders: Path) -> tuple[pd.DataFrame, pd.Index]:
    """Order lines with whole-number codes and days, and the customers' ids in the order of their codes."""
    read = pd.read_parquet(orders, columns=list(COLUMNS))
    customer, names = pd.factorize(read["customer_id"], sort=True)
    coded = {name: pd.factorize(read[f"{name}_id"])[0] for name in ("order", "product")}
    day = read["ordered_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
    kept = read[["quantity", "amount", "is_return"]].assign(customer=customer, day=day, **coded)
    return kept, pd.Index(names)


def customer_days(lines: pd.DataFrame) -> pd.DataFrame:
    """One row a customer and day, sorted; `sold` is the day's spend where it is an order-day."""
    returned = lines["is_return"]
    bought = ~returned
    placed = bought & ~lines[["customer", "day", "order"]].where(bought, -1).duplicated()
    measures = pd.DataFrame(
        {
            "customer": lines["customer"],
            "day": lines["day"],
            "lines": bought.astype(float),
            "return_lines": returned.astype(float),
            "orders": placed.astype(float),
            "units": lines["quantity"].where(bought, 0),
            "gross": lines["amount"].where(bought, 0),
            "returned": -lines["amount"].where(returned, 0),
        }
    )
    return with_order_days(measures.groupby(["customer", "day"]).sum().reset_index())


def with_order_days(days: pd.DataFrame) -> pd.DataFrame:
    """Which customer-days count as order-days, and what was bought on those."""
    rest = (days["gross"] - days["returned"]).abs() > 1e-6 * (days["lines"] + days["return_lines"])
    ordered = (days["lines"] > 0) & ((days["return_lines"] == 0) | (days["gross"] <= 0) | rest)
    order_days = ordered.astype(float)
    return days.assign(
        order_days=order_days,
        value=days["gross"] * order_days,
        basket=days["lines"] * order_days,
        sold=days["gross"].where(ordered),
        weekend=(ordered & ((days["day"] + 3) % 7 >= 5)).astype(float),
    )


def _items(lines: pd.DataFrame) -> pd.DataFrame:
    bought = lines.loc[~lines["is_return"], ["customer", "product", "day"]].drop_duplicates()
    bought = bought.sort_values(["customer", "product", "day"], ignore_index=True)
    same = (bought[["customer", "product"]] == bought[["customer", "product"]].shift(-1)).all(axis=1)
    return pd.DataFrame({"customer": bought["customer"], "day": bought["day"], "next_day": _next(bought["day"], same)})


def _next(day: pd.Series, same: pd.Series) -> pd.Series:
    """The day in the next row where that has the same keys; a day past all others elsewhere."""
    return day.shift(-1).where(same, np.inf)


def with_gaps(days: pd.DataFrame) -> pd.DataFrame:
    """The order-days alone, each with the gap before it and the day of the next; `days` get the gap squared."""
    bought = days.loc[days["order_days"] > 0, ["customer", "day", "lines", "gross"]]
    same = bought["customer"] == bought["customer"].shift()
    gap = bought["day"].diff().where(same)
    days["gap_squared"] = (gap**2).reindex(days.index).fillna(0)
    return bought.assign(gap=gap, next_day=_next(bought["day"], same.shift(-1, fill_value=False)))


def snapshot(order_days: pd.DataFrame, days: pd.DataFrame, products: pd.DataFrame, t: int) -> pd.DataFrame:
    """The features of the customers known at day number t, by customer; `products` are distinct ones by window."""
    last = _standing_at(order_days, t).set_index("customer")
    first = order_days[order_days["gap"].isna()].set_index("customer").reindex(last.index)
    days = days[days["day"] < t]
    windows = {n: _window(days, t, n).reindex(last.index) for n in WINDOWS}
    before = {n: _before(days, t, n).reindex(last.index, fill_value=0) for n in WINDOWS}
    found = products.reindex(last.index, fill_value=0)
    table: dict[str, pd.Series] = {}
    ever = _ever(days).reindex(last.index)
    tenure = t - first["day"].astype(float)
    for n, window in windows.items():
        window[SUMS] = window[SUMS].fillna(0)
        table |= _within(f"{n}w", window, found)
        table |= _changes(n, window, before[n], (ever["order_days"], tenure))
    table |= _within("ever", ever, found)
    table |= _gaps(ever, last, first) | _ages(t, last, tenure) | _firsts(ever, last, first) | _shares(ever, windows[26])
    return pd.DataFrame(table)[list(FEATURES)]


def _standing_at(rows: pd.DataFrame, t: int) -> pd.DataFrame:
    return rows[(rows["day"] < t) & (rows["next_day"] >= t)]


def _ever(days: pd.DataFrame) -> pd.DataFrame:
    past = days.groupby("customer")
    return past[[*SUMS, "weekend", "gap_squared"]].sum().assign(largest=past["sold"].max())


def _window(days: pd.DataFrame, t: int, number: int) -> pd.DataFrame:
    within = days[days["day"] >= t - 7 * number].groupby("customer")
    return within[[*SUMS, "basket"]].sum().assign(largest=within["sold"].max())


def _before(days: pd.DataFrame, t: int, number: int) -> pd.DataFrame:
    day = days["day"]
    return days[(day < t - 7 * number) & (day >= t - 14 * number)].groupby("customer")[["order_days", "value"]].sum()


def _products(items: pd.DataFrame, t: int) -> pd.DataFrame:
    last = _standing_at(items, t)
    flags = {f"{n}w": (last["day"] >= t - 7 * n).astype(float) for n in WINDOWS}
    return pd.DataFrame(flags | {"ever": 1.0}, index=last.index).groupby(last["customer"]).sum()


def _within(tail: str, of: pd.DataFrame, products: pd.DataFrame) -> dict[str, pd.Series]:
    same = {f"{name}_{tail}": of[name] for name in ("order_days", "orders", "lines", "units", "return_lines")}
    return same | {
        f"net_spend_{tail}": of["gross"] - of["returned"],
        f"order_day_value_{tail}": _ratio(of["value"], of["order_days"]),
        f"largest_order_day_{tail}": of["largest"],
        f"returned_share_{tail}": _ratio(of["returned"], of["gross"]),
        f"products_{tail}": products[tail],
    }


def _changes(
    n: int, now: pd.DataFrame, before: pd.DataFrame, ever: tuple[pd.Series, pd.Series]
) -> dict[str, pd.Series]:
    order_days, tenure = ever
    found = {
        f"{name}_change_{n}w": _ratio(now[of] - before[of], now[of].abs() + before[of].abs())
        for name, of in (("order_days", "order_days"), ("spend", "value"))
    }
    return found | {f"pace_{n}w": now["order_days"] * tenure / (order_days * tenure.clip(upper=7 * n))}


def _gaps(ever: pd.DataFrame, last: pd.DataFrame, first: pd.DataFrame) -> dict[str, pd.Series]:
    gaps = ever["order_days"] - 1
    mean = _ratio((last["day"] - first["day"]).astype(float), gaps)
    spread = np.sqrt((_ratio(ever["gap_squared"], gaps) - mean**2).clip(lower=0)).where(gaps >= 2)
    return {
        "mean_gap": mean,
        "gap_spread": spread,
        "gap_variation": spread / mean,
        "last_gap": last["gap"],
        "last_to_mean_gap": last["gap"] / mean,
    }


def _ages(t: int, last: pd.DataFrame, tenure: pd.Series) -> dict[str, pd.Series]:
    recency = t - last["day"].astype(float)
    return {"recency": recency, "tenure": tenure, "active_share": (tenure - recency) / tenure}


def _firsts(ever: pd.DataFrame, last: pd.DataFrame, first: pd.DataFrame) -> dict[str, pd.Series]:
    mean = ever["value"] / ever["order_days"]
    return {
        "last_order_day_value": last["gross"],
        "last_to_mean_value": _ratio(last["gross"], mean),
        "first_lines": first["lines"],
        "first_value": first["gross"],
        "first_to_mean_value": _ratio(first["gross"], mean),
    }


def _shares(ever: pd.DataFrame, half_year: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        "weekend_share": ever["weekend"] / ever["order_days"],
        "lines_per_order_day": _ratio(half_year["basket"], half_year["order_days"]),
        "units_per_line": _ratio(half_year["units"], half_year["lines"]),
    }


def _ratio(top: pd.Series, bottom: pd.Series) -> pd.Series:
    return (top / bottom).where(bottom != 0)
