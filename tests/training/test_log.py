"""A log in parts, wherever these are worked on, is learnt from like one in memory, to the last bit."""

from collections.abc import Callable
from functools import reduce
from operator import add
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from engines import Twice

from features.clock import Clock
from features.config import StageConfig
from features.engine import Engine, Local
from features.errors import DataError
from features.history import History
from features.orders import OrderLog
from features.orders.digest import digest, row_sum
from features.partitions.parted import Parted
from features.stages.fit import fit_spec
from training.bench import Bench
from training.config import Recipe
from training.log import Log
from training.parts import Filed
from training.train import Trained, train


def parted(orders: pd.DataFrame, lines: int, folder: Path, before: int) -> Parted:
    found = Parted(before, lines, folder)
    for rows in np.array_split(np.arange(len(orders)), 7):
        found.add(OrderLog.of(orders.iloc[rows]))
    return found


@pytest.fixture
def log_in(orders: pd.DataFrame, as_of: int, tmp_path: Path) -> Callable[..., Log]:
    def log_in(lines: int, engine: Engine | None = None) -> Log:
        engine = engine or Twice()
        share = parted(orders, lines, tmp_path, as_of).share_on(engine, whole_shop=True)
        return Log(Filed(share), engine, tmp_path)

    return log_in


def texts(trained: Trained) -> tuple[object, ...]:
    model, card = trained.model, trained.judgement.card
    found = model.boosters, model.calibration, model.contract, model.spec, model.typical, model.reference
    return *found, trained.rows, trained.judgement.headline(), trained.verdict.table.to_csv(), card.scores.to_csv()


@pytest.mark.slow
def test_a_model_of_parts_is_the_model_of_the_whole(
    log_in: Callable[..., Log], as_of: int, recipe: Recipe, trained: Trained
) -> None:
    log = log_in(700, Local())
    found = train(log, as_of, recipe, lambda _: None)

    assert len(log.parts) > 2
    assert texts(found) == texts(trained)
    pd.testing.assert_frame_equal(found.judgement.forecasts.frame(), trained.judgement.forecasts.frame())
    assert list(log.folder.glob("rows-*")) == []


def test_facts_of_the_whole_are_those_of_its_parts(
    log_in: Callable[..., Log], orders: pd.DataFrame, history: History, as_of: int
) -> None:
    log, whole = log_in(700), Log.of(history)
    days = [history.first_day, as_of - 99, as_of]

    assert (log.has, log.customers, log.first_day) == (whole.has, whole.customers, history.first_day)
    assert [log.last_day(day) for day in days] == [whole.last_day(day) for day in days]
    assert log.known(days).tolist() == whole.known(days).tolist() == [len(history.known(day)) for day in days]
    want = fit_spec(history, as_of - 28, 28, StageConfig(), Clock())
    assert log.fit_spec(as_of - 28, 28, StageConfig(), Clock()) == want
    sums = [row_sum(log.parts.share.runs.part(k), log.has) for k in range(len(log.parts))]
    assert reduce(add, sums).digest == digest(OrderLog.of(orders))


def test_a_sample_is_the_same_customers_in_however_many_parts(
    log_in: Callable[..., Log], history: History, as_of: int, changed: Callable[..., Recipe], trained: Trained
) -> None:
    log, whole = log_in(700), Log.of(history)
    recipe = changed(customers=100)  # fewer than a configuration allows
    one, other = (Bench(each, trained.model.spec, recipe, as_of, lambda _: None) for each in (log, whole))
    mine, theirs = one.some([as_of - 28]), other.some([as_of - 28])

    assert 70 < len(mine) < 130
    assert one.most == other.most == 100 / len(history.known(as_of))
    pd.testing.assert_frame_equal(mine.features, theirs.features)
    np.testing.assert_array_equal(mine.snapshots.customer, theirs.snapshots.customer)
    few, some = log.few(100, as_of), whole.few(100, as_of)
    np.testing.assert_array_equal(few.customers, some.customers)
    np.testing.assert_array_equal(few.columns["net"], some.columns["net"])
    assert len(log.few(10_000, as_of).customers) == len(history.customers)


def test_parts_of_which_nobody_is_drawn_give_nothing(
    log_in: Callable[..., Log], history: History, as_of: int, recipe: Recipe, trained: Trained
) -> None:
    log, share = log_in(200), 0.02
    one, other = (Bench(each, trained.model.spec, recipe, as_of, lambda _: None) for each in (log, Log.of(history)))
    mine, theirs = one.table([as_of - 28], share), other.table([as_of - 28], share)

    assert any(log.parts.some(number, share) is None for number in range(len(log.parts)))
    assert 0 < len(mine) < 20
    pd.testing.assert_frame_equal(mine.features, theirs.features)
    np.testing.assert_array_equal(log.few(6, as_of).day, Log.of(history).few(6, as_of).day)
    with pytest.raises(DataError, match="no customer was drawn"):
        one.table([as_of - 28], 1e-9)
