"""What only the whole shop can tell, as a table of sums: Spark adds up those of its partitions.

| fact | name | day | first | second |
|---|---|---|---|---|
| `since` | optional order column | on which it held a value | | |
| `shop` | | of these | order-days | newcomers |
| `price` | product | on which it was paid for | prices in millionths | lines with a price |
| `rows` | | | rows read | rows set aside |
| `broken` | rule, and an example | | rows that broke it | |
| `versions` | packages of the worker on which the values depend | | | |
| `learnt` | `offsets` or `priced`, see `Mixed` | 1 where true | | |
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from features.history import History
from features.history.paid import usual_prices
from features.history.since import first_days
from features.orders.log import OrderLog
from features.versions import versions
from serving.spark.lines import Lines

KEYS, SUMS = ("fact", "name", "day"), ("first", "second")
FACTS = pa.schema(
    [("fact", pa.string()), ("name", pa.string()), ("day", pa.int64()), *((name, pa.int64()) for name in SUMS)]
)

EXAMPLE = ": "
"""Between a rule and an example; no rule has it in its name."""


def facts_of(lines: Lines) -> pa.Table:
    """The facts of one partition, a table of schema `FACTS`."""
    found = [*_of_rows(lines), *(_of_log(lines.log) if lines.log is not None and len(lines.log) else ())]
    return pa.concat_tables([FACTS.empty_table(), *found])


def _of_rows(lines: Lines) -> Iterator[pa.Table]:
    tally = lines.tally
    yield _rows("rows", first=[tally.rows], second=[tally.bad])
    yield _rows("versions", [versions()])
    for name, learnt in (("offsets", lines.mixed.offsets), ("priced", lines.mixed.priced)):
        yield _rows("learnt", [name] * len(learnt), sorted(learnt))
    if tally.bad:
        aside, reasons = tally.quarantine()["reason"], tally.reasons()
        examples = [aside[aside.str.contains(rule, regex=False)].iloc[0] for rule in reasons]
        names = [rule + EXAMPLE + example for rule, example in zip(reasons, examples, strict=True)]
        yield _rows("broken", names, first=list(reasons.values()))


def _of_log(log: OrderLog) -> Iterator[pa.Table]:
    since = first_days(log)
    yield _rows("since", list(since), list(since.values()))
    amount = {name: day for name, day in since.items() if name == "amount"}
    days = History.of(log, since=amount).shop_days
    yield _rows("shop", None, days.day, days.order_days, days.newcomers)
    if {"product_id", "unit_price"} <= log.has:
        usual = usual_prices(log)
        products = usual.words.take(pa.array(np.repeat(np.arange(len(usual.words)), np.diff(usual.starts))))
        yield _rows("price", products, usual.day, usual.total, usual.count)


def _rows(fact: str, name: Any = None, day: Any = None, first: Any = None, second: Any = None) -> pa.Table:
    count = next(len(column) for column in (name, day, first) if column is not None)
    columns = ([fact] * count, name, day, first, second)
    arrays = [pa.array([None] * count if column is None else column) for column in columns]
    return pa.table([array.cast(part.type) for array, part in zip(arrays, FACTS, strict=True)], schema=FACTS)
