"""Times of any kind, as the business's naive local time in microseconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.errors import DataError, UsageError
from features.orders.arrow import decoded, is_text, kind_of
from features.orders.coded import Coded, Mask, encode

Times = npt.NDArray[np.datetime64]

UNPARSED = "is not a time"
UNZONED = "has no UTC offset, though other rows have one"
AWARE = r"[T ]\d{2}.*(Z|z|[+-]\d{2}(:?\d{2})?)$"
ISO = "ISO 8601, such as 2024-05-31 or 2024-05-31T09:30:00+02:00, or text that follows orders.date_format"


@dataclass(frozen=True, slots=True)
class ParsedTimes:
    """Naive local times in us (NaT where missing or bad), the bad rows by reason, and what is told of offsets.

    `offsets` holds True where some time written as text carries a UTC offset, False
    where some does not.
    """

    local: Times
    faults: Mapping[str, Mask] = field(default_factory=dict)
    offsets: frozenset[bool] = frozenset()


def parse_times(
    column: pa.ChunkedArray, pattern: str | None, zone: ZoneInfo, name: str = "ordered_at", zoned: bool = False
) -> ParsedTimes:
    """Read times of any kind. With `zoned`, text without an offset is bad, for text elsewhere has one."""
    kind = kind_of(column)
    if is_text(kind) or (pattern and pa.types.is_integer(kind)):
        return _written_times(encode(name, column), pattern, zone, zoned)
    column = decoded(column)
    if pa.types.is_null(kind):
        return ParsedTimes(np.full(len(column), np.datetime64("NaT", "us")))
    if pa.types.is_date(kind):
        column = column.cast(pa.timestamp("s" if pa.types.is_date32(kind) else "ms"))
    elif not pa.types.is_timestamp(kind):
        raise DataError(
            f"{name} holds neither times nor text",
            got=f"{kind}, first value {next((v for v in column.to_pylist() if v is not None), None)!r}",
            allowed=ISO,
            remedy='turn it into timestamps; whole numbers like 20240531 are read with orders.date_format = "%Y%m%d"',
        )
    times = _micro(column.to_numpy())
    return ParsedTimes(_local(times, zone) if getattr(column.type, "tz", None) else times)


def _micro(times: Times) -> Times:
    """Times in us. What us cannot hold (coarse units reach far) is moved to the year 1 or 9999: bad either way."""
    if times.dtype in (np.dtype("M8[s]"), np.dtype("M8[ms]")):
        first, last = np.array(["0001-01-01", "9999-12-31"], dtype=times.dtype)
        times = np.clip(times, first, last)
    return times.astype("datetime64[us]")


def _local(times: Times, zone: ZoneInfo) -> Times:
    instants = pd.DatetimeIndex(times, tz="UTC")
    return instants.tz_convert(zone).tz_localize(None).to_numpy().astype("datetime64[us]")


def _written_times(coded: Coded, pattern: str | None, zone: ZoneInfo, zoned: bool) -> ParsedTimes:
    """Read times written as text. Where some rows carry an offset, those without one cannot be placed: bad."""
    words = pc.utf8_trim_whitespace(coded.words)
    times = _read_times(words, pattern)
    unread = np.isnat(times)
    aware = _carries_offset(words, pattern) & ~unread
    naive = ~aware & ~unread
    offsets = frozenset(told for told, words in ((True, aware), (False, naive)) if words.any())
    times[aware] = _local(times[aware], zone)
    unzoned = naive & (zoned or True in offsets)
    times[unzoned] = np.datetime64("NaT", "us")
    faults = {UNPARSED: coded.spread(unread, False), UNZONED: coded.spread(unzoned, False)}
    return ParsedTimes(coded.spread(times, "NaT"), faults, offsets)


def _carries_offset(words: pa.LargeStringArray, pattern: str | None) -> Mask:
    if pattern is not None:
        return np.full(len(words), "%z" in pattern.lower())
    return np.asarray(pc.match_substring_regex(words, AWARE).to_numpy(zero_copy_only=False))


def _read_times(words: pa.LargeStringArray, pattern: str | None) -> Times:
    """Text to times in us (an offset applied), NaT where it does not follow the pattern."""
    if pattern is not None and "%" not in pattern:
        raise UsageError("orders.date_format holds no directive", got=repr(pattern), allowed='such as "%d/%m/%Y"')
    if pattern is None:  # nine digits of a second would turn the whole column to ns, which ends in 2262
        words = pc.replace_substring_regex(words, r"(\.\d{6})\d+", r"\1")
    try:
        series = pd.Series(words, dtype=pd.StringDtype("pyarrow", na_value=np.nan))
        read = pd.to_datetime(series, format=pattern or "ISO8601", errors="coerce", utc=True)
    except ValueError as error:
        raise UsageError(
            "orders.date_format is not a date format", got=f"{pattern!r} ({error})", allowed='such as "%d/%m/%Y"'
        ) from error
    return _micro(read.dt.tz_localize(None).to_numpy())
