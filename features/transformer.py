"""The features as a scikit-learn transformer, so that they fit into a `Pipeline`."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from features.clock import Clock, parse_period, to_date
from features.config import ClockConfig, FeatureConfig, OrdersConfig, StageConfig
from features.errors import UsageError
from features.feature import Feature
from features.fixed import Ints
from features.history import History
from features.orders import CleanOrders, Source, load_orders
from features.past import Past, Snapshots
from features.sets.declared import FeatureSet
from features.sets.features import features_of
from features.stages.fit import fit_spec
from features.table import feature_matrix, select
from features.tables.load import load_tables

KEYS = ("customer_id", "cutoff")


class LifecycleFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Features of customers at cut-offs: one row for each row of `X`, in its order.

    `X` has the columns `customer_id` and `cutoff` (a midnight; all on one
    weekday). Whoever is not known at a cut-off has NaN in all columns. `fit`
    fits the stage spec on the orders before the earliest cut-off of `X`, so
    split by time, and the earliest fold first.

    Args:
        orders: what the features are made from; read once, and shared by clones.
        features: a feature set, or features one by one; all default ones if None.
        patterns: features to keep, as in `net_spend_*`.
        tables: the tables that the set declares, by name.
        period: length of a period, whole weeks.
    """

    def __init__(
        self,
        orders: Source | CleanOrders,
        features: FeatureSet | Sequence[Feature] | None = None,
        patterns: Sequence[str] | None = None,
        tables: Mapping[str, Source] | None = None,
        period: str = "28d",
    ) -> None:
        self.orders, self.features, self.patterns = orders, features, patterns
        self.tables, self.period = tables, period

    def fit(self, X: pd.DataFrame, y: object = None) -> Self:  # noqa: N803  scikit-learn's name
        """Fit the stage spec on the orders before the earliest cut-off.

        Raises:
            UsageError: `X` lacks a column, or its cut-offs are no midnights of one weekday.
            DataError: the orders or tables cannot be used.
        """
        days = _days(X)
        if not len(days):
            raise UsageError("there is nothing to fit on", got="no rows", remedy="give customers at cut-offs")
        self.first_cutoff_ = int(days.min())
        self.clock_ = Clock(("thu", "fri", "sat", "sun", "mon", "tue", "wed")[self.first_cutoff_ % 7])
        self._require_ticks(days)
        history = self._history()
        constants, length = StageConfig(), parse_period(self.period)
        self.spec_ = fit_spec(history, self.first_cutoff_, length, constants, self.clock_)
        self.features_ = select(self._chosen(history.has), list(self.patterns) if self.patterns else None)
        self.n_features_in_, self.feature_names_in_ = X.shape[1], np.asarray(X.columns, dtype=object)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:  # noqa: N803  scikit-learn's name
        """The features of each row of `X`.

        Raises:
            UsageError: a cut-off lies before those it was fitted on: the stage
                spec has seen orders that come after it.
        """
        check_is_fitted(self, "spec_")
        days = _days(X)
        self._require_ticks(days)
        if len(days) and days.min() < self.first_cutoff_:
            raise UsageError(
                "a cut-off lies before those the stage spec was fitted on",
                got=to_date(int(days.min())),
                allowed=f"{to_date(self.first_cutoff_)} or later",
                remedy="split by time: fit on earlier cut-offs than you transform",
            )
        history = self._history()
        rows, snapshots = _snapshots(history, X["customer_id"], days)
        values = feature_matrix(Past(history, snapshots, self.spec_), self.features_)
        spread = {name: np.append(column, np.nan).astype(column.dtype)[rows] for name, column in values.items()}
        return pd.DataFrame(spread, index=X.index, columns=self.get_feature_names_out())

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """Names of the features, in the order of the columns."""
        check_is_fitted(self, "spec_")
        return np.asarray([feature.name for feature in self.features_], dtype=object)

    def __sklearn_clone__(self) -> Self:
        """A clone shares the orders and what was made of them: ten folds need one history."""
        clone = type(self)(**self.get_params(deep=False))
        clone._made = self._made
        return clone

    _made: tuple[tuple[Any, ...], History] | None = None
    """What the history was made from, and the history."""

    def _history(self) -> History:
        made_from = (self.orders, self.features, self.tables)
        if self._made is None or any(old is not new for old, new in zip(self._made[0], made_from, strict=True)):
            self._made = (made_from, self._read())
        return self._made[1]

    def _read(self) -> History:
        clock = ClockConfig()
        clean = self.orders if isinstance(self.orders, CleanOrders) else load_orders(self.orders, OrdersConfig(), clock)
        declared = self.features if isinstance(self.features, FeatureSet) else FeatureSet()
        tables = load_tables(FeatureConfig.model_validate(declared).tables, clock, self.tables)
        return History.of(clean.log).joined({name: one.table for name, one in tables.items()})

    def _chosen(self, has: frozenset[str]) -> list[Feature]:
        if self.features is None or isinstance(self.features, FeatureSet):
            return features_of(self.features or FeatureSet(), has)
        return [feature for feature in self.features if feature.needs <= has]

    def _require_ticks(self, days: Ints) -> None:
        for day in np.unique(days):
            self.clock_.tick(to_date(int(day)))


def _days(X: pd.DataFrame) -> Ints:  # noqa: N803  scikit-learn's name
    """Day number of each row's cut-off."""
    columns = list(getattr(X, "columns", ()))
    if missing := [name for name in KEYS if name not in columns]:
        raise UsageError(
            f"X has no column {', '.join(missing)}",
            got=", ".join(map(str, columns)) or type(X).__name__,
            allowed="a DataFrame with customer_id and cutoff",
        )
    times = pd.to_datetime(X["cutoff"])
    wrong = times.isna() | (times != times.dt.normalize())
    if wrong.any():
        raise UsageError("a cut-off is a midnight", got=X["cutoff"][wrong].iloc[0], allowed="YYYY-MM-DD")
    return times.to_numpy().astype("datetime64[D]").astype(np.int64)


def _snapshots(history: History, customers: pd.Series, days: Ints) -> tuple[Ints, Snapshots]:
    """The snapshots of those known, each once, and the row of each of `X` among them; -1 where nothing is known."""
    code = pd.Index(history.customers).get_indexer(pd.Index(customers.astype(object)))
    known = code >= 0
    known[known] = history.first_order_day[code[known]] < days[known]
    pairs, place = np.unique(np.stack([code[known], days[known]]), axis=1, return_inverse=True)
    rows = np.full(len(days), -1, dtype=np.int64)
    rows[known] = place.ravel()
    return rows, Snapshots(pairs[0].astype(np.int64), pairs[1].astype(np.int64))
