"""The verb that writes the feature table, however large."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from features.clock import WEEK, to_date
from features.engine import Engine, apart, counted
from features.files import growing_parquet, require_file, temporary_folder
from features.orders import InputReport
from features.partitions.parted import Parted
from features.partitions.row_groups import row_groups
from features.partitions.share import Known, Share
from features.partitions.shop import OneShop, WholeShop
from features.partitions.table_files import TableFiles, tables_in
from features.partitions.table_maker import Asked, TableMaker
from features.stages.fit import fit_spec_from
from features.stages.spec import Specs, StageSpec
from stagecast.beside import beside
from stagecast.config import Config
from stagecast.cutoffs import nobody_known, require_begin, ticks
from stagecast.describe import Orders, under
from stagecast.engine import engine_of
from stagecast.progress import tell
from stagecast.reading import take_in


@dataclass(frozen=True)
class Written:
    """What was written: how many features, of how many snapshots, at how many cut-offs; and what the orders were like.

    Of orders that were read batch by batch, `report` says neither how many
    customers there are, nor what takes a look at all lines at once.
    """

    features: int
    snapshots: int
    cutoffs: int
    report: InputReport
    quarantine: pd.DataFrame


def write_features(  # noqa: PLR0913, PLR0917 - what `features` takes, and where to write
    orders: Orders,
    cutoffs: list[str],
    out: str | Path,
    config: Config | None = None,
    select: list[str] | None = None,
    spec: StageSpec | None = None,
) -> Written:
    """Write the features of every customer known at each cut-off to a Parquet file, whole or not at all.

    Values and order are those of `features`, but neither the orders nor the
    table have to fit into memory: orders of more than `features.partition_lines`
    lines are put down beside the file, as partitions of whole customers.

    Raises:
        UsageError: a cut-off is no tick of the clock, `select` matches nothing, or `out` is a folder.
        DataError: there are no orders before a cut-off.
        StagecastError: the file cannot be written; what stood there still does.
    """
    config = under(config, spec)
    days, out = ticks(cutoffs, config), Path(out)
    require_file(out)
    tables = beside(orders, config).tables
    with temporary_folder(out.resolve()) as folder, engine_of(config.engine) as engine:
        config, parted = config.on(engine), Parted(days[-1], config.features.partition_lines, folder)
        read = take_in(orders, parted, config, days[-1], engine)
        require_begin(read.report.first.date(), days[0])
        asked = Asked(config.features, frozenset(parted.since), tuple(select) if select else None)
        features = asked.features()
        shares, specs = _whole_shop(parted, spec or days, (config, engine))
        share = shares(any(feature.shop for feature in features))
        make = TableMaker(share, asked, tuple(days), specs, tables, config.features.threads)
        snapshots = _write(_made(make, folder, engine), days, make.schema, out)
    return Written(len(features), snapshots, len(days), read.report, read.quarantine)


def _whole_shop(
    parted: Parted, given: StageSpec | Sequence[int], using: tuple[Config, Engine]
) -> tuple[Callable[[bool], Share], Specs]:
    """What gives the partitions, told whether the days of the shop are needed; and the stage spec, or one a cut-off."""
    config, engine = using
    if isinstance(given, StageSpec):
        return partial(parted.share_on, engine), given
    tell("look at the whole shop")
    share, whole = parted.share_on(engine, whole_shop=False), WholeShop(given, 0)
    for found in engine.map(OneShop(share, tuple(given), config.stages.follow_up_weeks * WEEK), range(len(share))):
        whole.put(found)
    fitted = {
        cutoff: fit_spec_from(waits, config.period_days, config.stages, config.the_clock)
        for cutoff, waits in whole.waits.items()
    }
    days = whole.days
    return lambda _: parted.share(None if days is None else Known(days), engine), fitted


def _made(make: TableMaker, folder: Path, engine: Engine) -> Iterator[pa.Table]:
    """The tables of all partitions, told one by one; in this process none is held when the next one is made."""
    numbers = counted("build the features", len(make.share), tell)
    if apart(engine):
        return tables_in(engine.map(TableFiles(make, folder), numbers))
    return chain.from_iterable(engine.map(make, numbers))


def _write(tables: Iterator[pa.Table], days: list[int], schema: pa.Schema, out: Path) -> int:
    """Rows written; the file takes its place only if somebody is known at each cut-off."""
    rows, found = 0, set[int]()
    with growing_parquet(out, schema, {"cutoffs": ",".join(str(to_date(day)) for day in days)}) as append:
        for table in row_groups(tables):
            append(table)
            rows += len(table)
            found.update(table["cutoff"].unique().to_numpy().astype("datetime64[D]").astype(np.int64).tolist())
        if missing := sorted(set(days) - found):
            raise nobody_known(missing[0])
    return rows
