"""What shrinks the table: retention, compaction of the log, and forgetting customers."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from serving.store.content import Content
from serving.store.delta import parts
from serving.store.delta.log import lock_of, standing
from serving.store.delta.weeks import Weeks
from serving.store.papers import Documents
from serving.store.protocol import Forgotten, Retention, Tidied
from serving.store.receipt import superseded


def tidy(weeks: Weeks, documents: Documents, retention: Retention) -> Tidied:
    """`Store.tidy`: what has no receipt any more goes, and the log becomes a checkpoint and its newest entries."""
    if not weeks.log.stands():
        return Tidied(weeks=[], versions=0, removed=0)
    table, there = weeks.log.ready(), weeks.receipts.weeks()
    gone = there[: -retention.keep_weeks] if retention.keep_weeks else []
    since = datetime.now(UTC) - timedelta(days=retention.keep_days)
    old = {as_of: superseded(weeks.versions(as_of), since) for as_of in there if as_of not in gone}
    for as_of in gone:
        old[as_of] = weeks.receipts.versions(as_of)
    removed = sum(_let_go(weeks, table, as_of, old.get(as_of, [])) for as_of in _folders(weeks))
    if gone:
        documents.drop_before(there[len(gone)])
    weeks.log.compact(retention.keep_days)
    return Tidied(weeks=gone, versions=sum(map(len, old.values())), removed=removed)


def forget(weeks: Weeks, documents: Documents, customers: Collection[str]) -> Forgotten:
    """`Store.forget`: the weeks that hold one are written anew; every replaced version of every week goes."""
    if not weeks.log.stands():
        return Forgotten(rows={}, versions=0, documents=documents.forget(customers))
    ids, rows, versions = pa.array(sorted(set(customers)), pa.string()), dict[str, int](), 0
    for as_of in _folders(weeks):
        with weeks.alone(as_of):
            table, kept = weeks.log.ready(), 1
            weeks.finish(table, as_of)
            versions += len(weeks.receipts.versions(as_of)[:-1])
            if number := _number(weeks, table, as_of, ids):
                rows[as_of] = number
                kept = _without(weeks, table, as_of, ids)
        there = weeks.receipts.versions(as_of)
        _let_go(weeks, table, as_of, there[: len(there) - kept])
    return Forgotten(rows=rows, versions=versions, documents=documents.forget(customers))


def _folders(weeks: Weeks) -> list[str]:
    """Every cut-off of which anything is left."""
    there = (name.removeprefix("as_of=") for name in weeks.place.names("") if name.startswith("as_of="))
    return sorted({*weeks.receipts.weeks(), *there})


def _let_go(weeks: Weeks, table: DeltaTable, as_of: str, versions: list[int]) -> int:
    """Drop the receipts of versions, then what no receipt needs; the number of files that went."""
    with weeks.alone(as_of):
        table.update_incremental()
        weeks.finish(table, as_of)
        old = [receipt for receipt in weeks.versions(as_of) if receipt.version in versions]
        for receipt in old:
            weeks.receipts.drop(as_of, receipt.version)
        if not weeks.receipts.versions(as_of) and standing(table, as_of) is not None:
            weeks.log.commit(table, as_of, [], {})
        removed = weeks.sweep(table, as_of, {name for receipt in old for name in receipt.files})
        if not weeks.receipts.versions(as_of):
            weeks.place.remove(lock_of(as_of))
        return removed


def _number(weeks: Weeks, table: DeltaTable, as_of: str, ids: pa.Array) -> int:
    batches = parts.read(weeks.place, weeks.log.files(table, as_of), as_of, ["customer_id"])
    return sum(pc.sum(pc.is_in(batch[0], ids)).as_py() or 0 for batch in batches)


def _without(weeks: Weeks, table: DeltaTable, as_of: str, ids: pa.Array) -> int:
    """Write a week anew without these customers; the number of versions to keep, 0 where nobody is left."""

    def others() -> Iterator[pa.RecordBatch]:
        for batch in parts.read(weeks.place, weeks.log.files(table, as_of), as_of):
            yield batch.filter(pc.invert(pc.is_in(batch["customer_id"], ids)))

    content, receipt = Content(), weeks.receipts.get(as_of, None)
    part = parts.write(weeks.place, as_of, content.of(others()))
    if receipt is None or not part.rows:
        weeks.place.remove(part.name)
        return 0
    weeks.replace(table, part, receipt.model_copy(update={"rows": part.rows, "content": content.digest}))
    return 1
