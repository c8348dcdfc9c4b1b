"""What the models say of the rows of a training table, as columns."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from training.table import Table


def btyd_columns(table: "Table", period_days: int, cutoffs: Iterable[int] | None = None) -> pd.DataFrame:
    """Probability to order, expected order-days and expected order value, fitted anew at each cut-off.

    Nothing of it knows what came after a row's cut-off. Who is in the table decides what is
    fitted, so the columns of a row do depend on the other customers.

    Args:
        table: the snapshots.
        period_days: horizon, in days.
        cutoffs: rows at these alone; the index says where in the table they stand. All, if nothing is said.

    Returns:
        For each of `bgnbd`, `mbgnbd`, `paretonbd`: `..._logit`, log odds of an order-day in the
        period, and `..._orders`, expected order-days in it. Where there is money also
        `gamma_gamma_value`, the expected spend of an order-day.
    """
    wanted = np.unique(table.snapshots.cutoff) if cutoffs is None else cutoffs
    return pd.concat([table.btyd.at(int(cutoff), period_days) for cutoff in wanted]).sort_index()
