"""Train: judge the recipe out of time, then fit it once more on the newest finished cut-offs."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

import numpy as np

from features.errors import UsageError
from features.families import all_features
from features.feature import Feature
from features.history import Codes, History
from features.model.forecast import Model
from features.snapshots import Snapshots
from features.stages.fit import fit_spec
from features.stages.spec import StageSpec
from training.bootstrap import Resampling
from training.config import Recipe, TrainingConfig
from training.fit import Step, fit_model
from training.judge import Judgement, judge
from training.splits import Split, split, thin
from training.table import Table

STAGE_NOW = ("stage_code", "highest_stage")
"""Features that a forecast cannot do without: they say which moves are legal."""


@dataclass(frozen=True)
class Trained:
    """What training made.

    Attributes:
        model: fitted on the newest finished cut-offs; this is what is shipped.
        judgement: of the same recipe fitted on older ones, on later cut-offs.
        judged: cut-offs of the judged fit.
        shipped: cut-offs of the shipped fit.
        rows: rows the shipped boosters were fitted on.
        end: tick up to which orders were used.
    """

    model: Model
    judgement: Judgement
    judged: Split
    shipped: Split
    rows: int
    end: int


def train(history: History, as_of: int, recipe: Recipe, step: Step) -> Trained:
    """Train on the orders before a cut-off, with finished label windows alone.

    The stage spec is fitted on the orders before the judged fit's calibration,
    so the labels that judge come from a definition known beforehand.

    Args:
        history: all orders; those at or after `as_of` are not looked at.
        as_of: tick; no label window goes beyond it, nor beyond the last order before it.
        recipe: how to train.
        step: told, in words, what is being done.

    Raises:
        DataError: the log is too short or too small.
        UsageError: `leave_out` leaves nothing to learn from, or leaves out the stage.
    """
    last_day = int(history.day[history.day < as_of].max(initial=history.first_day))
    end = min(as_of, recipe.clock.floor(last_day + 1))
    judged = split(history.first_day, end, recipe.period_days, recipe.training)
    shipped = split(history.first_day, end, recipe.period_days, recipe.training, judge=0)
    spec = fit_spec(history, judged.calibrate[0], recipe.period_days, recipe.stages, recipe.clock)
    bench = _Bench(history, spec, recipe, end, step)
    judgement = bench.judge(judged)
    fit, calibrate = bench.tables(shipped)
    step("fit the model that is shipped")
    model = fit_model(fit, calibrate, spec, (recipe.features, recipe.training), step)
    return Trained(model, judgement, judged, shipped, len(fit), end)


@dataclass(frozen=True)
class _Bench:
    history: History
    spec: StageSpec
    recipe: Recipe
    end: int
    step: Step

    @cached_property
    def features(self) -> list[Feature]:
        everything = all_features(self.recipe.features.windows, self.history.has)
        left_out = self.recipe.training.leave_out
        kept = [f for f in everything if not any(fnmatchcase(f.name, pattern) for pattern in left_out)]
        missing = [name for name in STAGE_NOW if name not in {feature.name for feature in kept}]
        if missing:
            raise UsageError(
                "a model must know the stage a customer stands in",
                got=f"leave_out = {', '.join(left_out)}",
                allowed=f"patterns that match none of {', '.join(STAGE_NOW)}",
                remedy="change leave_out in [training]",
            )
        return kept

    def judge(self, cutoffs: Split) -> Judgement:
        fit, calibrate = self.tables(cutoffs)
        config = self.recipe.training
        self.step("fit the model that is judged")
        model = fit_model(fit, calibrate, self.spec, (self.recipe.features, config), self.step)
        later = self.table(cutoffs.judge)
        self.step("judge beside the baselines")
        past = fit.stack(calibrate)
        return judge(model, past, later, Resampling(config.resamples, config.seed), config.threads)

    def tables(self, cutoffs: Split) -> tuple[Table, Table]:
        self.step("build the training table")
        config = self.recipe.training
        rows = np.array([len(self.history.known(cutoff)) for cutoff in cutoffs.fit])
        thinned = thin(cutoffs.fit, rows, config.fit_rows)
        sample = _sample(self.history.known(thinned[-1]), len(thinned), config)
        return self.table(thinned, sample), self.table(cutoffs.calibrate)

    def table(self, cutoffs: list[int], customers: Codes | None = None) -> Table:
        snapshots = Snapshots.of(self.history, cutoffs)
        if customers is not None:
            snapshots = snapshots.only(customers)
        return Table.of(self.history, snapshots, self.spec, self.features, self.end)


def _sample(known: Codes, cutoffs: int, config: TrainingConfig) -> Codes | None:
    """Customers to fit on, drawn from those known at the newest cut-off, where all would be far too many rows."""
    if len(known) * cutoffs <= 2 * config.fit_rows:
        return None
    return np.random.default_rng(config.seed).choice(known, config.fit_rows // cutoffs, replace=False)
