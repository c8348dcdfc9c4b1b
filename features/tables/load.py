"""Read the declared tables through the same door as the orders: each row is kept, or set aside with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from features.config import ClockConfig
from features.errors import StagecastError, UsageError
from features.fixed import Floats, Ints
from features.orders.coded import Coded
from features.orders.raw import whole
from features.orders.sources import Source, read_orders
from features.orders.tally import Tally
from features.orders.times import Times
from features.tables.config import EventsConfig, ProfileConfig
from features.tables.joined import Table
from features.tables.rules import Reader
from features.tables.stream import Stream


@dataclass(frozen=True)
class Loaded:
    """A clean table, the rows that were set aside as text with `row` and `reason`, and what became of all in words."""

    table: Table
    quarantine: pd.DataFrame
    report: tuple[str, ...]


Tables = Mapping[str, Loaded]
"""Clean tables by name."""

Config = EventsConfig | ProfileConfig


def load_tables(
    configs: Mapping[str, Config], clock: ClockConfig, given: Mapping[str, Source] | None = None
) -> dict[str, Loaded]:
    """Read and clean every declared table.

    Args:
        configs: what is declared, by name.
        clock: the business's time zone.
        given: tables that take the place of the declared sources.

    Raises:
        UsageError: a table has no source, or one is given that is not declared.
        DataError: a table cannot be read, or too many rows are bad.
    """
    strangers = set(given or {}) - set(configs)
    if strangers:
        raise UsageError(
            "a table is given that no feature is declared of",
            got=", ".join(sorted(strangers)),
            allowed=", ".join(sorted(configs)) or "none: nothing is declared",
            remedy="declare it under [features.events.NAME] or [features.profile.NAME]",
        )
    return {name: _load(name, config, clock, (given or {}).get(name)) for name, config in configs.items()}


def clean_table(raw: pd.DataFrame, config: Config, clock: ClockConfig, now: datetime | None = None) -> Loaded:
    """Parse and judge the rows of one table under its canonical names.

    Raises:
        DataError: a column is of no use, or more rows are bad than the configuration allows.
    """
    reader, tally = Reader(raw, config, clock, now), Tally()
    table, kept = _events(reader, config) if isinstance(config, EventsConfig) else _profile(reader, config)
    tally.add(whole(raw), reader.broken, reader.bad)
    if reader.broken:
        tally.refuse_if_too_bad(config)
    report = [f"{len(raw):,} rows read, {kept:,} kept, {len(raw) - kept:,} set aside"]
    report += [f"set aside: {reason}: {count:,}" for reason, count in tally.reasons().items()]
    return Loaded(table, tally.quarantine(), tuple(report))


def _load(name: str, config: Config, clock: ClockConfig, given: Source | None) -> Loaded:
    source = config.source if given is None else given
    if source is None:
        raise UsageError(
            f"the table '{name}' is declared, but not given",
            got="no source",
            allowed="a file, a folder, the address of a database, or a DataFrame",
            remedy=f"set source in [{config.section}.{name}], or give the table by its name",
        )
    try:
        return clean_table(read_orders(source, config), config, clock)
    except StagecastError as error:
        raise type(error)(
            f"the table '{name}': {error.problem}", got=error.got, allowed=error.allowed, remedy=error.remedy
        ) from error


def _events(reader: Reader, config: EventsConfig) -> tuple[Table, int]:
    ids, happened = reader.customers(), reader.times("happened_at")
    known = reader.times("known_at") if "known_at" in reader.raw else happened
    value = reader.numbers("value") if "value" in reader.raw else np.full(len(happened), np.nan)
    kind = reader.words("kind") if "kind" in reader.raw else None
    good = ~reader.bad
    rows = _Rows.of(ids, (happened, known))
    wanted = {word: good & _is(kind, word) for word in config.kinds} if kind else {}
    streams = {word: rows.stream(value, mask) for word, mask in (wanted or {"": good}).items()}
    return Table(rows.customers, streams), int(good.sum())


def _profile(reader: Reader, config: ProfileConfig) -> tuple[Table, int]:
    ids, known = reader.customers(), reader.times("known_at")
    values = {name: _attribute(reader, name, kind) for name, kind in config.attributes.items()}
    good = ~reader.bad
    rows = _Rows.of(ids, (known, known))
    streams = {name: rows.stream(value, good & ~np.isnan(value)) for name, value in values.items()}
    return Table(rows.customers, streams), int(good.sum())


def _attribute(reader: Reader, name: str, kind: str | tuple[str, ...]) -> Floats:
    """Numbers, day numbers, or the place of each word among those declared (-1 for another one); NaN where missing."""
    if kind == "number":
        return reader.numbers(name)
    if kind == "date":
        return reader.dates(name)
    coded = reader.words(name)
    place = [kind.index(word) if word in kind else -1 for word in coded.words.to_pylist()]
    return coded.spread(np.array(place, dtype=np.float64), np.nan)


def _is(kind: Coded, word: str) -> np.ndarray:
    return kind.spread(np.array([found == word for found in kind.words.to_pylist()], dtype=bool), False)


@dataclass(frozen=True)
class _Rows:
    """The rows of a table by customer: ids in ascending order, and each row's code and times."""

    customers: pa.LargeStringArray
    code: Ints
    times: tuple[Ints, Ints]

    @classmethod
    def of(cls, ids: Coded, times: tuple[Times, Times]) -> "_Rows":
        happened, known = (column.astype("datetime64[us]").astype(np.int64) for column in times)
        return cls(ids.words, ids.codes.astype(np.int64), (happened, known))

    def stream(self, value: Floats, which: np.ndarray) -> Stream:
        happened, known = (column[which] for column in self.times)
        return Stream.of(len(self.customers), self.code[which], (happened, known), value[which])
