"""Seasons of the past year: planted ones are found, a young log has none, and nothing unfinished is looked at."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.fixed import Floats
from features.history import History
from features.model.calibration import probability
from features.model.forecast import Model
from features.model.waiting import Waiting
from features.past import Snapshots
from training.bench import Bench, Past
from training.calibrate import fit_blend
from training.config import Recipe
from training.labels import Labels
from training.log import Log
from training.season import SHARE, YOUNGEST, fit_seasons, year_until
from training.splits import split
from training.table import Table
from training.train import Trained

FIRST = np.datetime64("2018-01-01")  # a Monday
WEEKS = 104
Fitted = tuple[Model, Past]
WAITING = Waiting(r=0.8, alpha=5, a=0.5, b=3)


def day(when: np.datetime64) -> int:
    return int(when.astype(int))


def busy(week: np.ndarray) -> np.ndarray:
    """Weeks of a year in which everybody orders twice as often."""
    return (week % 52 >= 36) & (week % 52 < 50)


@given(st.integers(0, 100_000), st.integers(0, 1500))
def test_a_year_of_weeks_or_none(first_day: int, age: int) -> None:
    newest = first_day + age
    weeks = year_until(newest, first_day)

    assert bool(weeks) == (age >= YOUNGEST + 364)
    if weeks:
        assert (weeks[0], weeks[-1], len(weeks)) == (newest - 364, newest, 53)
        assert set(np.diff(weeks)) == {7}


def expected(recency: Floats, tenure: Floats, order_days: Floats) -> Floats:
    return WAITING.logit(recency, tenure, order_days, 28)


def year_of(shifts: Floats) -> Table:
    """Customers at weekly cut-offs who order as MBG/NBD expects, but for the shift of the week."""
    rng, customers = np.random.default_rng(4), 3000
    week = np.repeat(np.arange(len(shifts)), customers)
    order_days = rng.integers(1, 9, len(week)).astype(float)
    tenure = rng.integers(10, 700, len(week)).astype(float)
    recency = np.where(order_days > 1, np.floor(tenure * rng.random(len(week))), tenure)
    ordered = rng.random(len(week)) < probability(expected(recency, tenure, order_days) + shifts[week])
    facts = pd.DataFrame({"recency": recency, "tenure": tenure, "order_days": order_days})
    nobody = np.zeros(len(week), dtype=np.int8)
    snapshots = Snapshots(np.arange(len(week)) % customers, day(FIRST) + 7 * week)
    labels = Labels(nobody, ordered, np.zeros(len(week)))
    return Table(snapshots, facts[[]], facts, None, labels, frozenset())  # type: ignore[arg-type]


def test_what_was_planted_is_found() -> None:
    planted = np.sin(np.arange(53) / 52 * 2 * np.pi) * 0.6
    found = fit_seasons(year_of(0.3 + planted), WAITING, 28)

    assert found is not None
    assert found.first == date(2018, 1, 1)
    np.testing.assert_allclose(found.shifts, SHARE * planted, atol=0.08)
    assert np.mean(found.shifts[1:]) == pytest.approx(0, abs=1e-12)


def test_a_month_without_orders_is_no_season_beyond_measure() -> None:
    closed = np.where(np.arange(53) == 20, -50.0, 0.0)
    found = fit_seasons(year_of(closed), WAITING, 28)

    assert found is not None
    assert found.shifts[20] == -1
    assert np.abs(np.delete(found.shifts, 20)).max() < 0.2


@given(st.floats(-1, 1), st.floats(0, 1))
def test_a_season_that_was_to_be_expected_is_no_news_of_the_level(season: float, trust: float) -> None:
    rng = np.random.default_rng(2)
    p, z = rng.beta(2, 3, 400), rng.normal(-1, 1, 400)
    outcome = rng.random(400) < p
    plain, known = (fit_blend(p, z, outcome, 0.2, trust, s) for s in (0.0, season))

    assert (known.w, known.v) == (plain.w, plain.v)
    assert known.c == pytest.approx(plain.c - trust * season, abs=1e-9)


@pytest.fixture(scope="module")
def seasonal() -> pd.DataFrame:
    """Two years of a shop that has a busy autumn."""
    rng, per_customer = np.random.default_rng(1), []
    for _ in range(250):
        begin, rate = int(rng.integers(0, 7 * WEEKS - 200)), rng.gamma(3, 0.006)
        days = np.arange(begin, 7 * WEEKS)
        chance = rate * np.where(busy(days // 7), 2.5, 1.0)
        per_customer.append(np.append(begin, days[rng.random(len(days)) < chance]))
    customer = np.repeat(np.arange(len(per_customer)), [len(days) for days in per_customer])
    table = pd.DataFrame({"customer_id": [f"c{k:03}" for k in customer], "is_return": False})
    table["ordered_at"] = (FIRST + np.concatenate(per_customer)).astype("datetime64[us]")
    return table.assign(amount=np.round(rng.gamma(4, 10, len(table)), 2))


QUIET = day(FIRST) + 7 * (52 + 36)


@pytest.fixture(scope="module")
def fit(seasonal: pd.DataFrame, trained: Trained, changed: Callable[..., Recipe]) -> Callable[[int], Fitted]:
    """A model as of the week before the busy ones, from a log that goes on until some day."""

    def fitted(until: int) -> Fitted:
        history = History.of(seasonal[seasonal["ordered_at"] < pd.Timestamp(until, unit="D")])
        cutoffs = split(history.first_day, QUIET, 28, changed().training, judge=0)
        return Bench(Log.of(history), trained.model.spec, changed(), until, lambda _: None).fit(cutoffs)

    return fitted


@pytest.fixture(scope="module")
def found(fit: Callable[[int], Fitted]) -> Fitted:
    return fit(QUIET)


def test_the_level_follows_the_season_of_a_year_ago(found: Fitted) -> None:
    model, newest = found[0], found[1].calibrate
    usual, at_once, later = (
        one.forecast(newest.features, threads=1).p_order.mean()
        for one in (model, model.at(QUIET), model.at(QUIET + 7 * 20))
    )

    assert later < usual == pytest.approx(newest.labels.ordered.mean(), rel=0.2)
    assert at_once > 1.15 * usual


def test_orders_from_the_cutoff_on_have_no_say(fit: Callable[[int], Fitted], found: Fitted) -> None:
    assert fit(QUIET + 7 * 14)[0].calibration == found[0].calibration


def test_a_young_log_has_no_seasons(trained: Trained, calibrated_on: Table) -> None:
    assert trained.model.calibration.seasons is None
    assert fit_seasons(None, trained.model.calibration.waiting, 28) is None
    assert fit_seasons(calibrated_on, None, 28) is None


@pytest.mark.parametrize(("fewest", "there"), [(50, True), (200, False)])
def test_a_week_that_hardly_anybody_was_known_in_tells_no_season(
    seasonal: pd.DataFrame, trained: Trained, changed: Callable[..., Recipe], fewest: int, there: bool
) -> None:
    """As where one old order stands in a log by mistake."""
    log = Log.of(History.of(seasonal))
    bench = Bench(log, trained.model.spec, changed(fewest_customers=fewest), QUIET, lambda _: None)

    assert (bench.year(QUIET - 28) is not None) == there
    assert 50 < log.known([QUIET - 28 - 364])[0] < 200
