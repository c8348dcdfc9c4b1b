"""One of Spark's partitions, which holds whole customers, cleaned by the rules for all orders."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from features.orders.gate import Gate, Mixed, Whole
from features.orders.limits import Terms
from features.orders.log import OrderLog
from features.orders.pieces import Pieces
from features.orders.raw import RawBatch
from features.orders.sources import read_table
from features.orders.tally import Tally


@dataclass(frozen=True)
class Lines:
    """What became of the rows of a partition.

    Attributes:
        log: the good lines before the cut-off; none where the partition is empty.
        tally: the rows counted, and those set aside.
        mixed: what the rules learnt of the input here.
    """

    log: OrderLog | None
    tally: Tally
    mixed: Mixed


@dataclass(frozen=True)
class Cleaner:
    """How rows become lines; the same in every partition.

    Attributes:
        terms: how to read the orders, what is allowed, and the days asked for.
        columns: the optional columns that the model was trained on.
        whole: what is known of all partitions beforehand.
    """

    terms: Terms
    columns: tuple[str, ...]
    whole: Whole

    def clean(self, batches: Iterable[pa.RecordBatch]) -> Lines:
        """The lines of a partition, from Arrow batches with the columns of the source.

        Raises:
            DataError: a column holds what is of no use.
        """
        gate, pieces = Gate(self.terms, self.whole), Pieces()
        if not (held := list(batches)):
            return Lines(None, gate.tally, gate.mixed)
        table = read_table(pa.Table.from_batches(held), self.terms.orders)
        pieces.add(gate.passed(RawBatch(np.arange(len(table)), table), pieces.encoders))
        return Lines(pieces.log().only(self.columns), gate.tally, gate.mixed)
