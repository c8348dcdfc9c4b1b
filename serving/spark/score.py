"""Two passes over Spark's partitions: what only the whole shop can tell, then the scores of each.

What Spark runs takes Arrow batches and gives Arrow batches; Spark itself is never imported.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from features.history import History
from features.orders.columns import choose
from serving.contract import COLUMNS
from serving.score import nobody_known
from serving.scorer import Scorer, stamps_of
from serving.spark.facts import Facts
from serving.spark.lines import Cleaner
from serving.spark.sums import FACTS, KEYS, SUMS, facts_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Batches = Iterable[pa.RecordBatch]

_SPARK = {pa.string(): "string", pa.int64(): "bigint", pa.float64(): "double", pa.timestamp("us"): "timestamp_ntz"}


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type as Spark knows it: no dictionaries, times in microseconds."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.timestamp("us") if pa.types.is_timestamp(kind) else kind


SCORES = pa.schema([(name, _plain(kind)) for name, (kind, _) in COLUMNS.items()])
"""The score table as Spark holds it."""


@dataclass(frozen=True)
class SparkScores:
    """A week as Spark's frames, which are worked out when they are asked for.

    Attributes:
        table: the score table, a row a customer, in no order.
        quarantine: the rows of the orders that were set aside, as text, after `reason`.
        rows: rows of the orders that were read, and how many of them were set aside.
    """

    table: "DataFrame"
    quarantine: "DataFrame"
    rows: tuple[int, int]


def score_frame(orders: "DataFrame", scorer: Scorer, cleaner: Cleaner, partitions: int | None = None) -> SparkScores:
    """Score the customers of a frame of orders where Spark holds them.

    The frame is read twice, and dealt out by customer each time; a task holds
    the orders of its partition in memory.

    Args:
        orders: order lines, under the names that the terms of `cleaner` tell.
        scorer: the model at the cut-off.
        cleaner: how rows become lines.
        partitions: in so many parts; by default as many as Spark's settings say.

    Raises:
        UsageError: the column mapping cannot be right.
        DataError: a required column is missing, too many rows are bad, or nobody is known.
        ModelError: the orders do not offer what the model asks for; or workers have other versions than this process.
    """
    chosen = choose(orders.columns, cleaner.terms.orders, "the frame")
    named = orders.select(*map(_quoted, chosen)).toDF(*chosen.values())
    terms = replace(cleaner.terms, orders=cleaner.terms.orders.model_copy(update={"columns": {}}))
    parts = named.repartition(*filter(None, [partitions]), "customer_id")
    facts = told_of(partial(_collected, parts), replace(cleaner, terms=terms))
    cleaner = replace(cleaner, terms=terms, whole=facts.whole)
    facts.require_versions()
    facts.refuse_if_too_bad(terms.orders, terms.span)
    scorer.features(frozenset(facts.since))
    if not facts.days.newcomers.sum():
        raise nobody_known(scorer.day, facts.rows[0] - facts.rows[1])
    work = Share(scorer, cleaner, facts, datetime.now(UTC).replace(tzinfo=None))
    aside = pa.schema([("reason", pa.string()), *((name, pa.string()) for name in chosen.values())])
    table = parts.mapInArrow(work.scores, _ddl(SCORES))
    quarantine = parts.mapInArrow(partial(set_aside, cleaner, aside), _ddl(aside))
    return SparkScores(table, quarantine, facts.rows)


def told_of(collect: Callable[[Cleaner], pa.Table], cleaner: Cleaner) -> Facts:
    """The facts of all partitions; collected anew where what one of them learnt changes how rows of others are judged.

    Args:
        collect: gives the facts of each partition, cleaned like this.
        cleaner: how rows become lines, as far as is known before any is read.
    """
    facts = Facts.of(collect(cleaner))
    return facts if facts.mixed.alike else Facts.of(collect(replace(cleaner, whole=facts.whole)))


def told(cleaner: Cleaner, batches: Batches) -> Iterator[pa.RecordBatch]:
    """The facts of one partition."""
    yield from facts_of(cleaner.clean(batches)).to_batches()


def set_aside(cleaner: Cleaner, schema: pa.Schema, batches: Batches) -> Iterator[pa.RecordBatch]:
    """The rows of one partition that are set aside, as text with their reasons."""
    lines = cleaner.clean(batches)
    if lines.tally.bad:
        yield from pa.Table.from_pandas(lines.tally.quarantine(), schema=schema, preserve_index=False).to_batches()


@dataclass(frozen=True)
class Share:
    """What a partition is scored with: it travels to Spark's workers.

    Attributes:
        scorer: the model at the cut-off.
        cleaner: how rows become lines.
        facts: what only the whole shop can tell.
        scored_at: when, in UTC.
    """

    scorer: Scorer
    cleaner: Cleaner
    facts: Facts
    scored_at: datetime

    def scores(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """The scores of the customers of one partition, sorted by customer."""
        log, facts = self.cleaner.clean(batches).log, self.facts
        if log is None or not len(log):
            return
        history = History.of(log, since=facts.since, usual=facts.usual, shop=lambda: facts.days)
        stamps = stamps_of(self.scorer.registered, self.scorer.day, self.scored_at)
        rows = self.scorer.of(history).rows.assign(**stamps)
        yield from pa.Table.from_pandas(rows, schema=SCORES, preserve_index=False).to_batches()


def _collected(parts: "DataFrame", cleaner: Cleaner) -> pa.Table:
    """The facts of Spark's partitions, added up by Spark."""
    told_apart = parts.mapInArrow(partial(told, cleaner), _ddl(FACTS))
    added = told_apart.groupBy(*KEYS).sum(*SUMS).toDF(*KEYS, *SUMS)
    return added.toArrow()


def _ddl(schema: pa.Schema) -> str:
    """An Arrow schema in Spark's words."""
    return ", ".join(f"{_quoted(part.name)} {_SPARK[part.type]}" for part in schema)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
