"""A run in a file: Arrow IPC, uncompressed, read through a memory map, so that a slice costs only itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa

from features.orders.coded import Coded
from features.orders.log import OrderLog
from features.partitions.run import Run


def write_run(run: Run, path: Path) -> None:
    """Write a run to a file."""
    batch = pa.RecordBatch.from_pydict(_columns(run.log))
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)


@contextmanager
def opened(path: Path) -> Iterator[Run]:
    """The run in a file; its arrays are views of the file, good only as long as it is open."""
    with pa.memory_map(str(path)) as file:
        yield Run(_log(pa.ipc.open_file(file).get_batch(0)))


def _columns(log: OrderLog) -> dict[str, pa.Array]:
    text = {name: _unchecked(column) for name, column in log.text.items()}
    return {**text, **log.numbers, "ordered_at": log.ordered_at, "is_return": log.is_return.view(np.uint8)}


def _unchecked(column: Coded) -> pa.DictionaryArray:
    """Codes and words as they are: -1 stays in place, for a null would cost a mask and a copy on the way back."""
    return pa.DictionaryArray.from_arrays(pa.array(column.codes), column.words, safe=False)


def _log(batch: pa.RecordBatch) -> OrderLog:
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    times, returns = columns.pop("ordered_at").to_numpy(), columns.pop("is_return").to_numpy().view(np.bool_)
    text = {name: column for name, column in columns.items() if pa.types.is_dictionary(column.type)}
    return OrderLog(
        {name: Coded(column.indices.to_numpy(), column.dictionary) for name, column in text.items()},
        {name: column.to_numpy() for name, column in columns.items() if name not in text},
        times,
        returns,
    )
