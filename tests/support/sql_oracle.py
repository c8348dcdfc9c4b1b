"""Every default feature once more, in SQL (sqlite3 of the standard library), from the words of its meaning.

The tables are those a person would make by hand: one row a line, one a
customer's day, one an order-day with its gap, one an item bought on a day.
Days are whole days since 1970-01-01; `:t` is the cut-off and history is
`day < :t`. What the stage machine knows comes from `stage_oracle`.
"""

import math
import sqlite3
import statistics
import weakref
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
import stage_oracle

from features.stages.spec import StageSpec

TEXT = ("order_id", "product_id", "category")
NUMBERS = ("quantity", "unit_price", "amount", "discount")
YEAR = 365.2425

LINE = """
INSERT INTO line
VALUES (?1, CAST(julianday(substr(?2, 1, 10)) - 2440587.5 AS INTEGER), coalesce('o' || ?4, ?2), ?3,
        ?5, ?6, ROUND(?7, 6), ROUND(?8, 6), ROUND(?9, 6), ROUND(?10, 6))
"""

TABLES = """
CREATE TABLE spent AS
SELECT customer, day, SUM(NOT back) AS lines, SUM(back) AS return_lines,
       TOTAL(CASE WHEN NOT back THEN amount END) AS gross, TOTAL(CASE WHEN back THEN -amount END) AS returned
FROM line GROUP BY customer, day;

CREATE TABLE visit AS
SELECT customer, day, lines, gross, day - LAG(day) OVER (PARTITION BY customer ORDER BY day) AS gap
FROM spent
WHERE lines > 0 AND NOT (return_lines > 0 AND gross > 0 AND ROUND(gross - returned, 6) = 0);
CREATE INDEX visit_by_day ON visit (day);

CREATE TABLE usual AS
SELECT product_id, day, SUM(paid) OVER earlier / SUM(n) OVER earlier AS price
FROM (SELECT product_id, day, SUM(price) AS paid, COUNT(*) AS n FROM line
      WHERE NOT back AND price > 0 AND product_id IS NOT NULL GROUP BY product_id, day)
WINDOW earlier AS (PARTITION BY product_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);
CREATE INDEX usual_key ON usual (product_id, day);
"""

OF_THE_CHOSEN = """
CREATE TABLE few_whole AS
SELECT customer, day, SUM(NOT back) AS lines, SUM(back) AS return_lines,
       COUNT(DISTINCT CASE WHEN NOT back THEN one END) AS orders,
       TOTAL(CASE WHEN NOT back THEN quantity END) AS units,
       TOTAL(CASE WHEN NOT back THEN discount END) AS discount,
       TOTAL(CASE WHEN NOT back THEN amount END) AS gross, TOTAL(CASE WHEN back THEN -amount END) AS returned,
       TOTAL(CASE WHEN NOT back AND price > 0 THEN price END) AS prices, TOTAL(NOT back AND price > 0) AS priced
FROM line WHERE customer IN (SELECT customer FROM chosen) GROUP BY customer, day;

CREATE TABLE few_visits AS SELECT * FROM visit WHERE customer IN (SELECT customer FROM chosen);
CREATE TABLE bargain AS
SELECT customer, day, MAX(-LN(10), MIN(LN(10), LN(line.price / usual.price))) AS relative
FROM line JOIN usual USING (product_id, day)
WHERE customer IN (SELECT customer FROM chosen) AND NOT back AND line.price > 0 AND usual.price IS NOT NULL;
"""

ITEMS = """
CREATE TABLE {item} AS
SELECT customer, {column} AS item, day, MIN(day) OVER (PARTITION BY customer, {column}) AS first_day
FROM (SELECT DISTINCT customer, {column}, day FROM line
      WHERE customer IN (SELECT customer FROM chosen) AND NOT back AND {column} IS NOT NULL);
CREATE INDEX {item}_by_customer ON {item} (customer, day);
"""

SEEN = """
(SELECT *, MIN(day) OVER one AS first_day, MAX(day) OVER one AS last_day, AVG(gap) OVER one AS mean_gap,
        MAX(ROUND(gross, 6)) OVER one AS most, ROW_NUMBER() OVER (one ORDER BY day) AS number {runs}
 FROM few_visits WHERE day < :t WINDOW one AS (PARTITION BY customer))
"""

RUN = """, SUM({value}) OVER (one ORDER BY day RANGE BETWEEN {days} - 1 PRECEDING AND CURRENT ROW) AS {name}_{weeks}w"""

BOUGHT = """
(SELECT * FROM {item}
 JOIN (SELECT customer, MAX(day) AS last_day FROM few_visits WHERE day < :t GROUP BY customer) USING (customer)
 WHERE day < :t)
"""


class Spread:
    """Standard deviation of the values that are there, from exact fractions; null below two."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def step(self, value: float | None) -> None:
        if value is not None:
            self.values.append(value)

    def finalize(self) -> float | None:
        return statistics.pstdev(self.values) if len(self.values) >= 2 else None


class Slope:
    """Slope of the least-squares line through the points that are there; null below two."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float]] = []

    def step(self, x: float | None, y: float | None) -> None:
        if x is not None and y is not None:
            self.points.append((x, y))

    def finalize(self) -> float | None:
        if len(self.points) < 2:
            return None
        return float(statistics.linear_regression(*zip(*self.points, strict=True)).slope)


class SqlOracle:
    """Features of some customers of a shop (all of them where `only` is None)."""

    def __init__(self, orders: pd.DataFrame, only: Iterable[str] | None = None) -> None:
        self.orders = orders
        self.has = {name for name in (*TEXT, *NUMBERS) if name in orders and orders[name].notna().any()}
        self.db = sqlite3.connect(":memory:")
        weakref.finalize(self, self.db.close)
        for name, function in (("LN", math.log), ("SIN", math.sin), ("COS", math.cos), ("SQRT", math.sqrt)):
            self.db.create_function(name, 1, function, deterministic=True)
        self.db.create_aggregate("SPREAD", 1, Spread)  # type: ignore[arg-type]
        self.db.create_aggregate("SLOPE", 2, Slope)  # type: ignore[arg-type]
        self.only = set(orders["customer_id"]) if only is None else set(only)
        self.stage_tables: dict[str, pd.DataFrame] = {}
        self._load()

    def features(self, cutoff: int, spec: StageSpec, windows: tuple[int, ...]) -> pd.DataFrame:
        """One row for each chosen customer known at the cut-off, by id; NaN where a feature is not defined."""
        given = {"t": cutoff, "p": min(spec.hold_days, 364)}
        tables = [
            self._ask(SEEN.format(runs=self._runs(windows)), dict(self._visits(windows)), given),
            self._ask("few_whole WHERE day < :t", dict(self._whole(windows)), given),
        ]
        for item, column in (("products", "product_id"), ("categories", "category")):
            if column in self.has:
                tables.append(self._ask(BOUGHT.format(item=item), dict(_items(item, windows)), given))
                tables.append(self._concentration(item, given))
        if {"unit_price", "product_id"} <= self.has:
            tables.append(self._ask("bargain WHERE day < :t", dict(_bargains(windows)), given))
        table = tables[0].join(tables[1:])
        bought = [f"{item}_{tail}" for item in ("products", "categories") for _, tail in _spans(windows)]
        bought = [name for name in bought if name in table]
        table[bought] = table[bought].fillna(0)
        stages = self._stages(cutoff, spec, table["recency"])
        return table.join(stages).assign(**self._shop(given)).sort_index()

    # -- tables ------------------------------------------------------------------------------------

    def _load(self) -> None:
        lines = self.orders
        at = lines["ordered_at"].to_numpy().astype("datetime64[us]").astype(str)
        nothing = [None] * len(lines)
        cells = [_cells(lines[name]) if name in self.has else nothing for name in (*TEXT, *NUMBERS)]
        self.db.execute(
            "CREATE TABLE line (customer, day, one, back, product_id, category, quantity, price, amount, discount)"
        )
        keys = (lines["customer_id"].tolist(), at.tolist(), lines["is_return"].astype(int).tolist())
        rows = zip(*keys, *cells, strict=True)
        self.db.executemany(LINE, rows)
        self.db.execute("CREATE TABLE chosen (customer PRIMARY KEY)")
        self.db.executemany("INSERT INTO chosen VALUES (?)", [(name,) for name in self.only])
        self.db.executescript(TABLES + OF_THE_CHOSEN)
        for item, column in (("products", "product_id"), ("categories", "category")):
            self.db.executescript(ITEMS.format(item=item, column=column))

    def _ask(self, table: str, columns: dict[str, str], given: dict[str, int]) -> pd.DataFrame:
        """One aggregate a feature, grouped by customer; in slices, since sqlite bounds the columns of a result."""
        names, parts = list(columns), []
        for k in range(0, len(names), 50):
            asked = ", ".join(f'{columns[name]} AS "{name}"' for name in names[k : k + 50])
            sql = f"SELECT customer, {asked} FROM {table} GROUP BY customer"
            rows = self.db.execute(sql, given).fetchall()
            part = pd.DataFrame(rows, columns=["customer", *names[k : k + 50]]).set_index("customer")
            parts.append(part.astype(float))
        return pd.concat(parts, axis=1)

    # -- families ----------------------------------------------------------------------------------

    def _runs(self, windows: tuple[int, ...]) -> str:
        """Sums over a window that ends with each order-day."""
        values = {"run": "1", "spent": "gross"} if "amount" in self.has else {"run": "1"}
        return "".join(
            RUN.format(value=value, days=7 * w, name=name, weeks=w) for name, value in values.items() for w in windows
        )

    def _visits(self, windows: tuple[int, ...]) -> Iterator[tuple[str, str]]:
        """What order-days tell."""
        yield "recency", ":t - MAX(day)"
        yield "tenure", ":t - MIN(day)"
        yield "active_share", "(MAX(day) - MIN(day)) * 1.0 / (:t - MIN(day))"
        yield "weekend_share", "AVG(strftime('%w', day * 86400, 'unixepoch') IN ('0', '6'))"
        yield "mean_gap", "AVG(gap)"
        spread = "SQRT(AVG((gap - mean_gap) * (gap - mean_gap)))"
        yield "gap_spread", f"CASE WHEN COUNT(gap) >= 2 THEN {spread} END"
        yield "gap_variation", f"CASE WHEN COUNT(gap) >= 2 THEN {spread} / AVG(gap) END"
        yield "last_gap", "MAX(CASE WHEN day = last_day THEN gap END)"
        yield "last_to_mean_gap", "MAX(CASE WHEN day = last_day THEN gap END) / AVG(gap)"
        yield "gap_slope", "SLOPE(CASE WHEN gap > 0 THEN number END, gap)"
        yield "recent_to_mean_gap", f"{_mean('gap', 26)} / AVG(gap)"
        yield "longest_gap", "MAX(gap)"
        yield "silence_to_longest_gap", "(:t - MAX(day)) * 1.0 / MAX(gap)"
        weekday = "CAST(strftime('%w', day * 86400, 'unixepoch') AS INTEGER)"
        shares = [f"AVG({weekday} = {k}) * AVG({weekday} = {k})" for k in range(7)]
        yield "weekday_concentration", " + ".join(shares)
        yield "first_lines", "MAX(CASE WHEN day = first_day THEN lines END)"
        yield "order_days_first_4w", "SUM(day < first_day + 28)"
        yield "first_day_of_year_sine", f"SIN(2 * {math.pi!r} * MIN(day) / {YEAR})"
        yield "order_days_year_ago", "TOTAL(day >= :t - 364 AND day < :t - 364 + :p)"
        yield "lines_per_order_day", _mean("lines", 26)
        yield "basket_change_26w", _change(_mean("lines", 26), _mean("lines", 26, 26))
        for w, tail in _spans(windows):
            yield f"order_days_{tail}", _sum("1", w)
        for w in windows:
            yield f"order_days_change_{w}w", _change(_sum("1", w), _sum("1", w, w))
            yield f"order_days_to_peak_{w}w", f"{_sum('1', w)} / MAX(run_{w}w)"
            yield f"pace_{w}w", f"({_sum('1', w)} / MIN({7 * w}, :t - MIN(day))) / (COUNT(*) * 1.0 / (:t - MIN(day)))"
        if "amount" in self.has:
            yield from self._values(windows)

    def _values(self, windows: tuple[int, ...]) -> Iterator[tuple[str, str]]:
        last, first = (f"MAX(CASE WHEN day = {day} THEN gross END)" for day in ("last_day", "first_day"))
        yield "last_order_day_value", last
        yield "first_value", first
        yield "last_to_mean_value", _ratio(last, "AVG(gross)")
        yield "first_to_mean_value", _ratio(first, "AVG(gross)")
        yield "days_since_largest_order_day", ":t - MAX(CASE WHEN ROUND(gross, 6) = most THEN day END)"
        for w, tail in _spans((26, 52)):
            inside = f"CASE WHEN {_inside(w)} THEN day END"
            yield f"order_day_value_slope_{tail}", f"SLOPE({inside}, gross) * 7"
        for w, tail in _spans(windows):
            yield f"order_day_value_{tail}", _mean("gross", w)
            yield f"order_day_value_spread_{tail}", f"SPREAD(CASE WHEN {_inside(w)} THEN gross END)"
            yield f"largest_order_day_{tail}", f"MAX(CASE WHEN {_inside(w)} THEN gross END)"
        for w in windows:
            yield f"spend_change_{w}w", _change(_sum("gross", w), _sum("gross", w, w))
            yield f"order_day_value_change_{w}w", _change(_mean("gross", w), _mean("gross", w, w))
            most = f"ROUND(MAX(spent_{w}w), 6)"
            yield f"spend_to_peak_{w}w", f"CASE WHEN {most} > 0 THEN {_sum('gross', w)} / {most} END"

    def _whole(self, windows: tuple[int, ...]) -> Iterator[tuple[str, str]]:
        """What all days tell, also those that were cancelled or held nothing but returns."""
        for w, tail in _spans(windows):
            for measure in ("orders", "lines", "return_lines"):
                yield f"{measure}_{tail}", _sum(measure, w)
            if "quantity" in self.has:
                yield f"units_{tail}", _sum("units", w)
            if "amount" in self.has:
                yield f"net_spend_{tail}", _sum("gross - returned", w)
                yield f"returned_share_{tail}", _ratio(_sum("returned", w), _sum("gross", w))
            if {"amount", "discount"} <= self.has:
                yield f"discount_share_{tail}", _ratio(_sum("discount", w), _sum("discount + gross", w))
        if "quantity" in self.has:
            yield "units_per_line", _ratio(_sum("units", 26), _sum("lines", 26))
        if "amount" in self.has:
            year_ago = "day >= :t - 364 AND day < :t - 364 + :p"
            yield "net_spend_year_ago", f"TOTAL(CASE WHEN {year_ago} THEN gross - returned END)"
        yield "days_since_return", ":t - MAX(CASE WHEN return_lines > 0 THEN day END)"
        if "unit_price" in self.has:
            now, before = (_ratio(_sum("prices", 26, end), _sum("priced", 26, end)) for end in (0, 26))
            yield "unit_price_change_26w", _change(now, before)
            for w in windows:
                yield f"unit_price_{w}w", _ratio(_sum("prices", w), _sum("priced", w))

    def _concentration(self, item: str, given: dict[str, int]) -> pd.DataFrame:
        days = f"(SELECT customer, COUNT(*) AS days FROM {item} WHERE day < :t GROUP BY customer, item)"
        asked = {f"{item}_concentration": "SUM(days * days) * 1.0 / (SUM(days) * SUM(days))"}
        return self._ask(days, asked | {f"repeated_{item}_share": "AVG(days >= 2)"}, given)

    def _shop(self, given: dict[str, int]) -> dict[str, float]:
        """What the whole shop tells, chosen customers or not."""
        known = "(SELECT COUNT(DISTINCT customer) FROM visit WHERE day < :t)"
        fresh = f"(SELECT COUNT(*) FROM (SELECT MIN(day) AS day FROM visit GROUP BY customer) WHERE {_inside(13)})"
        asked = {"shop_newcomer_share_13w": f"{fresh} * 1.0 / {known}"}
        for w in (4, 13):
            now, before = (f"(SELECT COUNT(*) FROM visit WHERE {_inside(w, end)})" for end in (0, w))
            asked[f"shop_rate_{w}w"] = f"{now} * 1.0 / NULLIF({known}, 0)"
            asked[f"shop_change_{w}w"] = _change(now, before)
        asked["year_sine"], asked["year_cosine"] = (f"{f}(2 * {math.pi!r} * :t / {YEAR})" for f in ("SIN", "COS"))
        values = self.db.execute(f"SELECT {', '.join(asked.values())}", given).fetchone()
        return {name: math.nan if value is None else value for name, value in zip(asked, values, strict=True)}

    def _stages(self, cutoff: int, spec: StageSpec, recency: pd.Series) -> pd.DataFrame:
        if spec.hash not in self.stage_tables:
            last = int(self.orders["ordered_at"].max().to_datetime64().astype("datetime64[D]").astype(int)) + 60
            self.stage_tables[spec.hash] = stage_oracle.stage_table(self.orders, spec, last, self.only)
        table = self.stage_tables[spec.hash]
        at = table[table["cutoff"] == cutoff].set_index("customer_id")
        names = {"stage": "stage_code", "sub_state": "sub_state_code", "reached": "highest_stage"}
        names |= {"silence": "silence_to_limit", "peak": "peak_level"}
        names |= {"to_hold": "orders_to_hold", "if_silent": "stage_if_silent"}
        return at.rename(columns=names).assign(
            days_in_stage=cutoff - at["since"],
            level_to_peak=at["level"] / at["peak"].where(at["peak"] > 0),
            silence_in_cadences=recency / at["cadence"],
            days_to_silence=recency / at["silence"] - recency,
            days_to_next_expected=at["cadence"] - recency,
        )[[*_STAGE_FEATURES]]


_STAGE_FEATURES = (
    *("stage_code", "sub_state_code", "days_in_stage", "recoveries", "highest_stage", "level", "peak_level"),
    *("level_to_peak", "cadence", "silence_in_cadences", "silence_to_limit", "days_to_next_expected"),
    *("days_to_silence", "orders_to_hold", "stage_if_silent"),
)


def _items(item: str, windows: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    for w, tail in _spans(windows):
        yield f"{item}_{tail}", f"COUNT(DISTINCT CASE WHEN {_inside(w)} THEN item END)"
    yield f"last_new_{item}_share", "AVG(CASE WHEN day = last_day THEN day = first_day END)"
    now, before = (f"COUNT(DISTINCT CASE WHEN {_inside(26, end)} THEN item END)" for end in (0, 26))
    yield f"{item}_change_26w", _change(now, before)
    for w in windows:
        yield f"new_{item}_share_{w}w", _ratio(_sum("day = first_day", w), _sum("1", w))


def _bargains(windows: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    cheap = f"ROUND(relative, 6) <= {round(math.log(0.9), 6)}"
    for w in windows:
        yield f"shop_relative_price_{w}w", _mean("relative", w)
        yield f"shop_cheap_share_{w}w", _mean(cheap, w)


# -- words of SQL ----------------------------------------------------------------------------------


def _spans(windows: tuple[int, ...]) -> list[tuple[int | None, str]]:
    return [*((w, f"{w}w") for w in windows), (None, "ever")]


def _inside(weeks: int | None, ending: int = 0) -> str:
    """The condition that a day lies in a window that ends so many weeks before the cut-off."""
    since = "" if weeks is None else f" AND day >= :t - {7 * (weeks + ending)}"
    return f"day < :t - {7 * ending}{since}"


def _sum(value: str, weeks: int | None, ending: int = 0) -> str:
    return f"TOTAL(CASE WHEN {_inside(weeks, ending)} THEN {value} END)"


def _mean(value: str, weeks: int | None, ending: int = 0) -> str:
    return f"AVG(CASE WHEN {_inside(weeks, ending)} THEN {value} END)"


def _ratio(top: str, bottom: str) -> str:
    """Null where the bottom is nothing: sums of money are whole millionths."""
    return f"({top}) / NULLIF(ROUND({bottom}, 12), 0.0)"


def _change(now: str, before: str) -> str:
    return f"(({now}) - ({before})) * 1.0 / NULLIF(ROUND(ABS({now}) + ABS({before}), 12), 0.0)"


def _cells(column: pd.Series) -> list[object]:
    """Python's own values, None where nothing is there."""
    values = column.astype(object).to_numpy()
    return np.where(column.isna().to_numpy(), None, values).tolist()
