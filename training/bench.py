"""The bench: training tables, models and judgements of one log under one stage spec."""

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property

import numpy as np

from features.errors import UsageError
from features.feature import Feature
from features.fixed import Floats
from features.model.forecast import Model
from features.model.next_stage import STANDING
from features.sets.features import features_of
from features.stages.spec import StageSpec
from training.asked import Asked
from training.bootstrap import Resampling
from training.config import Recipe, TrainingConfig
from training.fit import Step, fit_model
from training.judge import Judgement, Judging, judge
from training.log import Log
from training.money import longest, with_year
from training.refit import refit
from training.sampling import MOST_ROWS, share_of
from training.season import year_until
from training.splits import Split, thin
from training.table import Table


@dataclass(frozen=True)
class Past:
    """What a model was fitted on.

    Attributes:
        fit: older table; what the calibration is measured against.
        calibrate: newer table.
        rows: how many the boosters that ship were fitted on.
    """

    fit: Table
    calibrate: Table
    rows: int

    @property
    def known(self) -> Table:
        """All of it without the features: what baselines learn from."""
        return self.fit.bare.stack(self.calibrate.bare)


@dataclass(frozen=True)
class Bench:
    """Where models of one log, stage spec and recipe are fitted and judged.

    Attributes:
        log: all orders.
        spec: the frozen stage spec.
        recipe: how to train.
        end: tick up to which orders are known.
        step: told, in words, what is being done.
    """

    log: Log
    spec: StageSpec
    recipe: Recipe
    end: int
    step: Step

    @cached_property
    def features(self) -> list[Feature]:
        """Features a model learns from.

        Raises:
            UsageError: the stage is left out, or the one if no order comes.
        """
        everything = features_of(self.recipe.features, self.log.has)
        left_out = self.recipe.training.leave_out
        kept = [f for f in everything if not any(fnmatchcase(f.name, pattern) for pattern in left_out)]
        missing = [name for name in STANDING if name not in {feature.name for feature in kept}]
        if missing:
            raise UsageError(
                "a model must know the stage a customer stands in, and the next one if no order comes",
                got=f"no {', '.join(missing)}; leave_out = {', '.join(left_out)}",
                allowed=f"patterns that match none of {', '.join(STANDING)}",
                remedy="change leave_out in [training], and keep the families stage and outlook in [features]",
            )
        return kept

    def fit(self, cutoffs: Split) -> tuple[Model, Past]:
        """Fit and calibrate a model on the cut-offs of a split, and say on what."""
        self.step("build the training table")
        fit, calibrate = self._fit_table(cutoffs.fit), self.some(cutoffs.calibrate)
        self.step("fit the model")
        training = self.recipe.training
        year = self.year(cutoffs.calibrate[-1])
        model = fit_model(fit, calibrate, self.spec, (self.recipe.features, training), self.step, year)
        table = fit
        if training.refit:
            self.step("build the training table up to the newest finished cut-off")
            table = self._fit_table(cutoffs.finished)
            model = refit(model, table, calibrate, training, self.step)
        known_until = cutoffs.calibrate[-1] + self.spec.hold_days
        return self._with_year(model, known_until), Past(fit, calibrate, len(table))

    def judge(self, cutoffs: Split) -> Judgement:
        """Fit a model on the older cut-offs of a split and judge it on the newest."""
        model, past = self.fit(cutoffs)
        known = past.known
        del past  # its features are no longer needed, and those to judge on need the room
        later = self.some(cutoffs.judge)
        self.step("judge beside the baselines")
        config = self.recipe.training
        return judge(model, known, later, judging_by(config), config.threads)

    def _with_year(self, model: Model, known_until: int) -> Model:
        """The model with what the longest finished window has shown of spend, if there is money."""
        config, period = self.recipe.training, self.spec.hold_days
        if model.calibration.money is None:
            return model
        self.step("look at a long window")
        days = longest(self.log.first_day, known_until, period)
        begin = [known_until - days]
        asked = self._asked(begin, self.share(begin, config.fit_rows), days)
        return with_year(model, self.log.longer(asked), config.threads)

    def _fit_table(self, cutoffs: list[int]) -> Table:
        most = self.recipe.training.fit_rows
        rows: Floats = self.log.known(cutoffs) * np.float64(self.most)
        return self.some(thin(cutoffs, rows, most), most)

    def some(self, cutoffs: list[int], rows: int = MOST_ROWS) -> Table:
        """The table of all customers or, where these make more rows than that, of some who make about as many."""
        return self.table(cutoffs, self.share(cutoffs, rows))

    def table(self, cutoffs: list[int], share: float = 1.0) -> Table:
        """Features and labels of a share of the customers known at each cut-off."""
        return self.log.table(self._asked(cutoffs, share))

    def year(self, newest: int) -> Table | None:
        """Customers at the weekly cut-offs of the past year, without features; None in a log too young or too small."""
        weeks = year_until(newest, self.log.first_day)
        if not weeks or self.log.known(weeks[:1])[0] < self.recipe.training.fewest_customers:
            return None
        return self.log.table(replace(self._asked(weeks, self.share(weeks)), names=()))

    def share(self, cutoffs: list[int], rows: int = MOST_ROWS) -> float:
        """Share of the customers from which anything is made: so many as are to be used, and as make so many rows."""
        return min(self.most, share_of(int(self.log.known(cutoffs).sum()), rows))

    @cached_property
    def most(self) -> float:
        """Share of the customers that are to be used at most."""
        most = self.recipe.training.customers
        return 1.0 if most is None else share_of(int(self.log.known([self.end])[0]), most)

    def _asked(self, cutoffs: list[int], share: float, days: int = 0) -> Asked:
        names = [feature.name for feature in self.features]
        return Asked(cutoffs, share, self.spec, self.recipe.features, names, self.end, days)


def judging_by(config: TrainingConfig) -> Judging:
    """How a configuration has forecasts judged."""
    return Judging(Resampling(config.resamples, config.seed), config.profit)
