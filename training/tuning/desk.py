"""What a study is about: the folds, the stage spec, and the facts that make two studies the same one."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import lightgbm as lgb

from features.clock import to_date
from features.stages.spec import StageSpec
from training.bench import Bench
from training.config import Recipe
from training.fit import Step, require_customers
from training.log import Log
from training.splits import Split
from training.tuning.folds import folds
from training.tuning.lessons import Lessons
from training.tuning.space import ranges

_NO_MATTER = {
    *("threads", "experiment", "work", "model_name", "resamples", "validity_resamples", "profit", "tuning", "refit"),
}
"""Settings of training that change no loss."""

_JUDGED_BY = "4: orders together with MBG/NBD in their season, stages of those who order, cut to the legal moves"
"""How a trial's loss is taken: to be raised with every change to it, so that no study mixes two ways."""


@dataclass(frozen=True)
class Desk:
    """Where trials on one log are prepared.

    Attributes:
        log: all orders.
        recipe: how to train and tune.
        end: tick up to which orders are known.
        digest: of the orders before it.
        step: told, in words, what is being done.
    """

    log: Log
    recipe: Recipe
    end: int
    digest: str
    step: Step

    @classmethod
    def of(cls, log: Log, as_of: int, recipe: Recipe, digest: str, step: Step) -> Self:
        """The desk for the orders before a tick; no label window goes beyond it, nor beyond the last of them."""
        return cls(log, recipe, min(as_of, recipe.clock.floor(log.last_day(as_of) + 1)), digest, step)

    @cached_property
    def folds(self) -> list[Split]:
        """The folds, the newest first. Raises DataError where the log is too short."""
        return folds(self.log, self.end, self.recipe)

    @cached_property
    def spec(self) -> StageSpec:
        """A stage spec that has seen none of the orders that calibrate or judge in any fold."""
        before = self.folds[-1].calibrate[0]
        return self.log.fit_spec(before, self.recipe.period_days, self.recipe.stages, self.recipe.clock)

    def lessons(self) -> Lessons:
        """Everything that trials learn from and are judged on.

        Raises:
            DataError: too few customers or outcomes.
        """
        training = self.recipe.training
        require_customers(int(self.log.known([self.folds[0].fit[-1]])[0]), training)
        self.step("build the table of all folds")
        cutoffs = sorted({c for fold in self.folds for c in (*fold.fit, *fold.calibrate, *fold.judge)})
        table = self._bench.table(cutoffs, self._bench.share(self.folds[0].fit, training.tuning.rows))
        self.step("bin the features")
        days, targets = self.recipe.period_days, training.tuning.targets
        years = [self._bench.year(fold.calibrate[-1]) for fold in self.folds]
        return Lessons.of(table, self.folds, days, targets, training.fewest_outcomes, years)

    def facts(self) -> dict[str, str]:
        """What must be the same for losses to be comparable, by name."""
        training = self.recipe.training
        kept = training.model_dump(mode="json", exclude=_NO_MATTER | {"booster"})
        names = " ".join(feature.name for feature in self._bench.features)
        return {
            "orders": self.digest,
            "known until": str(to_date(self.end)),
            "folds judged at": ", ".join(str(to_date(fold.judge[0])) for fold in self.folds),
            "stage spec": self.spec.hash,
            "features": f"{len(self._bench.features)} ({_short(names)})",
            "targets": ", ".join(training.tuning.targets),
            "rows": str(training.tuning.rows),
            "present parameters": ", ".join(f"{name}={value:g}" for name, value in training.booster),
            "ranges": "; ".join(f"{name} {span}" for name, span in ranges(training.booster).items()),
            "other settings of [training]": _short(str(sorted(kept.items()))),
            "LightGBM": str(lgb.__version__),
            "way of judging": _JUDGED_BY,
        }

    @cached_property
    def _bench(self) -> Bench:
        return Bench(self.log, self.spec, self.recipe, self.end, self.step)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
