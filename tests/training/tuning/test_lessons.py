"""Lessons: what a trial says is what plain LightGBM says, whether they were kept in memory or on disk."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest

from features.config import FeatureConfig
from features.errors import DataError
from features.history import History
from features.model.calibration import BetaMap
from features.stages.fit import fit_spec
from features.stages.moves import legal_moves
from training.bench import Bench
from training.calibrate import shift
from training.config import BoosterConfig, Recipe, TrainingConfig
from training.fit import fit_model, parameters
from training.log import Log
from training.splits import Split
from training.table import Table
from training.tuning import trial as trial_module
from training.tuning.lessons import BINNING, Lesson, Lessons, Rows
from training.tuning.losses import unexplained
from training.tuning.trial import Outcome, row_losses, try_out, with_parameters

TARGETS = ("order", "regression", "otherwise", "spend")
BOOSTER = BoosterConfig(learning_rate=0.2, min_data_in_leaf=20)
CONFIG = TrainingConfig(threads=1, booster=BOOSTER)


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_module, "STEPS", 3)


def tried(lessons: Lessons, config: TrainingConfig = CONFIG) -> Outcome:
    outcome = try_out(lessons, config, lambda _step, _loss: True)
    assert outcome is not None
    return replace(outcome, seconds=0.0)


def only(lessons: Lessons, part: str) -> Lessons:
    return Lessons(lessons.binned, [one for one in lessons.lessons if one.part == part])


def test_a_trial_says_what_plain_lightgbm_says(folded: tuple[Table, list[Split]], lessons: Lessons) -> None:
    """Each lesson by hand: other data sets, other predictions, the same loss."""
    table, splits = folded
    losses = []
    cutoff, happened = table.snapshots.cutoff, table.labels.regression.astype(float)
    for fold in splits:
        roles = (fold.fit, fold.calibrate, fold.judge)
        fit, newest, later = (np.isin(cutoff, some) & table.labels.ordered for some in roles)
        bins = lgb.Dataset(table.features[np.isin(cutoff, splits[-1].fit)], params=BINNING)
        data = lgb.Dataset(table.features[fit], label=happened[fit], reference=bins, params=BINNING)
        booster = lgb.train(parameters("regression", CONFIG) | BINNING, data, num_boost_round=9)
        before, said = (np.asarray(booster.predict(table.features[rows])) for rows in (newest, later))
        level = shift(np.log(before / (1 - before)), happened[newest] > 0)
        losses.append(unexplained("regression", happened[later], BetaMap(c=CONFIG.calibration_trust * level)(said)))

    outcome = tried(only(lessons, "regression"))
    assert outcome.curve[-1] == pytest.approx(np.mean(losses), abs=1e-9)
    assert outcome.stride * 3 == 9


def test_a_trial_judges_the_stage_by_the_moves_that_are_legal(folded: tuple[Table, list[Split]]) -> None:
    """As a trained model forecasts it: of those who order and do not regress the mass on the others, scaled."""
    table, splits = folded
    few = [splits[0]]
    outcome = tried(only(Lessons.of(table, few, 28, TARGETS, 5), "otherwise"))
    stays = table.labels.ordered & ~table.labels.regression
    fit, later = (np.isin(table.snapshots.cutoff, some) & stays for some in (few[0].fit, few[0].judge))
    bins = lgb.Dataset(table.features[np.isin(table.snapshots.cutoff, few[0].fit)], params=BINNING)
    data = lgb.Dataset(table.features[fit], label=table.labels.next_stage[fit], reference=bins, params=BINNING)
    said = lgb.train(parameters("otherwise", CONFIG) | BINNING, data, num_boost_round=9).predict(table.features[later])
    legal = legal_moves(table.now.stage[later], table.reached_formative[later])[:, :3]
    kept = np.where(legal, said, 0) / np.where(legal, said, 0).sum(axis=1, keepdims=True)

    truth = table.labels.next_stage[later].astype(float)
    assert outcome.curve[-1] == pytest.approx(unexplained("otherwise", truth, kept), abs=1e-9)
    assert outcome.curve[-1] < unexplained("otherwise", truth, np.asarray(said))


@pytest.mark.parametrize(
    ("families", "seasonal"),
    [(FeatureConfig().families, False), (FeatureConfig().families, True), (("counts", "stage", "outlook"), False)],
)
def test_a_trial_forecasts_orders_as_a_trained_model_does(  # noqa: PLR0917 - a shop, and what is learnt of it
    folded: tuple[Table, list[Split]],
    history: History,
    as_of: int,
    recipe: Recipe,
    families: tuple[str, ...],
    seasonal: bool,
) -> None:
    """With MBG/NBD beside the booster, in a season, and where the features that it needs are not learnt from."""
    fold = folded[1][0]
    config = CONFIG.model_copy(update={"booster": BOOSTER.model_copy(update={"feature_fraction": 1.0, "rounds": 9})})
    spec = fit_spec(history, fold.calibrate[0], 28, recipe.stages, recipe.clock)
    seen = replace(recipe, features=FeatureConfig(families=families), training=config)
    bench = Bench(Log.of(history), spec, seen, as_of, lambda _: None)
    past, newest, later = (bench.table(cutoffs) for cutoffs in (fold.fit, fold.calibrate, fold.judge))
    before = a_year_before(bench.table(list(range(fold.fit[-1] - 42, fold.fit[-1] + 1, 7))), fold.judge[-1])
    year = before if seasonal else None
    model = fit_model(past, newest, spec, (seen.features, config), lambda _: None, year)
    then = model.at(later.snapshots.cutoff)
    said, truth = then.forecast(later.features, 1).p_order, later.labels.ordered.astype(float)

    lessons = Lessons.of(past.stack(newest).stack(later), [fold], 28, ("order",), 5, [year])
    assert np.any(then.season) == seasonal
    assert (model.calibration.waiting is None) == (families == ("counts", "stage", "outlook"))
    assert tried(lessons, config).curve[-1] == pytest.approx(unexplained("order", truth, said), abs=1e-9)


def a_year_before(table: Table, cutoff: int) -> Table:
    """The same customers, as if the newest of them had been known a year before a cut-off."""
    moved = table.snapshots.cutoff - table.snapshots.cutoff.max() + cutoff - 364
    return replace(table, snapshots=replace(table.snapshots, cutoff=moved))


def test_losses_are_means_over_folds_and_parts(lessons: Lessons) -> None:
    outcome = tried(lessons)

    assert set(outcome.parts) == set(TARGETS)
    assert outcome.loss == pytest.approx(np.mean(list(outcome.parts.values()))) == pytest.approx(np.mean(outcome.folds))
    assert outcome.loss == min(outcome.curve)
    assert outcome.rounds == outcome.stride * (1 + outcome.curve.index(outcome.loss))


def test_lessons_put_down_and_taken_up_again_teach_the_same(lessons: Lessons, tmp_path: Path) -> None:
    lessons.save(tmp_path)
    again = Lessons.load(tmp_path)

    assert tried(again) == tried(lessons)
    assert not any(path.suffix in (".pkl", ".pickle") for path in tmp_path.iterdir())


def test_trials_do_not_disturb_each_other(lessons: Lessons) -> None:
    before = tried(lessons)
    tried(lessons, with_parameters(CONFIG, {"min_data_in_leaf": 5, "num_leaves": 31, "feature_fraction": 0.9}, 1))

    assert tried(lessons) == before


def test_later_rows_have_no_say_in_what_is_learnt(folded: tuple[Table, list[Split]], lessons: Lessons) -> None:
    table, splits = folded
    later = table.snapshots.cutoff > splits[0].fit[-1]
    features = table.features.copy()
    features.loc[later] = features.loc[later] * 3 - 1
    other = Lessons.of(replace(table, features=features), splits, 28, TARGETS, 5)

    texts = [
        [lgb.train(parameters(one.part, CONFIG) | BINNING, sets.fit, 5).model_to_string() for one, sets in pairs]
        for pairs in (zip(of.lessons, of.sets, strict=True) for of in (lessons, other))
    ]
    assert texts[0] == texts[1]
    assert tried(other).loss != tried(lessons).loss


def test_it_can_be_given_up_at_any_step(lessons: Lessons) -> None:
    asked: list[int] = []

    def until_the_second(step: int, _: float) -> bool:
        asked.append(step)
        return step < 1

    assert try_out(lessons, CONFIG, until_the_second) is None
    assert asked == [0, 1]


def test_a_trial_ends_when_it_gains_no_more(lessons: Lessons, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_module, "STEPS", 60)
    wild = with_parameters(CONFIG, {"learning_rate": 1.0, "num_leaves": 31, "min_data_in_leaf": 1, "lambda_l2": 0}, 1)
    outcome = tried(lessons, wild)

    assert len(outcome.curve) < 60
    assert len(outcome.curve) - outcome.rounds // outcome.stride == trial_module.PATIENCE


def test_too_few_outcomes_are_told(folded: tuple[Table, list[Split]]) -> None:
    with pytest.raises(DataError, match="too few outcomes to tell good parameters"):
        Lessons.of(*folded, 28, ("order",), 10**6)


def test_threads_change_nothing(lessons: Lessons) -> None:
    assert tried(lessons, CONFIG.model_copy(update={"threads": 2})).curve == tried(lessons).curve


def test_parameters_are_checked(changed: Callable[..., Recipe]) -> None:
    with pytest.raises(ValueError, match="num_leaves"):
        with_parameters(changed().training, {"num_leaves": 1}, 1)


def test_a_few_rows_may_be_fuller_than_the_table() -> None:
    """By rows LightGBM would keep room for 53,000 entries; these rows have 120,000 (see `BY_COLUMN`)."""
    generator = np.random.default_rng(1)
    values = generator.integers(1, 60, (9_000, 140)).astype(np.float64)
    full = np.arange(861)
    values[861:][generator.random((9_000 - 861, 140)) < 0.65] = 0
    outcome = (generator.random(861) < np.where(values[full, 0] > 30, 0.7, 0.2)).astype(np.float64)
    rows = Rows(full, outcome, np.zeros(861), np.zeros(861))
    lesson = Lesson("regression", 0, rows, rows, rows, np.empty(0), 0.0, False, np.empty((0, 4), bool))
    binned = lgb.Dataset(values, params=BINNING).construct()
    (losses,) = row_losses(Lessons(binned, [lesson]), CONFIG, 20)
    told = outcome.mean()
    assert losses.mean() < -(told * np.log(told) + (1 - told) * np.log(1 - told)) - 0.05
