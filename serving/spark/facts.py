"""What only the whole shop can tell, from the sums of its partitions."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.config import SourceConfig
from features.errors import ModelError
from features.fixed import running
from features.history.prices import UsualPrices
from features.history.shop import ShopDays
from features.orders.gate import Mixed, Whole
from features.orders.refusal import refuse_if_too_bad
from features.orders.rules import RULES
from features.orders.span import Span
from features.versions import versions
from serving.spark.sums import EXAMPLE, KEYS, SUMS


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
        rule, _, example = str(name).partition(EXAMPLE)
        before, kept = told.get(rule, (0, example))
        told[rule] = before + int(count), kept
    return told
