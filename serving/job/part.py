"""A part of a week: the scores of some customers in a file, with what was counted of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from features.config import Strict
from features.files import handed_over
from features.history import History
from serving.contract import SCHEMA
from serving.gates import Counts, OrderDays
from serving.scorer import STAMPED, Scorer

ROWS = 1 << 16
"""Rows of a batch: some ten megabytes."""

PART = pa.schema([field for field in SCHEMA if field.name not in STAMPED])
"""Columns of a part: those of the score table that differ from row to row."""

_TOLD = b"stagecast.told"


class Told(Strict):
    """What is told of some customers; what is told of two groups adds up.

    Attributes:
        counts: of their scores.
        orders: what they ordered on each day.
        lost: how many of them are lost.
        drift: how many lie in each bin of each feature of the model's reference.
    """

    counts: Counts
    orders: OrderDays
    lost: int
    drift: dict[str, tuple[int, ...]]

    def __add__(self, other: "Told") -> "Told":
        """Both groups of customers."""
        return Told(
            counts=self.counts + other.counts,
            orders=self.orders + other.orders,
            lost=self.lost + other.lost,
            drift={
                name: tuple(a + b for a, b in zip(bins, other.drift[name], strict=True))
                for name, bins in self.drift.items()
            },
        )


@dataclass(frozen=True)
class Part:
    """A file of scores of some customers, sorted by customer, of schema `PART`; and what is told of them."""

    path: Path
    told: Told

    @classmethod
    def made(cls, scorer: Scorer, history: History, path: Path) -> "Part":
        """Score the customers of a history into a file, which stands whole or not at all.

        Raises:
            ModelError: the model cannot score them.
        """
        scored = scorer.of(history)
        table = pa.Table.from_pandas(scored.rows, schema=PART, preserve_index=False)
        told = Told(
            counts=Counts.of([table]),
            orders=OrderDays.of(history, scorer.day),
            lost=scored.lost,
            drift=scorer.registered.model.reference.count(scored.features),
        )
        _write(table.replace_schema_metadata({_TOLD: told.model_dump_json()}), path)
        return cls(path, told)

    @classmethod
    def found(cls, path: Path) -> "Part | None":
        """The part that stands there; None where there is none that can be read."""
        try:
            with pa.memory_map(str(path)) as file:
                return cls(path, Told.model_validate_json(pa.ipc.open_file(file).schema.metadata[_TOLD]))
        except (OSError, pa.ArrowException, ValueError, KeyError, TypeError):
            return None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in batches."""
        with pa.memory_map(str(self.path)) as file:
            reader = pa.ipc.open_file(file)
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)


def _write(table: pa.Table, path: Path) -> None:
    with handed_over(path, durable=True) as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=ROWS)
