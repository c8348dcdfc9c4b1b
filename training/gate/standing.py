"""The champion of the day on the snapshots that judge its challenger."""

from dataclasses import dataclass, replace

import numpy as np

from features.clock import to_date
from features.config import FeatureConfig
from features.contract import FeatureContract
from features.errors import ModelError, StagecastError
from features.model.forecast import Forecast, Model
from features.sets.declared import FeatureSet
from features.sets.features import features_of
from training.asked import Asked
from training.bench import Bench
from training.config import TrainingConfig
from training.forecasts import NEXT_STAGE, ORDER, REGRESSION, SPEND, Said
from training.splits import split

_NO_MATTER = {
    *("judge_cutoffs", "threads", "resamples", "validity_resamples", "tuning", "profit", "grading"),
    *("experiment", "artifacts", "work", "model_name", "fewest_customers", "fewest_outcomes"),
}
"""Settings that change nothing of a model that can be fitted."""


@dataclass(frozen=True)
class Standing:
    """The champion, as far as it must be known to be judged.

    Attributes:
        version: its number.
        model: what it forecasts with.
        end: tick up to which it knows orders; None where nobody wrote it down.
        config: how it was trained; None where its run does not say.
    """

    version: int
    model: Model
    end: int | None
    config: TrainingConfig | None

    @property
    def title(self) -> str:
        """As it stands in sentences."""
        return f"champion version {self.version}"


@dataclass(frozen=True)
class Stood:
    """How the champion of the day did.

    Attributes:
        version: its number.
        words: who it is and how it was judged; or why it could not be.
        said: its forecasts of the judged snapshots, by target; None where it could not be judged.
    """

    version: int
    words: str
    said: Said | None


@dataclass(frozen=True)
class Ring:
    """Where the champion is to meet its challenger.

    Attributes:
        bench: log, stage spec, recipe and end of the challenger.
        cutoffs: ticks that judge.
        challenger: what the challenger said of them, by target.
    """

    bench: Bench
    cutoffs: list[int]
    challenger: Said


def stand(standing: Standing, ring: Ring) -> Stood:
    """Judge the champion where its challenger is judged; what makes that impossible is told and stops nothing.

    The version itself is judged where it had seen nothing from the first
    cut-off on, and its stages mean the same. Otherwise its recipe is, fitted on
    older cut-offs under the challenger's stage spec, as its challenger is.
    """
    try:
        if _may_stand_itself(standing, ring):
            return Stood(standing.version, f"{standing.title} itself", _itself(standing, ring))
    except StagecastError:
        pass  # it asks for other columns, tables or features; its recipe may do without
    try:
        how, said = _by_recipe(standing, ring)
        return Stood(standing.version, f"{standing.title} ({how})", said)
    except StagecastError as error:
        got = f" ({error.got})" if error.got else ""
        return Stood(standing.version, f"{standing.title} could not be judged: {error.problem}{got}", None)


def said_of_forecast(forecast: Forecast) -> Said:
    """A forecast by target."""
    said = {ORDER: forecast.p_order, REGRESSION: forecast.p_regression, NEXT_STAGE: forecast.stages}
    money = bool(np.isfinite(forecast.expected_spend).all())
    return {**said, SPEND: forecast.expected_spend} if money else said


def _may_stand_itself(standing: Standing, ring: Ring) -> bool:
    blind = standing.end is not None and standing.end <= ring.cutoffs[0]
    return blind and standing.model.spec.hash == ring.bench.spec.hash


def _itself(standing: Standing, ring: Ring) -> Said:
    ring.bench.step(f"judge {standing.title}")
    model, log, recipe = standing.model, ring.bench.log, ring.bench.recipe
    declared = _declared(standing, ring)
    offered = {feature.name: feature for feature in features_of(declared, log.has)}
    dtypes = {name: offered[name].dtype for name in model.contract.features if name in offered}
    model.contract.demand(FeatureContract.of(dtypes, log.has, declared, model.spec))
    share = ring.bench.share(ring.cutoffs)
    table = log.table(Asked(ring.cutoffs, share, model.spec, declared, list(dtypes), ring.bench.end))
    return said_of_forecast(model.at(table.snapshots.cutoff).forecast(table.features, recipe.training.threads))


def _declared(standing: Standing, ring: Ring) -> FeatureSet:
    """The champion's feature set, if it can be had here.

    What a model names is not imported because it names it, only because the settings do.

    Raises:
        ModelError: a table or code is not there.
    """
    declared = standing.model.contract.declared
    here = {*ring.bench.log.tables, *ring.bench.recipe.features.code}
    if missing := [name for name in (*declared.table_names, *declared.code) if name not in here]:
        raise ModelError("it needs tables or code that are not here", got=", ".join(missing))
    return declared


def _by_recipe(standing: Standing, ring: Ring) -> tuple[str, Said]:
    if standing.config is None:
        raise ModelError("its run does not say how it was trained")
    mine = ring.bench.recipe
    if _same_recipe(standing, mine.training, mine.features):
        later = f"; its own bundle can be judged on cut-offs from {to_date(standing.end)} on" if standing.end else ""
        return f"the same recipe{later}", ring.challenger
    ring.bench.step(f"fit the recipe of {standing.title}")
    training = standing.config.model_copy(update={"threads": mine.training.threads})
    recipe = replace(mine, features=FeatureConfig.model_validate(_declared(standing, ring)), training=training)
    bench = replace(ring.bench, recipe=recipe)
    cutoffs = split(bench.log.first_day, bench.end, recipe.period_days, training, judge=len(ring.cutoffs))
    if cutoffs.judge != ring.cutoffs:
        raise ModelError("its recipe leaves other cut-offs to judge on")
    model, _ = bench.fit(cutoffs)
    table = bench.some(cutoffs.judge)
    forecast = model.at(table.snapshots.cutoff).forecast(table.features, training.threads)
    return "its recipe, fitted on the same orders as the challenger's", said_of_forecast(forecast)


def _same_recipe(standing: Standing, training: TrainingConfig, features: FeatureSet) -> bool:
    ours, theirs = (each.model_dump(exclude=_NO_MATTER) for each in (training, standing.config or training))
    return ours == theirs and FeatureSet.of(features) == standing.model.contract.declared
