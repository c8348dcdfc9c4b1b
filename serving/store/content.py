"""What the rows of a week are: checked against the contract as they stream by, and hashed."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.errors import DataError
from serving.contract import ALWAYS, PROBABILITIES, SCHEMA

_UNHASHED = ("as_of", "scored_at")


class Content:
    """The number of rows and the SHA-256 of a stream of rows, wherever its batches end.

    Every column has running hashes of its own: of its values with nulls as
    zeros, and of what is null; of a text's lengths and of its bytes. `scored_at`
    is left out, so that scoring the same again gives the same hash.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._hashes = {name: (sha256(), sha256()) for name in SCHEMA.names if name not in _UNHASHED}

    def of(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The same batches, each hashed while whoever asked for it is at work on it."""
        with ThreadPoolExecutor(1) as beside:
            hashed = beside.submit(lambda: None)
            for batch in batches:
                hashed.result()  # one batch at a time
                hashed = beside.submit(self._take, batch)
                yield batch
            hashed.result()

    def _take(self, batch: pa.RecordBatch) -> None:
        self.rows += len(batch)
        for name, hashes in self._hashes.items():
            for running, part in zip(hashes, _bytes(batch[name]), strict=True):
                running.update(part)

    def taken(self, batches: Iterable[pa.RecordBatch]) -> "Content":
        """This, after all of the batches."""
        for _ in self.of(batches):
            pass
        return self

    @property
    def digest(self) -> str:
        """The hash so far, 64 hex digits."""
        parts = (f"{name} {one.hexdigest()} {two.hexdigest()}" for name, (one, two) in self._hashes.items())
        return sha256("\n".join((str(self.rows), *parts)).encode()).hexdigest()


def checked(batches: Iterable[pa.RecordBatch], as_of: str) -> Iterator[pa.RecordBatch]:
    """The same batches, each held against the contract; at the end there must have been rows.

    Raises:
        DataError: other columns, another cut-off, ids that do not ascend, a null or a probability that is none.
    """
    last = None
    for batch in batches:
        if not len(batch):
            continue
        _require(batch.schema.equals(SCHEMA), "other columns than the contract's", batch.schema.names)
        _require(batch["as_of"].unique().to_pylist() == [as_of], f"another cut-off than {as_of}", batch["as_of"][0])
        for name in ALWAYS:
            _require(not batch[name].null_count, f"'{name}' is null", f"{batch[name].null_count} rows")
        for name in PROBABILITIES:
            _require_probabilities(name, batch[name])
        ids = batch["customer_id"]
        ascend = pc.all(pc.less(ids[:-1], ids[1:])).as_py() is not False and (last is None or last < ids[0].as_py())
        _require(ascend, "customers are doubled, or not in ascending order", f"a batch from {str(ids[0])[:80]!r}")
        last = ids[-1].as_py()
        yield batch
    _require(last is not None, "no rows", "an empty week")


def _require_probabilities(name: str, column: pa.Array) -> None:
    values = column.to_numpy(zero_copy_only=False)
    sound = (values >= 0) & (values <= 1)
    _require(bool(sound.all()), f"'{name}' is no probability", next(iter(values[~sound]), None))


def _require(holds: bool, fault: str, got: Any) -> None:
    if not holds:
        raise DataError(
            f"the rows break the contract of the score table: {fault}", got=got, remedy="nothing was published"
        )


def _bytes(column: pa.Array) -> tuple[Any, Any]:
    """Two buffers that together say every value of a column, in order."""
    if not pa.types.is_string(column.type):
        filled = pc.fill_null(column, pa.scalar(0, pa.int64()).cast(column.type)) if column.null_count else column
        there = column.is_valid().to_numpy(zero_copy_only=False)
        return np.ascontiguousarray(filled.to_numpy(zero_copy_only=False)).view(np.uint8), np.ascontiguousarray(there)
    lengths = np.ascontiguousarray(pc.fill_null(pc.binary_length(column), -1).to_numpy(zero_copy_only=False))
    full = pc.fill_null(column, "") if column.null_count else column
    ends = np.frombuffer(full.buffers()[1], np.int32)[[full.offset, full.offset + len(full)]]
    return lengths, memoryview(full.buffers()[2] or b"")[ends[0] : ends[1]]
