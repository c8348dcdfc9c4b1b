"""Boosters fitted once more: what is newer, and what stays."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from features.history import History
from features.model.forecast import Calibration, Model
from training.bench import Bench
from training.config import Recipe
from training.log import Log
from training.metrics import auroc
from training.money import levelled
from training.refit import refit
from training.table import Table
from training.train import Trained


@pytest.fixture(scope="session")
def finished(trained: Trained, table_at: Callable[..., Table]) -> Table:
    return table_at(trained.judged.finished)


@pytest.fixture(scope="session")
def older(bench_of: Callable[..., Bench], trained: Trained) -> Model:
    return bench_of(refit=False).fit(trained.judged)[0]


@pytest.fixture(scope="session")
def bench_of(history: History, trained: Trained, changed: Callable[..., Recipe]) -> Callable[..., Bench]:
    """A bench of the session's shop, with some settings of [training] changed."""
    return lambda **settings: Bench(
        Log.of(history), trained.model.spec, changed(**settings), trained.end, lambda _: None
    )


@pytest.mark.slow
def test_the_bench_fits_once_more_unless_told_not_to(
    bench_of: Callable[..., Bench], older: Model, trained: Trained, finished: Table, calibrated_on: Table
) -> None:
    model, past = bench_of(refit=True).fit(trained.judged)
    by_hand = refit(older, finished, calibrated_on, bench_of().recipe.training, lambda _: None)

    assert model.boosters == by_hand.boosters
    assert without_year(model) == without_year(by_hand)
    assert past.rows == len(finished) > len(past.fit)
    assert all(model.boosters[part] != older.boosters[part] for part in model.boosters)
    assert (model.contract, model.spec) == (older.contract, older.spec)


def without_year(model: Model) -> Calibration:
    """What is fitted beside the boosters, but for long windows, which the bench looks at last."""
    money = model.calibration.money
    assert money is not None
    return model.calibration.model_copy(update={"money": money.model_copy(update={"year": None})})


def test_weights_and_levels_stay(older: Model, recipe: Recipe, finished: Table, calibrated_on: Table) -> None:
    newer = refit(older, finished, calibrated_on, recipe.training, lambda _: None)
    before, now = (m.calibration for m in (older, newer))

    assert (now.order.w, now.order.v) == (before.order.w, before.order.v)
    assert (now.regression.a, now.regression.b) == (before.regression.a, before.regression.b)
    assert now.waiting == before.waiting
    held, new = (m.forecast(calibrated_on.features, threads=1).p_order.mean() for m in (older, newer))
    assert new == pytest.approx(held, rel=1e-6)
    came = calibrated_on.features.loc[calibrated_on.labels.ordered]
    held, new = (m.p_regression_if_ordered(came, threads=1).mean() for m in (older, newer))
    assert new == pytest.approx(held, rel=1e-6)
    assert before.money is not None
    assert now.money is not None
    assert now.money.level == pytest.approx(levelled(now.money, newer, calibrated_on, threads=1).level, rel=1e-9)
    assert now.money.level != before.money.level


def test_what_only_the_newest_cutoffs_show_is_learnt(
    older: Model, recipe: Recipe, finished: Table, calibrated_on: Table, judged_on: Table
) -> None:
    """After the last cut-off of the first fit, exactly those order who have been silent for a while."""

    def changed(table: Table) -> Table:
        new = table.snapshots.cutoff > calibrated_on.snapshots.cutoff.min() - 28
        silent = table.features["recency"].to_numpy() > 40
        return replace(table, labels=replace(table.labels, ordered=np.where(new, silent, table.labels.ordered)))

    newer = refit(older, changed(finished), calibrated_on, recipe.training, lambda _: None)
    later = changed(judged_on).labels.ordered
    before, now = (auroc(later, m.raw("order", judged_on.features, threads=1)) for m in (older, newer))

    assert now > before + 0.1
    levels = [m.forecast(calibrated_on.features, threads=1).p_order.mean() for m in (older, newer)]
    assert levels[0] == pytest.approx(levels[1], rel=1e-6)  # not asked of rows that the boosters have seen


def test_without_money(older: Model, recipe: Recipe, finished: Table, calibrated_on: Table) -> None:
    poor = replace(older, boosters={part: text for part, text in older.boosters.items() if part != "spend"})
    free = replace(finished, labels=replace(finished.labels, spend=np.zeros(len(finished))))
    newer = refit(poor, free, calibrated_on, recipe.training, lambda _: None)

    assert set(newer.boosters) == {"regression", "otherwise", "order"}
    assert newer.calibration.money == older.calibration.money
