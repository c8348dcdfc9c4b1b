"""Facts about the kept orders that are no errors, counted so that nobody is surprised later."""

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.orders.coded import Coded, joined
from features.orders.contract import LOOSE, OPTIONAL
from features.orders.log import OrderLog
from features.orders.words import Words

NO_ORDER_ID = "lines without an order id"
_BLOCK = 1 << 15


def notes(log: OrderLog, computed: int) -> dict[str, int]:
    """Each fact in words with its count, where there is one; `computed` amounts were filled in."""
    log = _distinct(log)
    found = [*absent(log.has), *customer_notes(log), *line_notes(log, computed), *shop_notes(log)]
    return {note: count for note, count in found if count}


def absent(has: Collection[str]) -> Iterator[tuple[str, int]]:
    """The optional columns that hold nothing."""
    names = [name for name in OPTIONAL if name not in {*has, "is_return"}]
    yield f"columns absent or empty ({', '.join(names)})", len(names)


def customer_notes(log: OrderLog) -> Iterator[tuple[str, int]]:
    """Facts within single customers: those of a whole are the sums over partitions of customers."""
    yield "lines exactly like another line", _repeats(log)
    yield "returns before the customer's first purchase", _early_returns(log)


def line_notes(log: OrderLog, computed: int) -> Iterator[tuple[str, int]]:
    """Facts of single lines: those of a whole are the sums over its batches."""
    yield "lines that are returns", int(log.is_return.sum())
    if "order_id" in log.has:
        yield NO_ORDER_ID, int((log.text["order_id"].codes < 0).sum())
    if "amount" in log.has:
        amount, returned = log.numbers["amount"], log.is_return
        yield "lines with amount 0", int((amount == 0).sum())
        yield "lines with a negative amount that are not marked as returns", int(((amount < 0) & ~returned).sum())
        yield "returns with a positive amount", int(((amount > 0) & returned).sum())
        yield "amounts computed as quantity times unit_price", computed


def shop_notes(log: OrderLog) -> Iterator[tuple[str, int]]:
    """Facts about words, which only the whole log tells."""
    if "order_id" in log.has:
        yield "order ids shared by several customers", _shared_orders(log)
    if "product_id" in log.has:
        yield "products never seen with a price", _unpriced(log)
    for name in ("customer_id", "product_id"):
        if name in log.text:
            yield from _lookalikes(name, log.text[name])


def _distinct(log: OrderLog) -> OrderLog:
    """The same log with each word of its loose columns once, so that lines anywhere can be compared."""
    return replace(log, text=log.text | {name: joined([log.text[name]]) for name in LOOSE if name in log.text})


def _repeats(log: OrderLog) -> int:
    """Lines beyond the first of their kind, found by a 64-bit hash of each whole line."""
    lines = np.zeros(len(log), np.uint64)
    for start in range(0, len(log), _BLOCK):
        _hash(log, slice(start, start + _BLOCK), lines[start : start + _BLOCK])
    lines.sort()
    return int(np.count_nonzero(lines[1:] == lines[:-1]))


def _hash(log: OrderLog, rows: slice, lines: npt.NDArray[np.uint64]) -> None:
    for column in log.text.values():
        _mix(lines, column.codes[rows].astype(np.uint64))
    for numbers in log.numbers.values():
        _mix(lines, np.where(np.isnan(numbers[rows]), np.nan, numbers[rows] + 0.0).view(np.uint64))
    _mix(lines, log.ordered_at[rows].view(np.uint64))
    _mix(lines, log.is_return[rows].astype(np.uint64))


def _mix(lines: npt.NDArray[np.uint64], column: npt.NDArray[np.uint64]) -> None:
    lines ^= column
    lines *= np.uint64(0x9E3779B97F4A7C15)
    lines ^= lines >> np.uint64(29)


def _early_returns(log: OrderLog) -> int:
    returned = log.is_return
    if not returned.any():
        return 0
    customers, times = log.text["customer_id"].codes, log.ordered_at.view(np.int64)
    first = np.full(len(log.text["customer_id"].words), np.iinfo(np.int64).max)
    np.minimum.at(first, customers[~returned], times[~returned])
    return int((times[returned] < first[customers[returned]]).sum())


def _shared_orders(log: OrderLog) -> int:
    """Orders with a line of another customer than the one whose line comes last."""
    orders, customers = log.text["order_id"], log.text["customer_id"].codes
    last = np.empty(len(orders.words) + 1, np.int32)
    last[orders.codes] = customers
    others = orders.codes[(last[orders.codes] != customers) & (orders.codes >= 0)]
    return len(np.unique(others))


def _unpriced(log: OrderLog) -> int:
    price = log.numbers.get("unit_price", log.numbers.get("amount"))
    products = log.text["product_id"]
    if price is None:
        return 0
    priced = np.zeros(len(products.words) + 1, bool)
    priced[products.codes[np.abs(price) > 0]] = True
    return len(products.words) - int(priced[:-1].sum())


def _lookalikes(name: str, column: Coded) -> Iterator[tuple[str, int]]:
    """Ids that become the same when a detail is ignored: one customer or product may be counted as two."""
    words = column.words
    for detail, plain in {
        "case": pc.utf8_lower(words),
        "leading zeros": pc.utf8_ltrim(words, "0"),
        "surrounding blanks": pc.utf8_trim_whitespace(words),
        "Unicode normalisation": pc.utf8_normalize(words, "NFC"),
    }.items():
        yield f"values of {name} that differ from another only in {detail}", _alike(plain)


def _alike(words: pa.LargeStringArray) -> int:
    counts = np.bincount(Words().codes(words))
    return int(counts[counts > 1].sum())
