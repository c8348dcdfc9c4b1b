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
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.config import SourceConfig
from features.errors import ModelError
from features.fixed import running
from features.history import History
from features.history.lines import first_days, usual_prices
from features.history.prices import UsualPrices
from features.history.shop import ShopDays
from features.orders.gate import Mixed, Whole
from features.orders.log import OrderLog
from features.orders.refusal import refuse_if_too_bad
from features.orders.rules import RULES
from features.orders.span import Span
from features.versions import versions
from serving.spark.lines import Lines

KEYS, SUMS = ("fact", "name", "day"), ("first", "second")
FACTS = pa.schema(
    [("fact", pa.string()), ("name", pa.string()), ("day", pa.int64()), *((name, pa.int64()) for name in SUMS)]
)

_EXAMPLE = ": "
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
        names = [rule + _EXAMPLE + example for rule, example in zip(reasons, examples, strict=True)]
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


@dataclass(frozen=True)
class Facts:
    """The facts of all partitions together.

    Attributes:
        since: first day on which each optional column holds a value.
        days: what the shop did on each day.
        usual: what was paid for each product on each day.
        rows: rows read, and how many of them were set aside.
        broken: the rules that were broken: how often, and an example.
        mixed: what the partitions learnt of the input.
        versions: of the packages on which the values depend, as the workers have them.
    """

    since: dict[str, int]
    days: ShopDays
    usual: UsualPrices
    rows: tuple[int, int]
    broken: dict[str, tuple[int, str]]
    mixed: Mixed
    versions: frozenset[str]

    @classmethod
    def of(cls, table: pa.Table) -> Self:
        """The facts from those of partitions, of which any may have been added up already."""
        added = table.group_by(list(KEYS)).aggregate([(name, "sum") for name in SUMS])
        added = added.rename_columns([*KEYS, *SUMS]).sort_by([(name, "ascending") for name in ("name", "day")])

        def all_of(fact: str) -> pa.Table:
            return added.filter(pc.field("fact") == fact)

        since = all_of("since").group_by("name").aggregate([("day", "min")])
        rows, shop = all_of("rows"), all_of("shop")
        return cls(
            since=dict(zip(since["name"].to_pylist(), since["day_min"].to_pylist(), strict=True)),
            days=ShopDays(shop["day"].to_numpy(), shop["first"].to_numpy(), shop["second"].to_numpy()),
            usual=_usual(all_of("price")),
            rows=(pc.sum(rows["first"]).as_py() or 0, pc.sum(rows["second"]).as_py() or 0),
            broken=_broken(all_of("broken").to_pandas()),
            versions=frozenset(all_of("versions")["name"].to_pylist()),
            mixed=Mixed(*(_learnt(all_of("learnt"), name) for name in ("offsets", "priced"))),
        )

    @property
    def whole(self) -> Whole:
        """What is known of the whole input."""
        return Whole(zoned=True in self.mixed.offsets, priced=True in self.mixed.priced)

    def require_versions(self) -> None:
        """Check that all workers would find the values that are found here.

        Raises:
            ModelError: some have other versions of what the values depend on.
        """
        if others := sorted(self.versions - {versions()}):
            raise ModelError(
                "Spark's workers have other versions than this process, which may find other values",
                got="; ".join(others),
                allowed=versions(),
                remedy="install the same lock everywhere, and let PYSPARK_PYTHON name that Python",
            )

    def refuse_if_too_bad(self, orders: SourceConfig, span: Span) -> None:
        """Let the input pass if `orders` allows as many bad rows.

        Raises:
            DataError: there are no rows, too many are bad, or none is good.
        """
        rows, bad = self.rows
        if not rows:
            raise span.nothing_found()
        broken = {rule: self.broken[str(rule)] for rule in RULES if str(rule) in self.broken}
        refuse_if_too_bad(rows, bad, broken, orders)


def _learnt(found: pa.Table, name: str) -> frozenset[bool]:
    return frozenset(map(bool, found.filter(pc.field("name") == name)["day"].to_pylist()))


def _usual(prices: pa.Table) -> UsualPrices:
    """From sums that are sorted by product and day."""
    coded = prices["name"].cast(pa.large_string()).combine_chunks().dictionary_encode()
    starts = running(np.bincount(coded.indices.to_numpy(), minlength=len(coded.dictionary)))
    day, total, count = (prices[name].to_numpy() for name in ("day", *SUMS))
    return UsualPrices(coded.dictionary, starts, day.astype(np.int32), total, count)


def _broken(found: pd.DataFrame) -> dict[str, tuple[int, str]]:
    """How often each rule was broken, with its first example by the alphabet."""
    told = dict[str, tuple[int, str]]()
    for name, count in zip(found["name"], found["first"], strict=True):
        rule, _, example = str(name).partition(_EXAMPLE)
        before, kept = told.get(rule, (0, example))
        told[rule] = before + int(count), kept
    return told
