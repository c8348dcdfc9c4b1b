"""A model at a cut-off: it scores the customers of a history, be it of the whole shop or of a part of it."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from features.clock import stamps, to_date
from features.contract import FeatureContract
from features.errors import DataError
from features.feature import Feature
from features.history import History
from features.past import Past, Snapshots
from features.sets.features import Beside, features_of
from features.stages.moves import STAGES, SubState
from features.table import feature_matrix
from serving.checks import check_scores
from serving.config import ServingConfig
from serving.pyfunc import forecast_frame
from serving.reasons import reasons
from serving.registered import Registered
from serving.value import Value

STAMPED = ("as_of", "model_name", "model_version", "spec_hash", "run_id", "scored_at")
"""Columns of the score table that are the same in all rows of a week."""


@dataclass(frozen=True)
class Scored:
    """Some customers at a cut-off.

    Attributes:
        rows: the score table without `STAMPED`, sorted by customer.
        features: what the model saw of them, a row each.
        lost: how many are lost, a part of those in regression.
    """

    rows: pd.DataFrame
    features: pd.DataFrame
    lost: int


@dataclass(frozen=True)
class Scorer:
    """A model at a cut-off."""

    registered: Registered
    config: ServingConfig
    beside: Beside
    day: int

    def features(self, has: frozenset[str]) -> list[Feature]:
        """The model's features, in its order, from orders with these optional columns.

        Raises:
            DataError: the orders lack a column that the model has learnt from.
            ModelError: the tables, the settings or the installed version do not offer them all.
        """
        contract, spec = self.registered.model.contract, self.registered.model.spec
        _require_columns(has, contract.columns)
        declared = self.beside.offer(contract.declared)
        contract.demand(contract.model_copy(update={"declared": declared}))
        found = {feature.name: feature for feature in features_of(declared, has)}
        dtypes = {name: found[name].dtype for name in contract.features if name in found}
        contract.demand(FeatureContract.of(dtypes, has, declared, spec))
        return [found[name] for name in dtypes]

    def of(self, history: History) -> Scored:
        """The customers of a history who are known at the cut-off.

        Raises:
            DataError: as `features`.
            ModelError: as `features`; or the scores cannot be right.
        """
        model, config = self.registered.model.at(self.day), self.config
        history = history.joined(self.beside.tables)
        asked = self.features(history.has)
        snapshots = Snapshots.of(history, [self.day])
        past = Past(history, snapshots, model.spec)
        state = past.stages
        features = pd.DataFrame(feature_matrix(past, asked, config.threads))
        forecast = model.forecast(features, config.threads)
        value = Value.of(forecast, features, config.value)
        rows = pd.DataFrame(
            {
                "customer_id": history.customers[snapshots.customer],
                "stage": np.asarray(STAGES, dtype=object)[state.stage],
                "stage_since": stamps(state.since),
                "next_stage": np.asarray(STAGES, dtype=object)[forecast.next_stage],
                **forecast_frame(forecast),
                "value_52w": value.year,
                "value_at_risk": value.at_risk,
                "reasons": reasons(model, features, config.reasons, config.threads),
            }
        )
        check_scores(rows, history.known(self.day))
        return Scored(rows, features, int((state.sub_state == SubState.LOST).sum()))


def _require_columns(has: frozenset[str], asked: tuple[str, ...]) -> None:
    missing = [name for name in asked if name not in has]
    if missing:
        raise DataError(
            f"the orders lack what the model has learnt from: {', '.join(missing)}",
            got=", ".join(sorted(has)) or "customers and times alone",
            allowed=", ".join(asked),
            remedy="name the column in [orders.columns] if it is called otherwise, give it if it is empty,"
            " or train anew on these orders",
        )


def stamps_of(registered: Registered, day: int, scored_at: datetime) -> dict[str, str | int | datetime]:
    """What is the same in all rows of a week: the columns `STAMPED` (`scored_at` in UTC)."""
    return {
        "as_of": to_date(day).isoformat(),
        "model_name": registered.name,
        "model_version": registered.version,
        "spec_hash": registered.model.spec.hash,
        "run_id": registered.run_id,
        "scored_at": scored_at,
    }
