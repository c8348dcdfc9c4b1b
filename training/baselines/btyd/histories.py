"""What these models know of a customer: how many orders, when the last, and for how long it has been watched."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from features.errors import DataError
from features.fixed import Floats
from training.baselines.btyd.thin import thin


@dataclass(frozen=True, slots=True)
class Histories:
    """Checked order histories, one row a customer; arrays (n,), times in weeks.

    Attributes:
        frequency: repeat order-days, those after the first.
        recency: from the first order-day to the last; 0 without a repeat.
        age: from the first order-day to the cut-off.
        weight: how many customers a row stands for.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    weight: Floats

    @classmethod
    def of(
        cls, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, weight: ArrayLike | None = None
    ) -> "Histories":
        """Read three arrays (n,), and how often each row counts: once, if nothing is said.

        Raises:
            DataError: a row that no history can have, or weights that are none.
        """
        x, t_x, t = (np.atleast_1d(np.asarray(column, dtype=np.float64)) for column in (frequency, recency, age))
        if not (x.ndim == 1 and x.shape == t_x.shape == t.shape):
            shapes = f"{x.shape}, {t_x.shape}, {t.shape}"
            raise DataError("frequency, recency and age differ in shape", got=shapes, allowed="three arrays (n,)")
        possible = np.isfinite(t) & (t_x <= t) & np.where(x == 0, t_x == 0, (x >= 1) & np.isfinite(x) & (t_x > 0))
        if not possible.all():
            row = int(np.argmin(possible))
            raise DataError(
                "an impossible order history",
                got=f"row {row}: frequency {x[row]}, recency {t_x[row]}, age {t[row]}",
                allowed="frequency 0 with recency 0, or frequency >= 1 with 0 < recency <= age; all finite",
            )
        return cls(x, t_x, t, _weights(weight, len(x)))

    def __len__(self) -> int:
        return len(self.frequency)

    def distinct(self) -> "Histories":
        """Equal histories as one row.

        Raises:
            DataError: there is nothing.
        """
        return self.thinned(len(self))

    def thinned(self, rows: int) -> "Histories":
        """Equal histories as one row, and of more than `rows` of these a systematic sample; see `thin`.

        Raises:
            DataError: there is nothing.
        """
        (x, t_x, t), weight = thin([self.frequency, self.recency, self.age], self.weight, rows)
        return Histories(x, t_x, t, weight)


def _weights(weight: ArrayLike | None, rows: int) -> Floats:
    w = np.ones(rows) if weight is None else np.asarray(weight, dtype=np.float64)
    if w.shape != (rows,) or not (np.isfinite(w) & (w >= 0)).all():
        got = f"shape {w.shape}, smallest {w.min(initial=np.inf)}"
        raise DataError("bad weights of order histories", got=got, allowed=f"({rows},) finite weights >= 0")
    return w
