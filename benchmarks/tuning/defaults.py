"""One study over several shops at once: parameters that serve a user who does not tune.

A trial is judged in every fold of every shop; each loss counts relative to
what the outcomes of that fold leave open, so that shops count alike. The study
can be broken off and goes on.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

from shop import DATA, ENDS, SEED, Shop

from training.config import BoosterConfig, TrainingConfig
from training.tuning.course import Course, finished, present_trial
from training.tuning.desk import Desk
from training.tuning.journal import study_in
from training.tuning.lessons import Lessons, Sets
from training.tuning.space import present_parameters, ranges
from training.tuning.workers import run_alone

FOLDS_OF_A_SHOP = 100


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
    parser.add_argument("--shops", default="cdnow,online_retail_2,btydplus_grocery")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=None)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    names = given.shops.split(",")
    lessons = joint([_lessons(Shop(name, given.data), given) for name in names])
    config, present = TrainingConfig(threads=2, seed=SEED), BoosterConfig()
    facts = {"shops": ", ".join(f"{name} to {ENDS[name]}" for name in names), "rows": str(given.rows)}
    space = {name: span.distribution for name, span in ranges(present).items()}
    with study_in(given.out, facts | {"folds": str(given.folds)}, present_parameters(present)) as study:
        course = Course(study, space, SEED, given.trials, given.seconds)
        run_alone(course, lessons, config, lambda: print(len(finished(study)), study.best_value, flush=True))
        now = present_trial(study)
        best = study.best_trial
        assert now is not None
        for label, trial in (("present", now), ("best", best)):
            by_fold = ", ".join(f"{loss:.4f}" for loss in trial.user_attrs["folds"])
            print(f"{label}: {trial.value:.4f} ({by_fold}), rounds {trial.user_attrs['rounds']}, {trial.params}")


def joint(lessons: list[Lessons]) -> Joint:
    """One set of lessons from several."""
    numbered = [
        replace(one, fold=FOLDS_OF_A_SHOP * shop + one.fold) for shop, of in enumerate(lessons) for one in of.lessons
    ]
    return Joint(lessons[0].binned, numbered, tuple(lessons))


def _lessons(shop: Shop, given: argparse.Namespace) -> Lessons:
    recipe = shop.recipe((), rows=given.rows, folds=given.folds)
    return Desk.of(shop.history, shop.end, recipe, shop.digest, print).lessons()


if __name__ == "__main__":
    main()
