"""What can be put on trial: features, functions of a `Past`, pipelines over frames, SQL."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.clock import to_date
from features.config import ClockConfig, FeatureConfig
from features.errors import UsageError
from features.feature import Feature
from features.fixed import Floats
from features.history import History
from features.laws.frames import Frames, midnight
from features.laws.sql import run_sql
from features.past import Past, Snapshots
from features.sets.declared import FeatureSet
from features.sets.features import EVERY_COLUMN, features_of
from features.stages.spec import StageSpec
from features.table import feature_matrix
from features.tables.config import EventsConfig, ProfileConfig
from features.tables.load import load_tables

Pipeline = Callable[..., pd.DataFrame]
"""From orders, a cut-off (a midnight) and, where there are any, tables by name, to one row a customer."""

Subject = Feature | Sequence[Feature] | FeatureSet | Callable[..., Floats] | Pipeline | str


def listed(subject: object) -> list[Feature] | None:
    """The features that are on trial, or None where it is a pipeline or SQL."""
    if isinstance(subject, FeatureSet):
        return features_of(subject, EVERY_COLUMN)
    if isinstance(subject, Feature):
        return [subject]
    if isinstance(subject, list | tuple) and all(isinstance(one, Feature) for one in subject):
        return list(subject)
    if callable(subject) and _asked(subject) == 1:
        name = getattr(subject, "__name__", "feature")
        return [Feature(name if name.isidentifier() else "feature", "on trial", "", subject)]
    return None


@dataclass(frozen=True)
class FeatureTable:
    """Features at cut-offs under a frozen stage spec; one whose columns the orders lack is NaN.

    Attributes:
        features: what is on trial.
        spec: the frozen stage spec.
        declared: the set that says what is made from tables.
        built: whether as a feature table is built, in parts and typed, or at every snapshot at once.
    """

    features: list[Feature]
    spec: StageSpec
    declared: FeatureSet
    built: bool = False

    def __call__(self, frames: Frames, cutoffs: Sequence[int]) -> pd.DataFrame:
        """The features of every customer known at each cut-off."""
        given = {name: frame for name, frame in frames.items() if name != "orders"}
        tables = load_tables(_configs(self.declared, given), ClockConfig(), given)
        history = History.of(frames["orders"]).joined({name: one.table for name, one in tables.items()})
        snapshots = Snapshots.of(history, list(cutoffs))
        past = Past(history, snapshots, self.spec)
        offered = [feature for feature in self.features if feature.needs <= history.has]
        made = feature_matrix(past, offered) if self.built else {one.name: _values(one, past) for one in offered}
        values = {feature.name: made.get(feature.name, np.nan) for feature in self.features}
        keys = {"customer_id": history.customers[snapshots.customer], "cutoff": snapshots.cutoff}
        return pd.DataFrame(keys | values)


@dataclass(frozen=True)
class PipelineTable:
    """What a pipeline or a query makes, called at each cut-off by itself; sorted by customer."""

    run: Pipeline | str

    def __call__(self, frames: Frames, cutoffs: Sequence[int]) -> pd.DataFrame:
        """What it makes at each cut-off, below each other."""
        return pd.concat([self._at(frames, cutoff) for cutoff in sorted(cutoffs)], ignore_index=True)

    def _at(self, frames: Frames, cutoff: int) -> pd.DataFrame:
        if isinstance(self.run, str):
            made = run_sql(self.run, frames, midnight(cutoff))
        else:
            tables = {name: frame for name, frame in frames.items() if name != "orders"}
            made = self.run(frames["orders"], midnight(cutoff), *([tables] if tables else []))
        table = _by_customer(made)
        _require_once(table, cutoff)
        table.insert(1, "cutoff", cutoff)
        return table.sort_values("customer_id", ignore_index=True)


def _configs(declared: FeatureSet, given: Frames) -> dict[str, EventsConfig | ProfileConfig]:
    """How the tables are read: a made-up future may hold anything, so no row of it is too bad or too late."""
    configs = FeatureConfig.model_validate(FeatureSet.of(declared)).tables
    return {name: one.model_copy(update={"max_bad_share": 1.0}) for name, one in configs.items() if name in given}


def _asked(subject: Callable[..., object]) -> int:
    """How many arguments a function asks for."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = inspect.signature(subject).parameters.values()
    return sum(one.kind in kinds and one.default is inspect.Parameter.empty for one in found)


def _values(feature: Feature, past: Past) -> Floats:
    values = np.asarray(feature.compute(past), dtype=np.float64)
    if values.shape != past.cutoff.shape:
        raise UsageError(
            f"the feature '{feature.name}' does not give one number a snapshot",
            got=f"an array of shape {values.shape}",
            allowed=f"shape {past.cutoff.shape}",
            remedy="return one value for each entry of past.cutoff",
        )
    return values


def _by_customer(made: object) -> pd.DataFrame:
    if isinstance(made, pd.Series):
        made = made.to_frame("value" if made.name is None else made.name)
    if isinstance(made, pd.DataFrame):
        if "customer_id" in made:
            return made[["customer_id", *(name for name in made if name != "customer_id")]].copy()
        if made.index.name == "customer_id":
            return made.reset_index()
    raise UsageError(
        "a pipeline must return one row a customer",
        got=f"columns {', '.join(map(str, made))}" if isinstance(made, pd.DataFrame) else type(made).__name__,
        allowed="a DataFrame with customer_id as its index or as a column",
        remedy="group by customer_id, or set it as the index",
    )


def _require_once(table: pd.DataFrame, cutoff: int) -> None:
    again = table["customer_id"][table["customer_id"].duplicated()]
    if len(again):
        raise UsageError(
            "a pipeline must return one row a customer",
            got=f"{again.iloc[0]!r} more than once at {to_date(cutoff)}",
            remedy="group by customer_id",
        )
