"""Train: judge the recipe out of time, then fit it once more on the newest finished cut-offs."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

import numpy as np

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
        history: the orders before `as_of`.
        as_of: tick; no label window goes beyond it, nor beyond the last order.
        recipe: how to train.
        step: told, in words, what is being done.

    Raises:
        DataError: the log is too short or too small.
    """
    end = min(as_of, recipe.clock.floor(history.last_day + 1))
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
        return [f for f in everything if not any(fnmatchcase(f.name, pattern) for pattern in left_out)]

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
        known = np.array([len(self.history.known(cutoff)) for cutoff in cutoffs.fit])
        thinned = thin(cutoffs.fit, int(known.sum()), config.fit_rows)
        sample = _sample(self.history, int(known[-1]) * len(thinned), config)
        return self.table(thinned, sample), self.table(cutoffs.calibrate)

    def table(self, cutoffs: list[int], customers: Codes | None = None) -> Table:
        snapshots = Snapshots.of(self.history, cutoffs)
        if customers is not None:
            snapshots = snapshots.only(customers)
        return Table.of(self.history, snapshots, self.spec, self.features, self.end)


def _sample(history: History, rows: int, config: TrainingConfig) -> Codes | None:
    """Customers to fit on, drawn at random where all of them would be too many rows."""
    if rows <= 2 * config.fit_rows:
        return None
    number = int(len(history.customers) * config.fit_rows / rows)
    drawn = np.random.default_rng(config.seed).choice(len(history.customers), number, replace=False)
    return np.sort(drawn)
