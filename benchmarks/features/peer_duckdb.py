"""DuckDB: customer-days and the gaps between order-days once, then one query a cut-off.

Sums of a window are one grouping of the days in it, not a FILTER clause each:
that took twice as long. Each order-day knows the next, so that the last one
before a cut-off is a filter. A product counts in every window that reaches back
to the last day on which it was bought, so that no window counts distinct values
of its own. Half of the memory is left to the tables handed over; what is more is
put down on disk.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
from compared import WINDOWS

DAYS = """
create temp table all_days as
with per_order as (
    select customer_id, order_id, ordered_at::date as day,
        sum((not is_return)::double) as lines,
        sum(is_return::double) as return_lines,
        sum(case when not is_return then quantity else 0 end) as units,
        sum(case when not is_return then amount else 0 end) as gross,
        sum(case when is_return then -amount else 0 end) as returned
    from read_parquet($orders) group by all
), per_day as (
    select customer_id, day, sum(lines) as lines, sum(return_lines) as return_lines, sum(units) as units,
        sum(gross) as gross, sum(returned) as returned, sum((lines > 0)::double) as orders
    from per_order group by all
)
select code.customer, per_day.* exclude (customer_id),
    (lines > 0 and (return_lines = 0 or gross <= 0 or abs(gross - returned) > 1e-6 * (lines + return_lines)))::double
        as order_days,
    order_days * gross as value,
    order_days * lines as basket
from per_day join code using (customer_id) order by customer, day
"""

CODES = """
create temp table code as
select customer_id, (row_number() over (order by customer_id))::int as customer
from (select distinct customer_id from read_parquet($orders))
"""

ORDER_DAYS = """
create temp table order_days as
select customer, day, lines, gross,
    day - lag(day) over own as gap,
    lead(day) over own as next_day
from all_days where order_days > 0
window own as (partition by customer order by day)
order by customer, day
"""

EVERY_DAY = """
create temp table days as
select all_days.*,
    case when order_days > 0 then gross end as sold,
    case when order_days > 0 and isodow(day) > 5 then 1.0::double else 0 end as weekend,
    coalesce(gap * gap, 0)::double as gap_squared
from all_days left join (select customer, day, gap from order_days) using (customer, day)
order by customer, day
"""

ITEMS = """
create temp table items as
select customer, day, lead(day) over (partition by customer, product_id order by day) as next_day
from (select distinct customer_id, product_id, ordered_at::date as day from read_parquet($orders) where not is_return)
join code using (customer_id) order by customer, day
"""

SUMS = ("order_days", "orders", "lines", "units", "gross", "returned", "value", "return_lines")


def tables(orders: Path, cutoffs: list[date]) -> Iterator[pa.Table]:
    """One Arrow table a cut-off."""
    with duckdb.connect() as shop:
        shop.execute("set enable_progress_bar = false; set preserve_insertion_order = false; set memory_limit = '50%'")
        for statement in (CODES, DAYS, ITEMS):
            shop.execute(statement, {"orders": str(orders)})
        for statement in (ORDER_DAYS, EVERY_DAY):
            shop.execute(statement)
        for cutoff in cutoffs:
            yield shop.sql(_snapshot(f"date '{cutoff}'")).to_arrow_table()


def _snapshot(t: str) -> str:
    windows = [f"in_{n}w as ({_window(t, n, SUMS)})" for n in WINDOWS]
    before = [f"before_{n}w as ({_before(t, n)})" for n in WINDOWS]
    joins = [f"left join {side}_{n}w using (customer)" for n in WINDOWS for side in ("in", "before")]
    return f"""
with last as (
    select customer, day as last_day, gross as last_value, gap as last_gap
    from order_days where day < {t} and (next_day is null or next_day >= {t})
), first as (
    select customer, day as first_day, lines as first_lines, gross as first_value from order_days where gap is null
), ever as (
    select customer, {", ".join(f"sum({name}) as {name}" for name in (*SUMS, "weekend", "gap_squared"))},
        max(sold) as largest
    from days where day < {t} group by customer
), bought as ({_products(t)}), {", ".join(windows + before)}, found as (
    select ever.*, last.* exclude (customer), first.* exclude (customer), bought.* exclude (customer),
        {", ".join(_columns())},
        ({t} - first_day)::double as tenure, ({t} - last_day)::double as recency,
        ever.value / ever.order_days as mean_value, ever.order_days - 1 as gaps,
        last_day - first_day as gap_days, basket_26w
    from last join first using (customer) join ever using (customer) join bought using (customer) {" ".join(joins)}
)
select customer_id, {t} as cutoff, {", ".join(_features())}
from found join code using (customer)
"""


def _window(t: str, number: int, sums: tuple[str, ...]) -> str:
    basket = ", sum(basket) as basket_26w" if number == 26 else ""
    return f"""
    select customer, {", ".join(f"sum({name}) as {name}" for name in sums)},
        max(sold) as largest{basket}
    from days where day < {t} and day >= {t} - {7 * number} group by customer"""


def _before(t: str, number: int) -> str:
    return f"""
    select customer, sum(order_days) as order_days, sum(value) as value
    from days where day < {t} - {7 * number} and day >= {t} - {14 * number} group by customer"""


def _products(t: str) -> str:
    counts = [f"sum(case when day >= {t} - {7 * n} then 1.0 else 0 end) as products_{n}w" for n in WINDOWS]
    return f"""
    select customer, {", ".join(counts)}, count(*)::double as products_ever
    from items where day < {t} and (next_day is null or next_day >= {t}) group by customer"""


def _columns() -> Iterator[str]:
    for n in WINDOWS:
        yield from (f"coalesce(in_{n}w.{name}, 0) as {name}_{n}w" for name in SUMS)
        yield from (f"coalesce(before_{n}w.{name}, 0) as {name}_before_{n}w" for name in ("order_days", "value"))
        yield f"in_{n}w.largest as largest_{n}w"


def _features() -> Iterator[str]:
    for n in WINDOWS:
        yield from _within(f"{n}w", f"_{n}w")
        yield from _changes(n)
    yield from _within("ever", "")
    yield from (
        *("recency", "tenure", "(tenure - recency) / tenure as active_share"),
        *("weekend / order_days as weekend_share", "basket_26w / nullif(order_days_26w, 0) as lines_per_order_day"),
        "units_26w / nullif(lines_26w, 0) as units_per_line",
        "gap_days / nullif(gaps, 0) as mean_gap",
        "case when gaps >= 2 then sqrt(greatest(gap_squared / gaps - mean_gap * mean_gap, 0)) end as gap_spread",
        *("gap_spread / mean_gap as gap_variation", "last_gap", "last_gap / mean_gap as last_to_mean_gap"),
        *("last_value as last_order_day_value", "last_value / nullif(mean_value, 0) as last_to_mean_value"),
        *("first_lines", "first_value", "first_value / nullif(mean_value, 0) as first_to_mean_value"),
    )


def _within(tail: str, end: str) -> Iterator[str]:
    yield from (f"{name}{end} as {name}_{tail}" for name in ("order_days", "orders", "lines", "units", "return_lines"))
    yield f"gross{end} - returned{end} as net_spend_{tail}"
    yield f"value{end} / nullif(order_days{end}, 0) as order_day_value_{tail}"
    yield f"largest{end} as largest_order_day_{tail}"
    yield f"returned{end} / nullif(gross{end}, 0) as returned_share_{tail}"
    yield f"products_{tail}"


def _changes(n: int) -> Iterator[str]:
    for name, measure in (("order_days", "order_days"), ("spend", "value")):
        now, before = f"{measure}_{n}w", f"{measure}_before_{n}w"
        yield f"({now} - {before}) / nullif(abs({now}) + abs({before}), 0) as {name}_change_{n}w"
    yield f"order_days_{n}w * tenure / (order_days * least(tenure, {7 * n})) as pace_{n}w"
