"""Score every known customer at one cut-off."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from features.clock import Clock, to_date
from features.errors import DataError
from features.history import History
from features.model.forecast import Model
from features.orders import OrderLog
from features.sets.features import Beside
from serving.checks import require_probabilities
from serving.config import ServingConfig
from serving.contract import COLUMNS
from serving.pyfunc import forecast_frame
from serving.reasons import reasons
from serving.registered import Registered
from serving.scorer import Scorer, stamps_of

Orders = OrderLog | pd.DataFrame
"""Clean orders in either form."""


def score(
    orders: OrderLog | pd.DataFrame,
    as_of: str,
    registered: Registered,
    config: ServingConfig,
    beside: Beside | None = None,
) -> pd.DataFrame:
    """The score table: one row for each customer known at `as_of`.

    Args:
        orders: clean orders; those at or after `as_of` are not looked at.
        as_of: a tick of the model's clock, YYYY-MM-DD.
        registered: the model, checked.
        config: number of reasons, threads.
        beside: the tables and the code that the model's features need, if they do.

    Returns:
        Columns of `serving.contract.SCHEMA`, sorted by customer.

    Raises:
        UsageError: `as_of` is no tick.
        DataError: no customer is known at `as_of`, or the orders lack a column that the model has learnt from.
        ModelError: the tables or the code do not offer what the model asks for.
    """
    day = Clock(registered.model.spec.week_starts).tick(as_of)
    log = OrderLog.of(orders) if isinstance(orders, pd.DataFrame) else orders
    history = _history_before(log, day, registered.model.contract.columns)
    rows = Scorer(registered, config, beside or Beside(), day).of(history).rows
    stamp = stamps_of(registered, day, datetime.now(UTC).replace(tzinfo=None))
    return rows.assign(**stamp)[list(COLUMNS)]


def try_out(model: Model) -> None:
    """Score a typical customer and one of whom nothing is known, as a scorer would, and explain both.

    Raises:
        ModelError: the model cannot score or be explained, or its probabilities are none.
    """
    typical = pd.DataFrame({name: [model.typical.get(name, np.nan), np.nan] for name in model.contract.features})
    standing = typical.assign(stage_code=[1.0, 0.0], highest_stage=[1.0, 0.0], stage_if_silent=[1.0, 0.0])
    require_probabilities(forecast_frame(model.forecast(standing)))
    reasons(model, standing, most=1, threads=1)


def _history_before(orders: OrderLog, day: int, columns: tuple[str, ...]) -> History:
    """History of the columns the model was trained on: another one could change what an order is."""
    known = orders.only(columns).before(day)
    if not len(known) or not len((history := History.of(known)).known(day)):
        raise nobody_known(day, len(known), pd.Timestamp(orders.ordered_at.min()))
    return history


def nobody_known(day: int, lines: int, begin: pd.Timestamp | None = None) -> DataError:
    """The error where so many order lines before a cut-off make nobody known; `begin` is when orders begin."""
    begins = f"orders begin on {begin:%Y-%m-%d}: give" if begin is not None else "give"
    return DataError(
        "no customer is known at the cut-off",
        got=f"{lines} order lines before {to_date(day)}",
        allowed="at least one purchase before the cut-off",
        remedy=f"{begins} a later --as-of",
    )
