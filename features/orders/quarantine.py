"""Rows set aside, as text, each with its reasons."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.orders.coded import Mask
from features.orders.raw import RawBatch
from features.orders.rules import Rule


def set_aside(batch: RawBatch, broken: Mapping[Rule, Mask], bad: Mask) -> pd.DataFrame:
    """The bad rows as text, after `row` (position in the input, from 0) and `reason`."""
    rows = np.flatnonzero(bad)
    text = {name: batch.cells(name, rows) for name in batch.names}
    reasons: list[list[str]] = [[] for _ in rows]
    for rule, mask in broken.items():
        for at in np.flatnonzero(mask[rows]):
            value = text[rule.column][at] if rule.column in text else None
            reasons[at].append(str(rule) if value is None else f"{rule} ({value})")
    columns = {"reason": ["; ".join(reason) for reason in reasons], **text}
    kind = pd.StringDtype("pyarrow", na_value=np.nan)
    cells = {name: pd.Series(column, dtype=kind) for name, column in columns.items()}
    return pd.DataFrame({"row": batch.places[rows], **cells})
