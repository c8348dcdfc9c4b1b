"""Orders in a Polars query that has not run yet."""

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa

from features.config import SourceConfig
from features.orders.columns import choose, time_of
from features.orders.scan import Scan, canonical
from features.orders.span import Span


@runtime_checkable
class LazyFrame(Protocol):
    """A Polars LazyFrame; Polars itself is only needed by those who have one."""

    def collect_schema(self) -> Any:
        """Names and types of the columns."""
        ...

    def collect_batches(self, *, maintain_order: bool = True) -> Iterator[Any]:
        """Run the query and hand out frames, one at a time."""
        ...

    def filter(self, *predicates: Any) -> Any:
        """The rows that fulfil all predicates."""
        ...

    def select(self, *columns: Any) -> Any:
        """Some columns."""
        ...


def scan_lazy(query: LazyFrame, config: SourceConfig, span: Span) -> Scan:
    """The canonical columns of a Polars query, which learns which columns and days to read, and runs anew each time."""
    types = query.collect_schema()
    chosen = choose(list(types), config, "the query")
    wanted = _within(query, time_of(chosen), span)
    narrowed = wanted.select(list(chosen))
    schema = pa.RecordBatchReader.from_stream(types.to_frame()).schema

    def batches() -> Iterator[pa.Table]:
        for frame in narrowed.collect_batches(maintain_order=True):
            yield pa.table(frame).rename_columns(list(chosen.values()))

    return Scan(canonical(schema, chosen), batches)


def _within(query: LazyFrame, time: str, span: Span) -> Any:
    import polars  # noqa: PLC0415  # whoever hands over a LazyFrame has it

    kind = query.collect_schema()[time]
    if not isinstance(kind, polars.Datetime | polars.Date):
        return query
    column = polars.col(time)
    since, until = span.edges(getattr(kind, "time_zone", None) is not None)
    after = [column >= polars.lit(since).cast(kind)] if since else []
    before = [column < polars.lit(until).cast(kind)] if until else []
    return query.filter(polars.all_horizontal(after + before) | column.is_null()) if after or before else query
