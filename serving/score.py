"""Score every known customer at one cut-off."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from features.clock import Clock, to_date
from features.config import FeatureConfig
from features.contract import FeatureContract
from features.errors import DataError, ModelError
from features.families import all_features
from features.history import History
from features.snapshots import Past, Snapshots
from features.stages.moves import STAGES
from features.table import day_stamps, feature_matrix
from serving.config import ServingConfig
from serving.pyfunc import forecast_frame
from serving.reasons import reasons
from serving.registry import Registered

P_STAGES = [f"p_{name}" for name in STAGES]


def score(orders: pd.DataFrame, as_of: str, registered: Registered, config: ServingConfig) -> pd.DataFrame:
    """The score table: one row for each customer known at `as_of`.

    Args:
        orders: clean orders; those at or after `as_of` are not looked at.
        as_of: a tick of the model's clock, YYYY-MM-DD.
        registered: the model, checked.
        config: number of reasons, threads.

    Returns:
        Columns of `serving.contract.SCHEMA`, sorted by customer.

    Raises:
        UsageError: `as_of` is no tick.
        DataError: no customer is known at `as_of`.
        ModelError: the orders do not offer what the model asks for.
    """
    model = registered.model
    day = Clock(model.spec.week_starts).tick(as_of)
    history = _history_before(orders, day)
    snapshots = Snapshots.of(history, [day])
    past = Past(history, snapshots, model.spec)
    _demand(registered, history)
    windows = model.contract.windows
    features = pd.DataFrame(feature_matrix(past, all_features(windows, history.has)))
    forecast = forecast_frame(model, features, config.threads)
    at_risk = forecast["p_regression"] * past.total("net", 364) if "amount" in history.has else np.nan
    scores = pd.DataFrame(
        {
            "customer_id": history.customers[snapshots.customer],
            "as_of": to_date(day).isoformat(),
            "stage": np.asarray(STAGES, dtype=object)[past.stages.stage],
            "stage_since": day_stamps(past.stages.since),
            "next_stage": np.asarray(STAGES, dtype=object)[forecast[P_STAGES].to_numpy().argmax(axis=1)],
            **forecast,
            "value_at_risk": at_risk,
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


def check_scores(scores: pd.DataFrame, known: np.ndarray) -> None:
    """Refuse a score table that cannot be right.

    Raises:
        ModelError: a row is missing or doubled, or a probability is none.
    """
    p = scores[[*P_STAGES, "p_order"]].to_numpy()
    faults = {
        "a row is missing or doubled": len(scores) != len(known) or scores["customer_id"].duplicated().any(),
        "a probability is not in [0, 1]": not ((p >= 0) & (p <= 1)).all(),
        "stage probabilities do not sum to 1": bool((np.abs(p[:, :4].sum(axis=1) - 1) > 1e-9).any()),
    }
    for fault, found in faults.items():
        if found:
            raise ModelError(f"the scores are refused: {fault}", remedy="nothing was written; roll back the model")


def _history_before(orders: pd.DataFrame, day: int) -> History:
    known = orders[orders["ordered_at"] < pd.Timestamp(to_date(day))]
    if known.empty or not len((history := History.of(known)).known(day)):
        raise DataError(
            "no customer is known at the cut-off",
            got=f"{len(known)} order lines before {to_date(day)}",
            allowed="at least one purchase before the cut-off",
            remedy=f"orders begin on {orders['ordered_at'].min():%Y-%m-%d}: give a later --as-of",
        )
    return history


def _demand(registered: Registered, history: History) -> None:
    contract = registered.model.contract
    config = FeatureConfig(windows=contract.windows)
    names = [feature.name for feature in all_features(config.windows, history.has)]
    spec = registered.model.spec
    contract.demand(FeatureContract.of(names, config, spec.hold_days, spec.hash))
