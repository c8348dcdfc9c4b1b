"""Score every known customer at one cut-off."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from features.clock import Clock, stamps, to_date
from features.contract import FeatureContract
from features.errors import DataError, ModelError
from features.feature import Feature
from features.history import History
from features.model.forecast import Model
from features.orders import OrderLog
from features.past import Past, Snapshots
from features.sets.features import Beside, features_of
from features.stages.moves import STAGES
from features.table import feature_matrix
from serving.config import ServingConfig
from serving.pyfunc import forecast_frame
from serving.reasons import reasons
from serving.registry import Registered
from serving.value import Value

Orders = OrderLog | pd.DataFrame
"""Clean orders in either form."""

P_STAGES = [f"p_{name}" for name in STAGES]


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
        DataError: no customer is known at `as_of`.
        ModelError: the orders, the tables or the code do not offer what the model asks for.
    """
    model, beside = registered.model, beside or Beside()
    day = Clock(model.spec.week_starts).tick(as_of)
    log = OrderLog.of(orders) if isinstance(orders, pd.DataFrame) else orders
    history = _history_before(log, day, model.contract.columns).joined(beside.tables)
    snapshots = Snapshots.of(history, [day])
    past = Past(history, snapshots, model.spec)
    state = past.stages
    features = pd.DataFrame(feature_matrix(past, _offered(model, history, beside), config.threads))
    forecast = model.forecast(features, config.threads)
    said, value = forecast_frame(forecast), Value.of(forecast, features, config.value)
    scores = pd.DataFrame(
        {
            "customer_id": history.customers[snapshots.customer],
            "as_of": to_date(day).isoformat(),
            "stage": np.asarray(STAGES, dtype=object)[state.stage],
            "stage_since": stamps(state.since),
            "next_stage": np.asarray(STAGES, dtype=object)[forecast.next_stage],
            **said,
            "value_52w": value.year,
            "value_at_risk": value.at_risk,
            "reasons": reasons(model, features, config.reasons, config.threads),
            "model_name": registered.name,
            "model_version": registered.version,
            "spec_hash": model.spec.hash,
            "run_id": registered.run_id,
            "scored_at": datetime.now(UTC).replace(tzinfo=None),
        }
    )
    check_scores(scores, history.known(day))
    return scores


def try_out(model: Model) -> None:
    """Score a typical customer and one of whom nothing is known, as a scorer would, and explain both.

    Raises:
        ModelError: the model cannot score or be explained, or its probabilities are none.
    """
    typical = pd.DataFrame({name: [model.typical.get(name, np.nan), np.nan] for name in model.contract.features})
    standing = typical.assign(stage_code=[1.0, 0.0], highest_stage=[1.0, 0.0])
    _require_probabilities(forecast_frame(model.forecast(standing)))
    reasons(model, standing, most=1, threads=1)


def check_scores(scores: pd.DataFrame, known: np.ndarray) -> None:
    """Refuse a score table that cannot be right.

    Raises:
        ModelError: a row is missing or doubled, or a probability is none.
    """
    if len(scores) != len(known) or scores["customer_id"].duplicated().any():
        raise _refused("a row is missing or doubled")
    _require_probabilities(scores)


def _require_probabilities(scores: pd.DataFrame) -> None:
    p = scores[[*P_STAGES, "p_order"]].to_numpy()
    if not ((p >= 0) & (p <= 1)).all():
        raise _refused("a probability is not in [0, 1]")
    if (np.abs(p[:, :4].sum(axis=1) - 1) > 1e-9).any():
        raise _refused("stage probabilities do not sum to 1")


def _refused(fault: str) -> ModelError:
    return ModelError(f"the scores are refused: {fault}", remedy="nothing was written; roll back to an earlier model")


def _history_before(orders: OrderLog, day: int, columns: tuple[str, ...]) -> History:
    """History of the columns the model was trained on: another one could change what an order is."""
    known = orders.only(columns).before(day)
    if not len(known) or not len((history := History.of(known)).known(day)):
        raise DataError(
            "no customer is known at the cut-off",
            got=f"{len(known)} order lines before {to_date(day)}",
            allowed="at least one purchase before the cut-off",
            remedy=f"orders begin on {pd.Timestamp(orders.ordered_at.min()):%Y-%m-%d}: give a later --as-of",
        )
    return history


def _offered(model: Model, history: History, beside: Beside) -> list[Feature]:
    """The model's features, in its order.

    Raises:
        ModelError: the orders or the installed version do not offer them all.
    """
    contract = model.contract
    declared = beside.offer(contract.declared)
    contract.demand(contract.model_copy(update={"declared": declared}))
    found = {feature.name: feature for feature in features_of(declared, history.has)}
    dtypes = {name: found[name].dtype for name in contract.features if name in found}
    contract.demand(FeatureContract.of(dtypes, history.has, declared, model.spec))
    return [found[name] for name in dtypes]
