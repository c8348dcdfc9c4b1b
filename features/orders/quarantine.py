"""Rows set aside, as text, each with its reasons."""

import numpy as np
import pandas as pd
from pandas.api.types import is_scalar

from features.orders.coded import Mask
from features.orders.rules import Rule


def set_aside(raw: pd.DataFrame, broken: dict[Rule, Mask], bad: Mask) -> pd.DataFrame:
    """The bad rows as text, after `row` (position in the input, from 0) and `reason`."""
    rows = np.flatnonzero(bad)
    text = {name: as_text(raw[name].iloc[rows]) for name in raw.columns}
    reasons: list[list[str]] = [[] for _ in rows]
    for rule, mask in broken.items():
        for at in np.flatnonzero(mask[rows]):
            value = text[rule.column][at] if rule.column in text else None
            reasons[at].append(str(rule) if value is None else f"{rule} ({value})")
    columns = {"reason": ["; ".join(reason) for reason in reasons], **text}
    kind = pd.StringDtype("pyarrow", na_value=np.nan)
    return pd.DataFrame({"row": rows, **{name: pd.Series(cells, dtype=kind) for name, cells in columns.items()}})


def as_text(cells: pd.Series) -> list[str | None]:
    """Raw cells as text, None where missing."""
    return [None if is_scalar(cell) and pd.isna(cell) else str(cell) for cell in cells]
