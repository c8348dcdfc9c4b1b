"""Tables in Markdown, as MLflow's UI draws them."""

from collections.abc import Iterable

import pandas as pd

_GAP = "\u00a0\u00a0"
"""Spaces that cannot be dropped: MLflow's pages draw the columns without any room between them."""


def table(frame: pd.DataFrame) -> str:
    """A table; unknown values are left empty."""
    head = [_line(map(str, frame.columns)), "| --- " * len(frame.columns) + "|"]
    rows = [_line("" if pd.isna(value) else str(value) for value in row) for row in frame.itertuples(index=False)]
    return "\n".join(head + rows)


def _line(cells: Iterable[str]) -> str:
    return "".join(f"| {cell}{_GAP} " for cell in cells) + "|"
