"""Two tables that must agree, and the error that names the first place where they do not."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.clock import to_date
from features.errors import LeakError

KEYS = ["customer_id", "cutoff"]


@dataclass(frozen=True)
class Law:
    """One law of point-in-time data.

    Attributes:
        name: what it is called.
        words: what it says.
        sides: what the two tables that are compared were made from.
        remedy: what usually helps where it is broken.
    """

    name: str
    words: str
    sides: tuple[str, str]
    remedy: str

    def broken(self, what: str, where: str, one: object, two: object) -> LeakError:
        """The error for `what` at one place, with the values of both sides."""
        return LeakError(
            f"{what} breaks the law '{self.name}': {self.words}",
            got=f"{where}: {one} {self.sides[0]}, {two} {self.sides[1]}",
            allowed="the same value on both sides",
            remedy=self.remedy,
        )


def agree(law: Law, one: pd.DataFrame, two: pd.DataFrame, tolerance: float = 0.0) -> None:
    """The same rows in the same order, and the same value in every cell, NaN with NaN.

    Args:
        law: the law under which they agree.
        one: columns `customer_id`, `cutoff` (day number), then values.
        two: the same, made from something else.
        tolerance: relative difference of two numbers that is let pass; 0 asks for the same bits.

    Raises:
        LeakError: they differ; the first place is named.
    """
    if list(one) != list(two):
        only = [[str(name) for name in left if name not in set(right)] for left, right in ((one, two), (two, one))]
        raise law.broken("the list of columns", "only there", only[0] or "nothing", only[1] or "nothing")
    _same_rows(law, one, two)
    for name in one.columns.difference(KEYS, sort=False):
        different = _differs(one[name], two[name], tolerance)
        if different.any():
            k = int(np.flatnonzero(different)[0])
            raise law.broken(f"'{name}'", _place(one, k), *(_shown(side[name].iloc[k]) for side in (one, two)))


def _same_rows(law: Law, one: pd.DataFrame, two: pd.DataFrame) -> None:
    left, right = (list(zip(table["customer_id"], table["cutoff"], strict=True)) for table in (one, two))
    if left == right:
        return
    for rows, others, table in ((left, set(right), one), (right, set(left), two)):
        lonely = [k for k, row in enumerate(rows) if row not in others]
        if lonely:
            there = ("a row", "no row") if table is one else ("no row", "a row")
            raise law.broken(
                f"the list of rows ({len(left)} rows, {len(right)} rows)", _place(table, lonely[0]), *there
            )
    raise law.broken("the order of the rows, or a row that is there twice,", "whole tables", len(left), len(right))


def _differs(one: pd.Series, two: pd.Series, tolerance: float) -> np.ndarray:
    missing = one.isna().to_numpy() & two.isna().to_numpy()
    if not all(pd.api.types.is_numeric_dtype(side) for side in (one, two)):
        return np.asarray(~missing & (one.to_numpy(dtype=object) != two.to_numpy(dtype=object)))
    left, right = (side.to_numpy(dtype=np.float64, na_value=np.nan) for side in (one, two))
    return np.asarray(~missing & ~np.isclose(left, right, rtol=tolerance, atol=tolerance))


def _place(table: pd.DataFrame, k: int) -> str:
    customer, cutoff = table["customer_id"].iloc[k], table["cutoff"].iloc[k]
    return f"customer {customer!r} at {to_date(cutoff)}"


def _shown(value: object) -> str:
    return repr(value.item() if isinstance(value, np.generic) else value)
