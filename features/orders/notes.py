"""Facts about the kept orders that are no errors, counted so that nobody is surprised later."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from features.orders.coded import Coded, Mask
from features.orders.contract import OPTIONAL
from features.orders.parse import Parsed


def notes(kept: Parsed, returns: Mask) -> Iterator[tuple[str, int]]:
    """Each fact in words with its count, zero included; `returns` marks the lines that are returns."""
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
