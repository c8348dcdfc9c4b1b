"""Scores joined with what came: everybody is counted, the period alone counts, and what is lost is told."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.clock import to_date
from features.errors import DataError
from features.history import History
from training.grading.outcome import outcome
from training.grading.week import Week


def with_scores(week: Week, **columns: object) -> Week:
    return replace(week, scores=week.scores.assign(**columns))


@pytest.fixture(scope="module")
def without_returns(orders: pd.DataFrame) -> pd.DataFrame:
    return orders[~orders["is_return"]].reset_index(drop=True)


def test_what_came_is_what_the_raw_orders_say(
    week: Week, without_returns: pd.DataFrame, as_of: int, history: History
) -> None:
    """Counted in pandas on the raw lines."""
    found = outcome(week, History.of(without_returns), as_of)
    begin, end = (pd.Timestamp(to_date(day)) for day in (week.day, week.until))
    lines = without_returns[without_returns["ordered_at"].between(begin, end, inclusive="left")]
    ids = week.scores["customer_id"].iloc[found.places]

    assert found.counts.ordered == lines["customer_id"][lines["customer_id"].isin(ids)].nunique()
    assert found.counts.spend == pytest.approx(lines["amount"][lines["customer_id"].isin(ids)].sum())
    spent = lines.groupby("customer_id")["amount"].sum().reindex(ids).fillna(0)
    np.testing.assert_allclose(found.table.labels.spend, spent)


def test_everybody_is_counted(week: Week, history: History, as_of: int) -> None:
    gone = with_scores(week, customer_id=["merged away", *week.scores["customer_id"].iloc[1:]])
    other = "stable" if week.scores["stage"].iloc[2] != "stable" else "formative"
    moved = with_scores(gone, stage=[*week.scores["stage"].iloc[:2], other, *week.scores["stage"].iloc[3:]])
    counts = outcome(moved, history, as_of).counts

    assert (counts.gone, counts.unscored, counts.restaged) == (1, 1, 1)
    assert counts.judged == len(week.scores) - 2
    assert counts.scored == len(week.scores)
    assert len(outcome(moved, history, as_of).places) == counts.judged


def test_the_order_of_the_scores_does_not_matter(week: Week, history: History, as_of: int) -> None:
    shuffled = replace(week, scores=week.scores.sample(frac=1, random_state=1).reset_index(drop=True))
    one, other = (outcome(each, history, as_of) for each in (week, shuffled))

    assert one.counts == other.counts
    for mine, theirs in zip(week.said(one.places).values(), shuffled.said(other.places).values(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_only_orders_of_the_period_change_a_grade(week: Week, orders: pd.DataFrame, as_of: int) -> None:
    def digest(lines: pd.DataFrame) -> str:
        return outcome(week, History.of(lines), as_of).digest(week)

    line = orders[orders["customer_id"] == week.scores["customer_id"].iloc[5]].iloc[[0]]

    def with_an_order_at(day: int) -> pd.DataFrame:
        late = line.assign(ordered_at=pd.Timestamp(to_date(day)), is_return=False, amount=50.0)
        return pd.concat([orders, late], ignore_index=True)

    assert digest(with_an_order_at(week.until - 1)) != digest(orders)
    assert digest(with_an_order_at(week.until)) == digest(orders)
    assert digest(orders.sample(frac=1, random_state=2)) == digest(orders)
    assert outcome(replace(week, content="other scores"), History.of(orders), as_of).digest(week) == digest(orders)
    assert outcome(week, History.of(orders), as_of).digest(replace(week, content="other scores")) != digest(orders)


def test_a_period_that_is_not_over_is_refused(published: Callable[..., Week], history: History, as_of: int) -> None:
    with pytest.raises(DataError, match="not finished"):
        outcome(published(as_of - 28), history, as_of - 7)


def test_another_shop_is_refused(week: Week, history: History, as_of: int) -> None:
    scores = week.scores[week.scores["stage"] != "stable"]
    strangers = scores.assign(customer_id=[f"stranger {k}" for k in range(len(scores))])
    for wrong in (strangers, scores.assign(stage="stable")):
        with pytest.raises(DataError, match="nobody who was scored"):
            outcome(replace(week, scores=wrong), history, as_of)


def test_a_week_that_is_none_is_refused(week: Week) -> None:
    with pytest.raises(DataError, match="cannot be graded"):
        replace(week, scores=week.scores.drop(columns="p_order"))
    with pytest.raises(DataError, match="cannot be graded"):
        replace(week, scores=week.scores.iloc[:0])
    with pytest.raises(DataError, match="hold customers twice"):
        with_scores(week, customer_id="one")
    with pytest.raises(DataError, match="'asleep'"):
        with_scores(week, stage="asleep")
