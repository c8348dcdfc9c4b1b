"""What shrinks the table: retention, compaction of the log, and forgetting customers."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from serving.store.content import Content
from serving.store.delta import parts
from serving.store.delta.log import lock_of, standing
from serving.store.protocol import Forgotten, Retention, Tidied
from serving.store.receipt import superseded

if TYPE_CHECKING:
    from serving.store.delta.store import DeltaStore


def tidy(store: "DeltaStore", retention: Retention) -> Tidied:
    """`Store.tidy`: what has no receipt any more goes, and the log becomes a checkpoint and its newest entries."""
    if not store.log.stands():
        return Tidied(weeks=[], versions=0, removed=0)
    table, weeks = store.log.ready(), store.weeks()
    gone = weeks[: -retention.keep_weeks] if retention.keep_weeks else []
    since = datetime.now(UTC) - timedelta(days=retention.keep_days)
    old = {as_of: superseded(store.versions(as_of), since) for as_of in weeks if as_of not in gone}
    for as_of in gone:
        old[as_of] = store.receipts.versions(as_of)
    removed = sum(_let_go(store, table, as_of, old.get(as_of, [])) for as_of in _folders(store, weeks))
    if gone:
        store.documents.drop_before(weeks[len(gone)])
    store.log.compact(retention.keep_days)
    return Tidied(weeks=gone, versions=sum(map(len, old.values())), removed=removed)


def forget(store: "DeltaStore", customers: Collection[str]) -> Forgotten:
    """`Store.forget`: the weeks that hold one are written anew; every replaced version of every week goes."""
    if not store.log.stands():
        return Forgotten(rows={}, versions=0, documents=store.documents.forget(customers))
    ids, rows, versions = pa.array(sorted(set(customers)), pa.string()), dict[str, int](), 0
    for as_of in _folders(store, store.weeks()):
        with store.alone(as_of):
            table, kept = store.log.ready(), 1
            store.finish(table, as_of)
            versions += len(store.receipts.versions(as_of)[:-1])
            if number := _number(store, table, as_of, ids):
                rows[as_of] = number
                kept = _without(store, table, as_of, ids)
        there = store.receipts.versions(as_of)
        _let_go(store, table, as_of, there[: len(there) - kept])
    return Forgotten(rows=rows, versions=versions, documents=store.documents.forget(customers))


def _folders(store: "DeltaStore", weeks: list[str]) -> list[str]:
    """Every cut-off of which anything is left."""
    there = (name.removeprefix("as_of=") for name in store.place.names("") if name.startswith("as_of="))
    return sorted({*weeks, *there})


def _let_go(store: "DeltaStore", table: DeltaTable, as_of: str, versions: list[int]) -> int:
    """Drop the receipts of versions, then what no receipt needs; the number of files that went."""
    with store.alone(as_of):
        table.update_incremental()
        store.finish(table, as_of)
        old = [receipt for receipt in store.versions(as_of) if receipt.version in versions]
        for receipt in old:
            store.receipts.drop(as_of, receipt.version)
        if not store.receipts.versions(as_of) and standing(table, as_of) is not None:
            store.log.commit(table, as_of, [], {})
        removed = store.sweep(table, as_of, {name for receipt in old for name in receipt.files})
        if not store.receipts.versions(as_of):
            store.place.remove(lock_of(as_of))
        return removed


def _number(store: "DeltaStore", table: DeltaTable, as_of: str, ids: pa.Array) -> int:
    batches = parts.read(store.place, store.log.files(table, as_of), as_of, ["customer_id"])
    return sum(pc.sum(pc.is_in(batch[0], ids)).as_py() or 0 for batch in batches)


def _without(store: "DeltaStore", table: DeltaTable, as_of: str, ids: pa.Array) -> int:
    """Write a week anew without these customers; the number of versions to keep, 0 where nobody is left."""

    def others() -> Iterator[pa.RecordBatch]:
        for batch in parts.read(store.place, store.log.files(table, as_of), as_of):
            yield batch.filter(pc.invert(pc.is_in(batch["customer_id"], ids)))

    content, receipt = Content(), store.receipts.get(as_of, None)
    part = parts.write(store.place, as_of, content.of(others()))
    if receipt is None or not part.rows:
        store.place.remove(part.name)
        return 0
    store.replace(table, part, receipt.model_copy(update={"rows": part.rows, "content": content.digest}))
    return 1
