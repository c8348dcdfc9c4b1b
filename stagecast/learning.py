"""The orders that a model learns from, whether or not they fit into memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from features.engine import Engine
from features.errors import UsageError
from features.files import temporary_folder
from features.orders.digest import RowSum, row_sum
from features.partitions.parted import Parted
from features.partitions.share import InFiles, InMemory
from features.tables.joined import Table
from stagecast.beside import beside
from stagecast.config import Config
from stagecast.cutoffs import require_begin
from stagecast.describe import Orders
from stagecast.engine import engine_of
from stagecast.progress import tell
from stagecast.reading import Read, take_in

if TYPE_CHECKING:
    from training.log import Log


@dataclass(frozen=True)
class Learnt:
    """What is learnt from.

    Attributes:
        log: the order lines before the cut-off.
        read: what the orders were like.
        lines: how many lines there are.
        digest: of the lines.
    """

    log: "Log"
    read: Read
    lines: int
    digest: str


@contextmanager
def learnable(orders: Orders, day: int, config: Config) -> Iterator[Learnt]:
    """The orders before a day as a log to learn from, with the tables beside them.

    More lines than `features.partition_lines` are put down in files for as
    long as they are needed, as partitions of whole customers.

    Args:
        orders: a source of orders, or clean ones.
        day: a day number; orders of that day or later are not looked at.
        config: settings; `[training] work` is where the files go, `[engine]` where they are worked on.

    Raises:
        UsageError: the workers of a cluster would not know where the files are.
        DataError: the orders cannot be used, too many rows are bad, or none lies before the day.
        StagecastError: the files cannot be written.
    """
    with temporary_folder(_place(config)) as folder, engine_of(config.engine) as engine:
        parted = Parted(day, config.features.partition_lines, folder)
        read = take_in(orders, parted, config, day, engine)
        require_begin(read.report.first.date(), day)
        tables = beside(orders, config).tables
        log, rows = _log(parted, folder, engine, tables)
        yield Learnt(log, read, rows.rows, rows.digest)


def _place(config: Config) -> Path:
    if config.engine.scheduler is not None and config.training.work is None:
        raise UsageError(
            "the workers of the cluster do not know where the orders to learn from are put",
            got="no folder",
            allowed="one that all of them reach under the same path",
            remedy="set work in [training]",
        )
    return Path(config.training.work or gettempdir()).resolve() / "stagecast-training"


def _log(parted: Parted, folder: Path, engine: Engine, tables: Mapping[str, Table]) -> "tuple[Log, RowSum]":
    from training.log import Log
    from training.parts import Filed

    share = parted.share_on(engine, whole_shop=True)
    if isinstance(share, InMemory):
        return Log.of(share.history(0).joined(tables)), row_sum(next(parted.lines()))
    assert isinstance(share, InFiles)
    tell("look at all lines")
    rows = reduce(add, engine.map(partial(_row_sum, share), range(len(share))))
    return Log(Filed(share, tables), engine, folder), rows


def _row_sum(share: InFiles, number: int) -> RowSum:
    return row_sum(share.runs.part(number), share.since.keys())
