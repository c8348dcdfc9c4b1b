"""From raw rows to clean orders: every row is either kept, or set aside with its reasons."""

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pandas.api.types import is_scalar

from features.config import ClockConfig, OrdersConfig
from features.errors import DataError, UsageError
from features.orders.contract import NAMES, OPTIONAL, REQUIRED
from features.orders.rules import UNPARSED, Coded, Mask, Parsed, Rule, judge, limits, parse
from features.orders.sources import Source, read_orders


@dataclass(frozen=True, slots=True)
class InputReport:
    """What came in and what became of it, in counts.

    `reasons` counts the rows set aside by reason (a row may have several);
    `notes` counts facts that are no errors, so that nobody is surprised later.
    """

    rows_read: int
    rows_kept: int
    rows_set_aside: int
    customers: int
    first: pd.Timestamp
    last: pd.Timestamp
    reasons: dict[str, int]
    notes: dict[str, int]

    def lines(self) -> list[str]:
        """The report in plain words, one fact a line."""
        return [
            f"{self.rows_read:,} rows read, {self.rows_kept:,} kept, {self.rows_set_aside:,} set aside",
            f"{self.customers:,} customers, orders from {self.first} to {self.last}",
            *(f"set aside: {reason}: {count:,}" for reason, count in self.reasons.items()),
            *(f"note: {note}: {count:,}" for note, count in self.notes.items()),
        ]

    def __str__(self) -> str:
        return "\n".join(self.lines())


@dataclass(frozen=True, slots=True)
class CleanOrders:
    """Orders fit for use, and the rest.

    `orders` has canonical columns and types in input order, without the optional
    columns that hold nothing; `is_return` is always there. `quarantine` holds the
    other rows as text, after `row` (position in the input, from 0) and `reason`.
    """

    orders: pd.DataFrame
    quarantine: pd.DataFrame
    report: InputReport


def load_orders(source: Source, orders: OrdersConfig, clock: ClockConfig, now: datetime | None = None) -> CleanOrders:
    """Read `source` and clean it: `read_orders`, then `clean_orders`. Raises what they raise."""
    return clean_orders(read_orders(source, orders), orders, clock, now)


def clean_orders(
    raw: pd.DataFrame, orders: OrdersConfig, clock: ClockConfig, now: datetime | None = None
) -> CleanOrders:
    """Parse and judge the raw rows of `read_orders`; `raw` is left as it is.

    Times become naive local time of `clock.timezone`; a missing `amount` becomes
    quantity times price; where `is_return` does not tell, a negative amount or
    quantity does. `now` (default: the wall clock) decides what lies in the future.

    Raises `DataError` if there are no rows, if too many are bad for what `orders`
    allows, or if none is left; `UsageError` for a configuration that cannot be right.
    """
    if raw.empty:
        raise DataError("there are no orders: the input has no rows", remedy="check the export, or the file name")
    if lacking := [name for name in REQUIRED if name not in raw]:
        raise DataError(
            "required columns are missing", got=list(raw.columns), allowed=lacking, remedy="see read_orders"
        )
    parsed = parse(raw, orders, clock, limits(orders, clock, now))
    broken = judge(parsed)
    bad = np.any([*broken.values()], axis=0) if broken else np.zeros(len(raw), bool)
    if broken:
        _refuse_if_too_bad(raw, broken, bad, orders)
    kept = parsed.kept(~bad) if broken else parsed
    returns = _returns(kept)
    return CleanOrders(_frame(kept, returns), _quarantine(raw, broken, bad), _report(kept, returns, broken, bad))


def save_quarantine(clean: CleanOrders, folder: str | os.PathLike[str], name: str) -> Path | None:
    """Write the quarantine to `folder/name.parquet`, whole or not at all. Nothing to write: None.

    Raises `UsageError` if `name` is not a plain file name.
    """
    if clean.quarantine.empty:
        return None
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise UsageError("not a file name", got=repr(name), allowed="letters, digits, '_', '-' and '.'")
    target = Path(folder) / f"{name}.parquet"
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            pq.write_table(pa.Table.from_pandas(clean.quarantine, preserve_index=False), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target


# -- refusal ---------------------------------------------------------------------------------------


def _refuse_if_too_bad(raw: pd.DataFrame, broken: dict[Rule, Mask], bad: Mask, orders: OrdersConfig) -> None:
    count, rows = int(bad.sum()), len(bad)
    if orders.bad_rows == "reject":
        allowed = 'no bad row (orders.bad_rows = "reject")'
    elif count > orders.max_bad_share * rows:
        allowed = f"{orders.max_bad_share:.2%} bad rows (orders.max_bad_share)"
    elif count == rows:
        allowed = "at least one good row"
    else:
        return
    counts = _counts(broken)
    worst = max(broken, key=lambda rule: counts[str(rule)])
    reasons = ", ".join(f"{reason} ({counts[reason]:,})" for reason in sorted(counts, key=lambda r: -counts[r])[:5])
    raise DataError(
        f"{count:,} of {rows:,} rows are bad ({count / rows:.2%}): {reasons}",
        got=_example(raw, worst, broken[worst]),
        allowed=f"{allowed}; {worst.column}: {worst.allowed}",
        remedy=worst.remedy,
    )


def _example(raw: pd.DataFrame, rule: Rule, mask: Mask) -> str:
    row = int(np.flatnonzero(mask)[0])
    if rule.column not in raw:
        return f"row {row} (from 0), {rule.column} not given"
    value = _as_text(raw[rule.column].iloc[[row]])[0]
    example = f"row {row} (from 0), {rule.column} = {value!r}"
    return example + (_formats(raw[rule.column]) if rule.reason == UNPARSED else "")


def _formats(column: pd.Series) -> str:
    """A remark on mixed ways of writing: what is left when digits and letters are all alike shows them."""
    shapes: dict[str, str] = {}
    for value in _as_text(column.head(10_000)):
        if value is not None:
            shapes.setdefault(re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", value)), value)
    examples = list(shapes.values())[:5]
    return f"; several formats seem mixed: {', '.join(map(repr, examples))}" if len(examples) > 1 else ""


# -- the three results -----------------------------------------------------------------------------


def _returns(kept: Parsed) -> Mask:
    negative = np.zeros(len(kept.ordered_at), bool)
    for name in ("amount", "quantity"):
        if name in kept.numbers:
            negative |= kept.numbers[name] < 0
    return negative if kept.is_return is None else np.where(kept.is_return < 0, negative, kept.is_return == 1)


def _frame(kept: Parsed, returns: Mask) -> pd.DataFrame:
    text = {name: column.series() for name, column in kept.text.items()}
    found = {**text, **kept.numbers, "ordered_at": kept.ordered_at, "is_return": returns}
    return pd.DataFrame({name: found[name] for name in NAMES if name in found})


def _quarantine(raw: pd.DataFrame, broken: dict[Rule, Mask], bad: Mask) -> pd.DataFrame:
    rows = np.flatnonzero(bad)
    text = {name: _as_text(raw[name].iloc[rows]) for name in raw.columns}
    reasons: list[list[str]] = [[] for _ in rows]
    for rule, mask in broken.items():
        for at in np.flatnonzero(mask[rows]):
            value = text[rule.column][at] if rule.column in text else None
            reasons[at].append(str(rule) if value is None else f"{rule} ({value})")
    columns = {"reason": ["; ".join(reason) for reason in reasons], **text}
    kind = pd.StringDtype("pyarrow", na_value=np.nan)
    return pd.DataFrame({"row": rows, **{name: pd.Series(cells, dtype=kind) for name, cells in columns.items()}})


def _as_text(cells: pd.Series) -> list[str | None]:
    return [None if is_scalar(cell) and pd.isna(cell) else str(cell) for cell in cells]


def _counts(broken: dict[Rule, Mask]) -> dict[str, int]:
    return {str(rule): int(mask.sum()) for rule, mask in broken.items()}


def _report(kept: Parsed, returns: Mask, broken: dict[Rule, Mask], bad: Mask) -> InputReport:
    return InputReport(
        rows_read=len(bad),
        rows_kept=len(kept.ordered_at),
        rows_set_aside=int(bad.sum()),
        customers=len(kept.text["customer_id"].words),
        first=pd.Timestamp(kept.ordered_at.min()),
        last=pd.Timestamp(kept.ordered_at.max()),
        reasons=_counts(broken),
        notes={note: count for note, count in _notes(kept, returns) if count},
    )


# -- notes: facts that are no errors ---------------------------------------------------------------


def _notes(kept: Parsed, returns: Mask) -> Iterator[tuple[str, int]]:
    absent = [name for name in OPTIONAL if name not in {*kept.text, *kept.numbers, "is_return"}]
    yield f"columns absent or empty ({', '.join(absent)})", len(absent)
    yield "lines exactly like another line", _repeats(kept, returns)
    yield "lines that are returns", int(returns.sum())
    yield "returns before the customer's first purchase", _early_returns(kept, returns)
    if "order_id" in kept.text:
        yield "order ids shared by several customers", _shared_orders(kept)
        yield "lines without an order id", int((kept.text["order_id"].codes < 0).sum())
    if "amount" in kept.numbers:
        amount = kept.numbers["amount"]
        yield "lines with amount 0", int((amount == 0).sum())
        yield "lines with a negative amount that are not marked as returns", int(((amount < 0) & ~returns).sum())
        yield "returns with a positive amount", int(((amount > 0) & returns).sum())
        yield "amounts computed as quantity times unit_price", 0 if kept.computed is None else int(kept.computed.sum())
    if "product_id" in kept.text:
        yield "products never seen with a price", _unpriced(kept)
    for name in ("customer_id", "product_id"):
        if name in kept.text:
            yield from _lookalikes(name, kept.text[name])


def _repeats(kept: Parsed, returns: Mask) -> int:
    """Lines beyond the first of their kind, found by a 64-bit hash of each whole line."""
    columns: list[npt.NDArray[np.generic]] = [column.codes for column in kept.text.values()]
    columns += [np.where(np.isnan(column), np.nan, column + 0.0).view(np.uint64) for column in kept.numbers.values()]
    columns += [kept.ordered_at.view(np.uint64), returns]
    lines = np.zeros(len(returns), np.uint64)
    for column in columns:
        lines = (lines ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        lines ^= lines >> np.uint64(29)
    return len(lines) - len(pd.unique(lines))


def _early_returns(kept: Parsed, returns: Mask) -> int:
    if not returns.any():
        return 0
    customers, times = kept.text["customer_id"].codes, kept.ordered_at.view(np.int64)
    first = np.full(len(kept.text["customer_id"].words), np.iinfo(np.int64).max)
    np.minimum.at(first, customers[~returns], times[~returns])
    return int((times[returns] < first[customers[returns]]).sum())


def _shared_orders(kept: Parsed) -> int:
    orders, customers = kept.text["order_id"], kept.text["customer_id"]
    known = orders.codes >= 0
    pairs = orders.codes[known].astype(np.int64) * len(customers.words) + customers.codes[known]
    owners = np.bincount(pd.unique(pairs) // len(customers.words), minlength=1)
    return int((owners > 1).sum())


def _unpriced(kept: Parsed) -> int:
    price = kept.numbers.get("unit_price", kept.numbers.get("amount"))
    products = kept.text["product_id"]
    if price is None:
        return 0
    priced = products.codes[(products.codes >= 0) & (np.abs(price) > 0)]
    return len(products.words) - len(pd.unique(priced))


def _lookalikes(name: str, column: Coded) -> Iterator[tuple[str, int]]:
    """Ids that become the same when a detail is ignored: one customer or product may be counted as two."""
    words = column.words
    for detail, plain in {
        "case": pc.utf8_lower(words),
        "leading zeros": pc.utf8_ltrim(words, "0"),
        "surrounding blanks": pc.utf8_trim_whitespace(words),
        "Unicode normalisation": pc.utf8_normalize(words, "NFC"),
    }.items():
        counts = pc.value_counts(plain).field("counts").to_numpy()
        yield f"values of {name} that differ from another only in {detail}", int(counts[counts > 1].sum())
