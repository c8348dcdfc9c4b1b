"""What an order line must be: columns parsed without loss, then judged by small named rules.

Text is dictionary-encoded once, so that every look at an id, a date or a number
written as text is a look at its distinct values.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.config import ClockConfig, OrdersConfig
from features.errors import DataError, UsageError
from features.orders.contract import named

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.datetime64]
Scalar = TypeVar("Scalar", bound=np.generic)

MISSING = pa.array(["", "nan", "NaN", "NAN", "NaT", "<NA>", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "None"])
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(?i:inf|infinity)$"
AWARE = r"[T ]\d{2}.*(Z|z|[+-]\d{2}(:?\d{2})?)$"
FLAGS = {"true": 1, "t": 1, "yes": 1, "y": 1, "1": 1, "false": 0, "f": 0, "no": 0, "n": 0, "0": 0}


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column: int32 `codes` into the distinct `words` (a large_string array); -1 is missing."""

    codes: npt.NDArray[np.int32]
    words: pa.LargeStringArray

    def kept(self, keep: Mask) -> "Coded":
        """The rows where `keep`, with only the words they use."""
        return _compact(self.codes[keep], self.words)

    def spread(self, values: npt.NDArray[Scalar], missing: object) -> npt.NDArray[Scalar]:
        """One value a word, spread over the rows; `missing` where there is no word."""
        return np.append(values, np.array([missing], dtype=values.dtype))[self.codes]

    def series(self) -> pd.Series:
        """The column as pandas `str`, null where missing."""
        codes = pa.array(self.codes, mask=self.codes < 0)
        return pd.Series(self.words.take(codes), dtype=pd.StringDtype("pyarrow", na_value=np.nan))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value may be: `earliest <= ordered_at < latest` (local time), and |number| <= `largest`."""

    earliest: np.datetime64
    latest: np.datetime64
    largest: float


@dataclass(frozen=True, slots=True)
class Parsed:
    """The parsed columns of all rows. Optional columns that are wholly null are left out.

    `is_return` is 1, 0 or -1 (not told). `faults` holds, for (column, reason), the
    rows whose raw value could not be turned into what the column holds. `computed`
    marks the amounts that were filled in from quantity and price, if any were.
    """

    text: dict[str, Coded]
    numbers: dict[str, Floats]
    ordered_at: Times
    is_return: npt.NDArray[np.int8] | None
    faults: dict[tuple[str, str], Mask]
    limits: Limits
    computed: Mask | None = None

    def kept(self, keep: Mask) -> "Parsed":
        """The rows where `keep`; a column without a value left in them is dropped."""
        text = {name: column.kept(keep) for name, column in self.text.items()}
        numbers = {name: column[keep] for name, column in self.numbers.items()}
        return replace(
            self,
            text={name: column for name, column in text.items() if len(column.words)},
            numbers={name: column for name, column in numbers.items() if not np.isnan(column).all()},
            ordered_at=self.ordered_at[keep],
            is_return=None if self.is_return is None else self.is_return[keep],
            faults={},
            computed=None if self.computed is None else self.computed[keep],
        )


# -- the rules -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that may be wrong with a row: where `bad` says so, `column` `reason`."""

    column: str
    reason: str
    allowed: str
    remedy: str
    bad: Callable[[Parsed], Mask | None]

    def __str__(self) -> str:
        return f"{self.column} {self.reason}"


UNPARSED = "is not a time"
UNZONED = "has no UTC offset, though other rows have one"
NOT_A_NUMBER = "is not a number"
NOT_A_FLAG = "is neither yes nor no"

_RETURN_WORDS = "true/false, yes/no, 1/0"
_ISO = "ISO 8601, such as 2024-05-31 or 2024-05-31T09:30:00+02:00, or text that follows orders.date_format"


def _fault(column: str, reason: str) -> Callable[[Parsed], Mask | None]:
    return lambda parsed: parsed.faults.get((column, reason))


def _no_customer(parsed: Parsed) -> Mask:
    return parsed.text["customer_id"].codes < 0


def _no_time(parsed: Parsed) -> Mask:
    unread = [mask for (column, _), mask in parsed.faults.items() if column == "ordered_at"]
    return np.isnat(parsed.ordered_at) & ~np.any(unread, axis=0) if unread else np.isnat(parsed.ordered_at)


def _too_early(parsed: Parsed) -> Mask:
    return parsed.ordered_at < parsed.limits.earliest


def _in_future(parsed: Parsed) -> Mask:
    return parsed.ordered_at >= parsed.limits.latest


def _no_amount(parsed: Parsed) -> Mask | None:
    if "amount" not in parsed.numbers:
        return None
    missing = np.isnan(parsed.numbers["amount"])
    unread = parsed.faults.get(("amount", NOT_A_NUMBER))
    return missing if unread is None else missing & ~unread


def _too_large(column: str) -> Callable[[Parsed], Mask | None]:
    def bad(parsed: Parsed) -> Mask | None:
        values = parsed.numbers.get(column)
        return None if values is None else np.abs(values) > parsed.limits.largest

    return bad


def _number_rules(column: str) -> Iterator[Rule]:
    yield Rule(
        column,
        NOT_A_NUMBER,
        "digits with a decimal point, such as 1234.5 or -3; or nothing",
        "take currency signs, thousands separators and decimal commas out",
        _fault(column, NOT_A_NUMBER),
    )
    yield Rule(
        column,
        "is infinite or too large",
        "at most orders.largest_amount in absolute value",
        "correct the value, or raise orders.largest_amount if it is right",
        _too_large(column),
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "customer_id",
        "is missing",
        "any text that is not blank, and no stand-in such as NULL or nan",
        "leave out the orders nobody is known for, or raise orders.max_bad_share",
        _no_customer,
    ),
    Rule("ordered_at", "is missing", _ISO, "fill the time in, or leave the row out", _no_time),
    Rule(
        "ordered_at",
        UNPARSED,
        _ISO,
        'say how the text is written, for example orders.date_format = "%d/%m/%Y %H:%M"',
        _fault("ordered_at", UNPARSED),
    ),
    Rule(
        "ordered_at",
        UNZONED,
        "all times with an offset, or none",
        "write the offset into every row, or into none (then they are local times)",
        _fault("ordered_at", UNZONED),
    ),
    Rule(
        "ordered_at",
        "is too early",
        "orders.earliest or later",
        "correct the date, or set orders.earliest to an earlier day",
        _too_early,
    ),
    Rule("ordered_at", "is in the future", "today or tomorrow at the latest", "correct the date", _in_future),
    *(rule for column in named("number") for rule in _number_rules(column)),
    Rule(
        "amount",
        "is missing and cannot be computed",
        "an amount in every row, or quantity and unit_price in its place",
        "fill the amount in (0 for a gift), or leave the column out altogether",
        _no_amount,
    ),
    Rule("is_return", NOT_A_FLAG, _RETURN_WORDS, f"write {_RETURN_WORDS}", _fault("is_return", NOT_A_FLAG)),
)


def judge(parsed: Parsed) -> dict[Rule, Mask]:
    """The rules that are broken, each with the rows that break it."""
    masks = ((rule, rule.bad(parsed)) for rule in RULES)
    return {rule: mask for rule, mask in masks if mask is not None and mask.any()}


# -- parsing ---------------------------------------------------------------------------------------


def limits(orders: OrdersConfig, clock: ClockConfig, now: datetime | None = None) -> Limits:
    """The limits as of `now` (naive: the business's local time; default: the wall clock).

    An order of tomorrow is still allowed, for clocks differ; the day after is not.
    Raises `UsageError` for an `orders.earliest` that is no date or an unknown time zone.
    """
    zone = time_zone(clock)
    local = datetime.now(zone) if now is None else now.astimezone(zone) if now.tzinfo else now
    try:
        earliest = np.datetime64(datetime.fromisoformat(orders.earliest).replace(tzinfo=None), "us")
    except ValueError:
        raise UsageError(
            "orders.earliest is not a date", got=repr(orders.earliest), allowed="a day such as 1990-01-01"
        ) from None
    return Limits(earliest, np.datetime64(local.date() + timedelta(days=2), "us"), orders.largest_amount)


def time_zone(clock: ClockConfig) -> ZoneInfo:
    """The business's time zone. Raises `UsageError` if its name is unknown."""
    try:
        return ZoneInfo(clock.timezone)
    except (ValueError, OSError, KeyError):
        raise UsageError(
            "clock.timezone is not a known time zone",
            got=repr(clock.timezone),
            allowed="an IANA name such as Europe/Berlin or Asia/Shanghai",
        ) from None


def parse(raw: pd.DataFrame, orders: OrdersConfig, clock: ClockConfig, within: Limits) -> Parsed:
    """Parse every column of `raw` (canonical names). Raises `DataError` where a column's type is of no use."""
    columns = {str(name): to_arrow(raw[name]) for name in raw.columns}
    faults: dict[tuple[str, str], Mask] = {}
    times, time_faults = _times(columns["ordered_at"], orders.date_format, time_zone(clock))
    faults |= {("ordered_at", reason): mask for reason, mask in time_faults.items()}
    numbers = {}
    for name in (name for name in named("number") if name in columns):
        numbers[name], unread = _numbers(name, columns[name])
        faults[name, NOT_A_NUMBER] = unread
    returns = None
    if "is_return" in columns:
        returns, faults["is_return", NOT_A_FLAG] = _flags(columns["is_return"])
    text = {name: encode(name, columns[name]) for name in named("text") if name in columns}
    parsed = Parsed(
        text={name: column for name, column in text.items() if len(column.words) or name == "customer_id"},
        numbers={name: column for name, column in numbers.items() if _filled(column, faults[name, NOT_A_NUMBER])},
        ordered_at=times,
        is_return=returns,
        faults={key: mask for key, mask in faults.items() if mask.any()},
        limits=within,
    )
    return _with_amount(parsed)


def _filled(values: Floats, unread: Mask) -> bool:
    return bool((~np.isnan(values)).any() or unread.any())


def _with_amount(parsed: Parsed) -> Parsed:
    """Fill missing amounts in with quantity times price."""
    numbers = parsed.numbers
    if not {"quantity", "unit_price"} <= numbers.keys():
        return parsed
    given = numbers.get("amount", np.full(len(parsed.ordered_at), np.nan))
    unread = parsed.faults.get(("amount", NOT_A_NUMBER), np.zeros(len(given), bool))
    with np.errstate(over="ignore", invalid="ignore"):
        product = numbers["quantity"] * numbers["unit_price"]
    use = np.isnan(given) & ~unread & ~np.isnan(product)
    if not use.any():
        return parsed
    return replace(parsed, numbers=numbers | {"amount": np.where(use, product, given)}, computed=use)


def to_arrow(column: pd.Series) -> pa.ChunkedArray:
    """The values of a pandas column in Arrow, whatever backs it; odd Python objects become text.

    Raises `DataError` for what Arrow has no type for, and for text that is not Unicode.
    """
    plain = {"string", "bytes", "integer", "floating", "mixed-integer-float", "boolean", "decimal", "empty"}
    try:
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            instants = pa.array(column.dt.tz_convert(None), from_pandas=True)
            return pa.chunked_array([instants.cast(pa.timestamp(column.dtype.unit, "UTC"))])
        if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) not in plain:
            column = column.map(str, na_action="ignore")
        array = pa.array(column, from_pandas=True)
        array = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
        return array.cast(array.type.storage_type) if isinstance(array.type, pa.BaseExtensionType) else array
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise _useless(str(column.name), f"{column.dtype} ({error})") from error


def _useless(name: str, got: object, remedy: str = "write the column as text, numbers or times") -> DataError:
    return DataError(f"the column {name} holds values of a type that is of no use here", got=got, remedy=remedy)


def encode(name: str, column: pa.ChunkedArray) -> Coded:
    """Encode a text column; whole numbers become their decimal text, blank and stand-in words are missing.

    Raises `DataError` for decimal numbers: an id read as a float has lost digits.
    """
    if pa.types.is_floating(_kind(column)):
        column = _refuse_floats(name, _decoded(column))
    try:
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        whole = coded.unify_dictionaries().combine_chunks()
        words = whole.dictionary.cast(pa.large_string()).dictionary_encode()
    except pa.ArrowException as error:
        raise _useless(name, f"{column.type} ({error})") from error
    missing = pc.is_in(pc.utf8_trim_whitespace(words.dictionary), MISSING.cast(pa.large_string()))
    new = np.append(_codes(words.indices), np.int32(-1))[_codes(whole.indices)]
    gone = np.append(missing.to_numpy(zero_copy_only=False), True)[new]
    return _compact(np.where(gone, np.int32(-1), new), words.dictionary)


def _codes(indices: pa.Array) -> npt.NDArray[np.int32]:
    return np.asarray(indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False))


def _compact(codes: npt.NDArray[np.int32], words: pa.LargeStringArray) -> Coded:
    used = np.bincount(codes + 1, minlength=len(words) + 1)[1:] > 0
    if used.all():
        return Coded(codes, words)
    new = np.append(np.cumsum(used, dtype=np.int32) - 1, np.int32(-1))
    return Coded(new[codes].astype(np.int32, copy=False), words.filter(pa.array(used)))


def _refuse_floats(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A float column is let through only if it holds nothing at all."""
    values = column.to_numpy()
    values = values[~np.isnan(values)]
    if not len(values):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    whole = bool(np.isfinite(values).all() and (values == np.floor(values)).all())
    raise DataError(
        f"{name} holds decimal numbers, "
        + ("as pandas makes of whole numbers when some are missing" if whole else "and an id read as one loses digits"),
        got=f"{column.type}, first value {values[0]}",
        allowed="text or whole numbers",
        remedy=f'read the column as text, for example dtype={{"{name}": str}}'
        + (', or turn it back with .astype("Int64")' if whole else ""),
    )


def _numbers(name: str, column: pa.ChunkedArray) -> tuple[Floats, Mask]:
    """The values (NaN where missing or unreadable), and which are unreadable."""
    column = _decoded(column)
    if _is_text(column.type):
        coded = encode(name, column)
        trimmed = pc.utf8_trim_whitespace(coded.words)
        good = pc.match_substring_regex(trimmed, NUMBER)
        values = pc.if_else(good, pc.utf8_lower(trimmed), "nan").cast(pa.float64()).to_numpy()
        bad = ~good.to_numpy(zero_copy_only=False)
        return coded.spread(values, np.nan), coded.spread(bad, False)
    try:
        column = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
        values = column.cast(pa.float64(), safe=False).to_numpy()
    except pa.ArrowException as error:
        raise _useless(name, f"{column.type} ({error})", "write the column as numbers") from error
    return values, np.zeros(len(values), bool)


def _flags(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int8], Mask]:
    """1 for yes, 0 for no, -1 where missing or unreadable, and which are unreadable."""
    column = _decoded(column)
    if pa.types.is_floating(column.type):
        column = column.cast(pa.string())
    coded = encode("is_return", column)
    words = (re.sub(r"\.0$", "", word.strip().lower()) for word in coded.words.to_pylist())
    values = np.array([FLAGS.get(word, -1) for word in words], dtype=np.int8)
    return coded.spread(values, -1), coded.spread(values < 0, False)


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _kind(column: pa.ChunkedArray) -> pa.DataType:
    return column.type.value_type if pa.types.is_dictionary(column.type) else column.type


def _is_text(kind: pa.DataType) -> bool:
    text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(check(kind) for check in (*text, pa.types.is_binary, pa.types.is_large_binary))


def _times(column: pa.ChunkedArray, pattern: str | None, zone: ZoneInfo) -> tuple[Times, Mapping[str, Mask]]:
    """Naive local times in us (NaT where missing or bad), and the bad rows by reason."""
    kind = _kind(column)
    if _is_text(kind) or (pattern and pa.types.is_integer(kind)):
        return _written_times(encode("ordered_at", column), pattern, zone)
    column = _decoded(column)
    if pa.types.is_null(kind):
        return np.full(len(column), np.datetime64("NaT", "us")), {}
    if pa.types.is_date(kind):
        column = column.cast(pa.timestamp("s" if pa.types.is_date32(kind) else "ms"))
    elif not pa.types.is_timestamp(kind):
        raise DataError(
            "ordered_at holds neither times nor text",
            got=f"{kind}, first value {next((v for v in column.to_pylist() if v is not None), None)!r}",
            allowed=_ISO,
            remedy='turn it into timestamps; whole numbers like 20240531 are read with orders.date_format = "%Y%m%d"',
        )
    times = _micro(column.to_numpy())
    return (_local(times, zone) if getattr(column.type, "tz", None) else times), {}


def _micro(times: Times) -> Times:
    """Times in us. What us cannot hold (coarse units reach far) is moved to the year 1 or 9999: bad either way."""
    if times.dtype in (np.dtype("M8[s]"), np.dtype("M8[ms]")):
        first, last = np.array(["0001-01-01", "9999-12-31"], dtype=times.dtype)
        times = np.clip(times, first, last)
    return times.astype("datetime64[us]")


def _local(times: Times, zone: ZoneInfo) -> Times:
    instants = pd.DatetimeIndex(times, tz="UTC")
    return instants.tz_convert(zone).tz_localize(None).to_numpy().astype("datetime64[us]")


def _written_times(coded: Coded, pattern: str | None, zone: ZoneInfo) -> tuple[Times, Mapping[str, Mask]]:
    """Read times written as text. Where some rows carry an offset, those without one cannot be placed: bad."""
    words = pc.utf8_trim_whitespace(coded.words)
    times = _read_times(words, pattern)
    unread = np.isnat(times)
    aware = _carries_offset(words, pattern) & ~unread
    unzoned = ~aware & ~unread & aware.any()
    times[aware] = _local(times[aware], zone)
    times[unzoned] = np.datetime64("NaT")
    faults = {UNPARSED: coded.spread(unread, False), UNZONED: coded.spread(unzoned, False)}
    return coded.spread(times, "NaT"), faults


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
