"""When too many rows are bad, the input is refused, with counts and an example."""

import re

import numpy as np

from features.config import SourceConfig
from features.errors import DataError
from features.orders.coded import Mask
from features.orders.raw import Cells, RawBatch
from features.orders.rules import Rule


def refuse_if_too_bad(rows: int, bad: int, broken: dict[Rule, tuple[int, str]], orders: SourceConfig) -> None:
    """Let the input pass if `orders` allows as many rows as are `bad`, and at least one is good.

    Args:
        rows: rows of the input.
        bad: those that break a rule.
        broken: for each broken rule the number of rows that break it, and an example.
        orders: what is allowed.

    Raises:
        DataError: too many rows are bad; with counts by reason and the example of the worst.
    """
    allowed = _allowed(rows, bad, orders)
    if allowed is None:
        return
    worst = max(broken, key=lambda rule: broken[rule][0])
    most_first = sorted(broken.items(), key=lambda item: -item[1][0])
    reasons = ", ".join(f"{rule} ({count:,})" for rule, (count, _) in most_first[:5])
    raise DataError(
        f"{bad:,} of {rows:,} rows are bad ({bad / rows:.2%}): {reasons}",
        got=broken[worst][1],
        allowed=f"{allowed}; {worst.column}: {worst.allowed}",
        remedy=worst.remedy,
    )


def is_too_bad(rows: int, bad: int, orders: SourceConfig) -> bool:
    """Whether an input of so many rows, and so many bad ones, is refused."""
    return _allowed(rows, bad, orders) is not None


def _allowed(rows: int, bad: int, orders: SourceConfig) -> str | None:
    """What is allowed and exceeded; None where the input may pass."""
    if orders.bad_rows == "reject" and bad:
        return f'no bad row ({orders.section}.bad_rows = "reject")'
    if bad > orders.max_bad_share * rows:
        return f"{orders.max_bad_share:.2%} bad rows ({orders.section}.max_bad_share)"
    return "at least one good row" if bad == rows else None


def example(batch: RawBatch, rule: Rule, mask: Mask) -> str:
    """The first row of the batch that breaks a rule, with its value."""
    row = np.flatnonzero(mask)[:1]
    place = f"row {batch.places[row[0]]} (from 0), {rule.column}"
    if rule.column not in batch.names:
        return f"{place} not given"
    return f"{place} = {batch.cells(rule.column, row)[0]!r}"


def formats(cells: Cells) -> str:
    """A remark on mixed ways of writing: what is left when digits and letters are all alike shows them."""
    shapes: dict[str, str] = {}
    for value in cells:
        if value is not None:
            shapes.setdefault(re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", value)), value)
    examples = list(shapes.values())[:5]
    return f"; several formats seem mixed: {', '.join(map(repr, examples))}" if len(examples) > 1 else ""
