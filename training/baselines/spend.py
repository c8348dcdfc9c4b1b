"""Net spend in the period without a model of its own."""

import numpy as np

from features.fixed import Floats
from features.windows import weeks
from training.table import USUAL_WEEKS, Table


def usual_spend(later: Table, period_days: int) -> Floats:
    """Everyone goes on spending as in the last weeks; shape (n,)."""
    return np.asarray(later.facts["usual_spend"] * period_days / weeks(USUAL_WEEKS))


def orders_times_value(later: Table, period_days: int, model: str) -> Floats:
    """Expected order-days of a model (`bgnbd`, ...) times the Gamma-Gamma value of one; shape (n,)."""
    columns = later.btyd.columns(period_days)
    return np.asarray(columns[f"{model}_orders"] * columns["gamma_gamma_value"])
