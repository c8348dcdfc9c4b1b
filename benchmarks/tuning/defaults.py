"""One study over several shops at once: parameters that serve a user who does not tune.

A trial is judged in every fold of every shop; each loss counts relative to
what the outcomes of that fold leave open, so that shops count alike. The study
can be broken off and goes on.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.tuning.shop import DATA, ENDS, SEED, Shop
from training.config import BoosterConfig, TrainingConfig
from training.log import Log
from training.tuning.course import FOLDS, PARTS, ROUNDS, Course, finished
from training.tuning.desk import Desk
from training.tuning.journal import study_in
from training.tuning.lessons import Lessons, Sets
from training.tuning.space import Parameters, present_parameters, ranges
from training.tuning.workers import run_alone

FOLDS_OF_A_SHOP = 100

GUESSES: list[Parameters] = [
    {"num_leaves": 16},
    {"num_leaves": 4},
    {"min_data_in_leaf": 30},
    {"min_data_in_leaf": 300},
    {"feature_fraction": 0.2},
    {"feature_fraction": 0.8},
    {"bagging_fraction": 1.0},
    {"lambda_l2": 1.0},
    {"lambda_l2": 50.0},
    {"num_leaves": 16, "min_data_in_leaf": 50, "feature_fraction": 0.2},
]
"""Tried after the present parameters, from which they differ in so much: what one parameter does alone."""


@dataclass(frozen=True)
class Joint(Lessons):
    """The lessons of several shops; a fold of one has another number than a fold of the next."""

    of: tuple[Lessons, ...] = ()

    @property
    def sets(self) -> list[Sets]:  # type: ignore[override]  # each from its own table
        """The rows of each lesson, in their order."""
        return [sets for lessons in self.of for sets in lessons.sets]


def main() -> None:
    """Run the study, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the study")
    parser.add_argument("--shops", default=",".join(ENDS))
    parser.add_argument("--targets", default="order,regression,otherwise")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=None)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    names = given.shops.split(",")
    lessons = joint([_lessons(Shop(name, given.data), given) for name in names])
    config, present = TrainingConfig(threads=given.threads, seed=SEED), BoosterConfig()
    facts = {"shops": ", ".join(f"{name} to {ENDS[name]}" for name in names)}
    facts |= {name: str(getattr(given, name)) for name in ("rows", "folds", "targets")}
    space = {name: span.distribution for name, span in ranges(present).items()}
    with study_in(given.out, facts, present_parameters(present)) as study:
        for guess in GUESSES:
            study.enqueue_trial(present_parameters(present) | guess, skip_if_exists=True)
        course = Course(study, space, SEED, given.trials, given.seconds)
        run_alone(course, lessons, config, lambda: print(len(finished(study)), study.best_value, flush=True))
        for trial in sorted(finished(study), key=lambda trial: trial.value or 0):
            rounds, parts, by_fold = (trial.user_attrs[name] for name in (ROUNDS, PARTS, FOLDS))
            print(f"{trial.number}: {trial.value:.5f}, rounds {rounds}, {trial.params}, {parts}, {by_fold}")


def joint(lessons: list[Lessons]) -> Joint:
    """One set of lessons from several."""
    numbered = [
        replace(one, fold=FOLDS_OF_A_SHOP * shop + one.fold) for shop, of in enumerate(lessons) for one in of.lessons
    ]
    return Joint(lessons[0].binned, numbered, tuple(lessons))


def _lessons(shop: Shop, given: argparse.Namespace) -> Lessons:
    recipe = shop.recipe(tuple(given.targets.split(",")), rows=given.rows, folds=given.folds)
    return Desk.of(Log.of(shop.history), shop.end, recipe, shop.digest, print).lessons()


if __name__ == "__main__":
    main()
