"""The verb that writes the feature table, however large."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from features.clock import WEEK, to_date
from features.files import growing_parquet, require_file, temporary_folder
from features.history import History
from features.history.shop import ShopDays
from features.orders import InputReport
from features.partitions.build import feature_tables
from features.partitions.parted import Parted
from features.partitions.row_groups import row_groups, schema_of
from features.partitions.shop import WholeShop
from features.sets.features import features_of
from features.stages.fit import fit_spec_from
from features.stages.spec import Specs, StageSpec
from features.table import select as selected
from stagecast.beside import beside
from stagecast.config import Config
from stagecast.cutoffs import nobody_known, require_begin, ticks
from stagecast.describe import Orders, under
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
    with temporary_folder(out) as folder:
        parted = Parted(days[-1], config.features.partition_lines, folder)
        read = take_in(orders, parted, config, days[-1])
        require_begin(read.report.first.date(), days[0])
        features = selected(features_of(config.features, frozenset(parted.since)), select)
        specs, shop = _whole_shop(parted, spec or days, config)
        histories = map(partial(History.joined, tables=tables), _told(parted.histories(shop), len(parted)))
        made = feature_tables(histories, days, specs, features, config.features.threads)
        snapshots = _write(made, days, schema_of(features), out)
    return Written(len(features), snapshots, len(days), read.report, read.quarantine)


def _whole_shop(
    parted: Parted, given: StageSpec | Sequence[int], config: Config
) -> tuple[Specs, Callable[[], ShopDays] | None]:
    """The stage spec, or one for each cut-off, and the days of the shop if they were seen on the way."""
    if isinstance(given, StageSpec):
        return given, None
    tell("look at the whole shop")
    whole = WholeShop(given, config.stages.follow_up_weeks * WEEK)
    for history in parted.order_days():
        whole.add(history)
    fitted = {
        cutoff: fit_spec_from(waits, config.period_days, config.stages, config.the_clock)
        for cutoff, waits in whole.waits.items()
    }
    days = whole.days
    return fitted, None if days is None else lambda: days


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


def _told(histories: Iterator[History], parts: int) -> Iterator[History]:
    """The histories, told one by one; none is held here."""
    numbers = count(1)

    def told(history: History) -> History:
        tell("build the features" + (f", part {next(numbers):,} of {parts:,}" if parts > 1 else ""))
        return history

    return map(told, histories)
