"""When too many rows are bad, the input is refused, with counts and an example."""

import re

import numpy as np
import pandas as pd

from features.config import SourceConfig
from features.errors import DataError
from features.orders.coded import Mask
from features.orders.quarantine import as_text
from features.orders.report import counts
from features.orders.rules import Rule
from features.orders.times import UNPARSED


def refuse_if_too_bad(raw: pd.DataFrame, broken: dict[Rule, Mask], bad: Mask, orders: SourceConfig) -> None:
    """Let the input pass if `orders` allows as many rows as are `bad`, and at least one is good.

    Raises `DataError` otherwise, with counts by reason and the first example of the worst.
    """
    count, rows = int(bad.sum()), len(bad)
    if orders.bad_rows == "reject":
        allowed = 'no bad row (orders.bad_rows = "reject")'
    elif count > orders.max_bad_share * rows:
        allowed = f"{orders.max_bad_share:.2%} bad rows (orders.max_bad_share)"
    elif count == rows:
        allowed = "at least one good row"
    else:
        return
    found = counts(broken)
    worst = max(broken, key=lambda rule: found[str(rule)])
    reasons = ", ".join(f"{reason} ({found[reason]:,})" for reason in sorted(found, key=lambda r: -found[r])[:5])
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
    value = as_text(raw[rule.column].iloc[[row]])[0]
    example = f"row {row} (from 0), {rule.column} = {value!r}"
    return example + (_formats(raw[rule.column]) if rule.reason == UNPARSED else "")


def _formats(column: pd.Series) -> str:
    """A remark on mixed ways of writing: what is left when digits and letters are all alike shows them."""
    shapes: dict[str, str] = {}
    for value in as_text(column.head(10_000)):
        if value is not None:
            shapes.setdefault(re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", value)), value)
    examples = list(shapes.values())[:5]
    return f"; several formats seem mixed: {', '.join(map(repr, examples))}" if len(examples) > 1 else ""
