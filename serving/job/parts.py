"""All parts of a week: each partition of customers is scored once, also if the job was killed in between."""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pyarrow as pa

from features.engine import Engine, counted
from features.partitions.share import Share
from features.versions import versions
from serving.contract import SCHEMA
from serving.job.intake import Intake, digest_tables
from serving.job.part import Part, Told
from serving.scorer import Scorer


@dataclass(frozen=True)
class Made:
    """Scores one partition after the other into the files of a folder, unless they stand there already."""

    scorer: Scorer
    share: Share
    folder: Path

    def __call__(self, number: int) -> tuple[Part, bool]:
        """The part of a partition, and whether it had been made before."""
        path = self.folder / f"{number:05}.arrow"
        part = Part.found(path)
        if part is not None:
            return part, True
        return Part.made(self.scorer, self.share.history(number), path), False


@dataclass(frozen=True)
class Parts:
    """The parts of a week, in order of their customers, and how many of them had been made before."""

    parts: tuple[Part, ...]
    found: int

    @classmethod
    def made(cls, make: Made, engine: Engine, tell: Callable[[str], None]) -> "Parts":
        """Score each partition; what was made before stays.

        Raises:
            ModelError: the model cannot score them.
            StagecastError: what the engine raises.
        """
        done = list(engine.map(make, counted("score the customers", len(make.share), tell)))
        return cls(tuple(part for part, _ in done), sum(before for _, before in done))

    @property
    def told(self) -> Told:
        """What is told of all customers."""
        return reduce(add, (part.told for part in self.parts))

    def rows(self, stamps: dict[str, str | int | datetime]) -> Iterator[pa.RecordBatch]:
        """The score table in batches, with what is the same in all its rows."""
        for part in self.parts:
            for batch in part.batches():
                if len(batch):
                    yield _stamped(batch, stamps)


def key_of(scorer: Scorer, intake: Intake) -> str:
    """Hex digits that stand for all that the parts are made from; new ones each time where that is more than data.

    Args:
        scorer: the model, its settings, the tables beside the orders.
        intake: the orders, all taken in.
    """
    made_from = {
        "orders": intake.digest,
        "tables": digest_tables(scorer.beside.tables),
        "model": scorer.registered.digest,
        "day": scorer.day,
        "bounds": intake.bounds,
        "settings": scorer.config.model_dump(mode="json", include={"reasons", "value"}),
        "versions": versions(),
        "code": uuid.uuid4().hex if scorer.registered.model.contract.declared.code else "",
    }
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:32]


def _stamped(batch: pa.RecordBatch, stamps: dict[str, str | int | datetime]) -> pa.RecordBatch:
    columns = [
        batch.column(field.name) if field.name in batch.schema.names else _repeated(field, stamps, len(batch))
        for field in SCHEMA
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _repeated(field: pa.Field, stamps: dict[str, str | int | datetime], rows: int) -> pa.Array:
    if pa.types.is_dictionary(field.type):
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), [stamps[field.name]])
    return pa.repeat(pa.scalar(stamps[field.name], field.type), rows)
