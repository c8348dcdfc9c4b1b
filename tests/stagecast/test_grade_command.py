"""`stagecast grade`, the verb and the command: real weeks of CDNOW, graded when their period has passed."""

from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from published_weeks import publish, put
from trained_shop import Shop

import stagecast
from features.errors import DataError
from features.grade import Grade
from serving.registered import Registered
from serving.store import Store, open_store
from stagecast.grading import Graded

pytestmark = pytest.mark.slow

WEEKS = ["1998-03-02", "1998-03-09", "1998-03-16", "1998-06-15"]
UNTIL = "1998-04-13"
"""So that the period of the first three is over, and orders of two weeks more are not looked at."""


@pytest.fixture(scope="module")
def store(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Store:
    return publish(tmp_path_factory.mktemp("weeks") / "scores", shop, WEEKS)


@pytest.fixture(scope="module")
def graded(shop: Shop, store: Store) -> Graded:
    return stagecast.grade(store, shop.frame, UNTIL, shop.config)


def points(shop: Shop, run: str, metric: str) -> dict[int, float]:
    history = mlflow.MlflowClient(shop.uri, shop.uri).get_metric_history(run, metric)
    assert len({point.step for point in history}) == len(history)  # each week once
    return {point.step: point.value for point in history}


def test_weeks_whose_period_is_over_are_graded(graded: Graded, store: Store) -> None:
    assert [one.as_of for one in graded.grades] == graded.new == WEEKS[:3]
    assert graded.waiting == WEEKS[3:]
    assert not graded.skipped
    assert [Grade.model_validate(store.kept("grade", one.as_of)) for one in graded.grades] == graded.grades
    assert store.kept("grade", WEEKS[3]) is None


def test_what_came_is_what_the_raw_orders_say(graded: Graded, shop: Shop) -> None:
    day = pd.to_datetime(shop.frame["ordered_at"])
    for one in graded.grades:
        known = set(shop.frame["customer_id"][day < one.as_of])
        inside = shop.frame[(day >= one.as_of) & (day < one.until)]
        assert one.counts.scored == one.counts.judged <= len(known)
        assert one.counts.ordered == pytest.approx(
            inside.loc[inside["customer_id"].isin(known)]["customer_id"].nunique(), abs=2
        )
        assert (one.counts.gone, one.counts.unscored, one.counts.restaged) == (0, 0, 0)


def test_the_trend_is_one_run_a_version_and_one_step_a_week(graded: Graded, shop: Shop) -> None:
    ((key, run),) = graded.trends.items()
    assert key == ("stagecast", shop.registered.version)
    losses = points(shop, run, "order/log_loss")
    assert list(np.diff(sorted(losses))) == [1, 1]
    assert list(losses.values()) == [one.metric("order", "log_loss") for one in graded.grades]
    page = mlflow.MlflowClient(shop.uri, shop.uri).get_run(run)
    assert page.data.tags["as_of"] == WEEKS[2]
    assert page.data.tags["alarm"] in {"yes", "no"}
    assert WEEKS[0].replace("-", "\u2011") in page.data.tags["mlflow.note.content"]
    assert page.info.status == "FINISHED"


def test_again_changes_nothing(graded: Graded, shop: Shop, store: Store) -> None:
    before = [store.kept("grade", week) for week in WEEKS]
    again = stagecast.grade(store, shop.frame, UNTIL, shop.config)
    assert (again.new, again.changed) == ([], [])
    assert again.grades == graded.grades
    assert again.trends == graded.trends
    assert [store.kept("grade", week) for week in WEEKS] == before
    (run,) = again.trends.values()
    assert len(points(shop, run, "order/log_loss")) == 3


def test_late_orders_are_graded_anew_and_told(shop: Shop, tmp_path: Path) -> None:
    own = shop.config.overridden(tracking_uri=shop.uri)
    store = publish(tmp_path / "scores", shop, WEEKS[:2])
    first = stagecast.grade(store, shop.frame, UNTIL, own)
    silent = sorted(
        set(shop.frame["customer_id"]) - set(shop.frame["customer_id"][shop.frame["ordered_at"] >= "1998-02-02"])
    )
    late = shop.frame[shop.frame["customer_id"].isin(silent[:5])].drop_duplicates("customer_id")
    late = late.assign(ordered_at=pd.Timestamp("1998-04-01"))
    again = stagecast.grade(store, pd.concat([shop.frame, late]), UNTIL, own)

    assert len(again.changed) == 1  # only the second week's period holds that day
    assert again.changed[0].startswith(f"{WEEKS[1]} is graded anew: orders came late")
    assert again.grades[1].counts.ordered == first.grades[1].counts.ordered + 5
    assert again.grades[0] == first.grades[0]
    ((_, run),) = again.trends.items()
    assert list(points(shop, run, "order/log_loss").values()) == [
        one.metric("order", "log_loss") for one in again.grades
    ]


def test_an_old_week_is_left_alone(shop: Shop, store: Store, graded: Graded) -> None:
    config = shop.config.overridden("training", grading={"recheck_weeks": 0})
    other = shop.frame.assign(customer_id=shop.frame["customer_id"] + "x")
    assert stagecast.grade(store, other, UNTIL, config).grades == graded.grades


def test_orders_of_another_shop_are_refused(shop: Shop, store: Store, graded: Graded, tmp_path: Path) -> None:
    fresh = publish(tmp_path / "scores", shop, WEEKS[:1])
    other = shop.frame.assign(customer_id=shop.frame["customer_id"] + "x")
    with pytest.raises(DataError, match="nobody who was scored"):
        stagecast.grade(fresh, other, UNTIL, shop.config)


def test_the_command_tells(run, shop: Shop, store: Store, graded: Graded, tmp_path: Path) -> None:
    folder = tmp_path / "scores"
    scores = stagecast.score(shop.frame, WEEKS[0], config=shop.config, model=shop.registered).table
    put(open_store(folder), scores.assign(p_order=1 - scores["p_order"]), shop.registered)
    wanted = ["--as-of", UNTIL, "--config", shop.settings, "--tracking-uri", shop.uri]
    done = run("grade", folder, shop.orders, *wanted)

    assert done.code == 0
    assert done.out.startswith(f"{WEEKS[0]}  version 1, ")
    assert f"ALARM {WEEKS[0]}: stagecast version 1 did worse than it had promised. Order: the log loss was " in done.out
    assert "stagecast version 1: weeks 1, with an alarm 1" in done.out
    assert done.last == (
        "Weeks: graded for the first time 1, graded anew 0, with a grade 1, waiting for the end of their period 0;"
        " the grades are beside the scores in"
        f" {folder}"
    )
    assert run("grade", folder, shop.orders, *wanted, "--strict").code == 0  # it was told before
    put(open_store(folder), scores.assign(p_order=0.99), shop.registered)
    strict = run("grade", folder, shop.orders, *wanted, "--strict")
    assert strict.code == 4
    assert f"{WEEKS[0]} is graded anew" in strict.out


def test_a_date_that_is_no_tick_is_refused(run, shop: Shop, store: Store, graded: Graded, tmp_path: Path) -> None:
    folder = tmp_path / "scores"
    publish(folder, shop, WEEKS[:1])
    wanted = ["--config", shop.settings, "--tracking-uri", shop.uri]
    for wrong, told in (("1998-04-14", "1998-04-13 or 1998-04-20"), ("soon", "YYYY-MM-DD")):
        done = run("grade", folder, shop.orders, "--as-of", wrong, *wanted)
        assert done.code == 2
        assert told in done.err


def test_nothing_published_is_refused(run, shop: Shop, tmp_path: Path) -> None:
    done = run("grade", tmp_path / "nothing", shop.orders, "--tracking-uri", shop.uri)
    assert done.code == 3
    assert "no week of scores is published there" in done.err
    assert not (tmp_path / "nothing").exists()


def test_a_version_that_is_gone_is_told(shop: Shop, store: Store, graded: Graded, tmp_path: Path) -> None:
    own = publish(tmp_path / "scores", shop, WEEKS[:2])
    scores = stagecast.score(shop.frame, WEEKS[1], config=shop.config, model=shop.registered).table
    gone = Registered(shop.registered.model, "stagecast", 99, "run", shop.registered.digest)
    put(own, scores.assign(model_version=99), gone)
    found = stagecast.grade(own, shop.frame, UNTIL, shop.config)
    assert [one.as_of for one in found.grades] == WEEKS[:1]
    assert found.skipped[0].startswith(f"{WEEKS[1]} cannot be graded: there is no model stagecast/99")
