"""pandas: customer-days and what stood at each of them once, then groupings at each cut-off.

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
    lines, names = _lines(orders)
    items, days = _items(lines), _days(lines)
    del lines
    standing = _standing(days)
    for cutoff in cutoffs:
        t = (cutoff - date(1970, 1, 1)).days
        table = _snapshot(standing, days, items, t)
        keys = pd.DataFrame({"customer_id": names[table.index], "cutoff": cutoff}, index=table.index)
        yield pd.concat([keys, table[list(FEATURES)]], axis=1)


def _lines(orders: Path) -> tuple[pd.DataFrame, pd.Index]:
    read = pd.read_parquet(orders, columns=list(COLUMNS))
    customer, names = pd.factorize(read["customer_id"], sort=True)
    coded = {name: pd.factorize(read[f"{name}_id"])[0] for name in ("order", "product")}
    day = read["ordered_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
    kept = read[["quantity", "amount", "is_return"]].assign(customer=customer, day=day, **coded)
    return kept, pd.Index(names)


def _days(lines: pd.DataFrame) -> pd.DataFrame:
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
    days = measures.groupby(["customer", "day"]).sum().reset_index()
    rest = (days["gross"] - days["returned"]).abs() > 1e-6 * (days["lines"] + days["return_lines"])
    ordered = (days["lines"] > 0) & ((days["return_lines"] == 0) | (days["gross"] <= 0) | rest)
    order_days = ordered.astype(float)
    return days.assign(
        order_days=order_days,
        value=days["gross"] * order_days,
        basket=days["lines"] * order_days,
        sold=days["gross"].where(ordered),
    )


def _items(lines: pd.DataFrame) -> pd.DataFrame:
    bought = lines.loc[~lines["is_return"], ["customer", "product", "day"]].drop_duplicates()
    bought = bought.sort_values(["customer", "product", "day"], ignore_index=True)
    same = (bought[["customer", "product"]] == bought[["customer", "product"]].shift(-1)).all(axis=1)
    return pd.DataFrame({"customer": bought["customer"], "day": bought["day"], "next_day": _next(bought["day"], same)})


def _next(day: pd.Series, same: pd.Series) -> pd.Series:
    """The day in the next row where that has the same keys; a day past all others elsewhere."""
    return day.shift(-1).where(same, np.inf)


def _standing(days: pd.DataFrame) -> pd.DataFrame:
    own = days["customer"]
    bought = days[days["order_days"] > 0]
    by_customer = bought.groupby("customer")
    gap = by_customer["day"].diff()
    facts = pd.DataFrame(
        {
            "last_day": bought["day"].astype(float),
            "last_value": bought["gross"],
            "last_gap": gap,
            "gap_squared": (gap**2).fillna(0).groupby(bought["customer"]).cumsum(),
            "weekend": ((bought["day"] + 3) % 7 >= 5).astype(float).groupby(bought["customer"]).cumsum(),
            "largest": by_customer["gross"].cummax(),
        }
    )
    facts = facts.reindex(days.index).groupby(own).ffill()
    first = by_customer[["day", "lines", "gross"]].first()
    first.columns = pd.Index(["first_day", "first_lines", "first_value"])
    standing = pd.concat(
        [days[["customer", "day"]], days.groupby("customer")[SUMS].cumsum(), facts],
        axis=1,
    ).assign(next_day=_next(days["day"], own == own.shift(-1)))
    return standing[standing["last_day"].notna()].join(first, on="customer")


def _snapshot(standing: pd.DataFrame, days: pd.DataFrame, items: pd.DataFrame, t: int) -> pd.DataFrame:
    now = _standing_at(standing, t).set_index("customer")
    days = days[days["day"] < t]
    windows = {n: _window(days, t, n).reindex(now.index) for n in WINDOWS}
    before = {n: _before(days, t, n).reindex(now.index, fill_value=0) for n in WINDOWS}
    found = _products(items, t).reindex(now.index, fill_value=0)
    table: dict[str, pd.Series] = {}
    tenure = t - now["first_day"].astype(float)
    for n, window in windows.items():
        window[SUMS] = window[SUMS].fillna(0)
        table |= _within(f"{n}w", window, found)
        table |= _changes(n, window, before[n], (now["order_days"], tenure))
    table |= _within("ever", now, found) | _once(t, tenure, now, windows[26])
    return pd.DataFrame(table)


def _standing_at(rows: pd.DataFrame, t: int) -> pd.DataFrame:
    return rows[(rows["day"] < t) & (rows["next_day"] >= t)]


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


def _once(t: int, tenure: pd.Series, now: pd.DataFrame, half_year: pd.DataFrame) -> dict[str, pd.Series]:
    recency, gaps = t - now["last_day"], now["order_days"] - 1
    mean_value, mean_gap = now["value"] / now["order_days"], _ratio(now["last_day"] - now["first_day"], gaps)
    spread = np.sqrt((_ratio(now["gap_squared"], gaps) - mean_gap**2).clip(lower=0)).where(gaps >= 2)
    return {
        "recency": recency,
        "tenure": tenure,
        "active_share": (tenure - recency) / tenure,
        "weekend_share": now["weekend"] / now["order_days"],
        "lines_per_order_day": _ratio(half_year["basket"], half_year["order_days"]),
        "units_per_line": _ratio(half_year["units"], half_year["lines"]),
        "mean_gap": mean_gap,
        "gap_spread": spread,
        "gap_variation": spread / mean_gap,
        "last_gap": now["last_gap"],
        "last_to_mean_gap": now["last_gap"] / mean_gap,
        "last_order_day_value": now["last_value"],
        "last_to_mean_value": _ratio(now["last_value"], mean_value),
        "first_lines": now["first_lines"],
        "first_value": now["first_value"],
        "first_to_mean_value": _ratio(now["first_value"], mean_value),
    }


def _ratio(top: pd.Series, bottom: pd.Series) -> pd.Series:
    return (top / bottom).where(bottom != 0)
