import numpy as np
import pandas as pd
import pytest
from histories import Builder, some_spec, ticks

from features.history import History
from features.past import Past, Snapshots
from features.windows import Window, and_ever, weeks


@pytest.fixture
def past(cdnow_few: pd.DataFrame) -> Past:
    history = History.of(cdnow_few)
    return Past(history, Snapshots.of(history, ticks(cdnow_few)[20:40:5]), some_spec())


def test_snapshots_are_those_known_sorted_by_customer_then_cutoff(cdnow_few: pd.DataFrame) -> None:
    history, cutoffs = History.of(cdnow_few), ticks(cdnow_few)[:12:5]
    snapshots = Snapshots.of(history, [*reversed(cutoffs), *cutoffs])
    pairs = list(zip(snapshots.customer, snapshots.cutoff, strict=True))
    assert pairs == sorted(set(pairs))
    assert len(snapshots) == sum(len(history.known(cutoff)) for cutoff in cutoffs)
    assert len(Snapshots.of(history, [])) == 0
    assert set(snapshots.only(np.array([0, 2])).customer) == {0, 2}


def test_windows_are_half_open_and_add_up(past: Past) -> None:
    ever = past.count("order_day")
    np.testing.assert_array_equal(past.count("order_day", 28) + past.count("order_day", 2000, ending=28), ever)
    np.testing.assert_array_equal(past.count("order_day", None, ending=0), ever)
    assert past.count("order_day", 0).tolist() == [0] * len(ever)


@pytest.mark.parametrize(("days", "ending"), [(28, -1), (-7, 0)])
def test_a_window_that_would_see_the_future_is_refused(past: Past, days: int, ending: int) -> None:
    with pytest.raises(ValueError, match="past its cut-off"):
        past.exact("lines", days, ending)


@pytest.mark.parametrize("hold_days", [364, 371, 728])
def test_a_period_longer_than_a_year_still_looks_back(cdnow_few: pd.DataFrame, hold_days: int) -> None:
    cutoff = ticks(cdnow_few)[60]
    table = Builder(some_spec(hold_days=hold_days))(cdnow_few, [cutoff])
    history = History.of(cdnow_few)
    past = Past(history, Snapshots.of(history, [cutoff]), some_spec())
    np.testing.assert_array_equal(table["order_days_year_ago"], past.count("order_day", 364))


def test_a_window_names_itself() -> None:
    assert [window.tail for window in and_ever((4, 13))] == ["4w", "13w", "ever"]
    assert [window.days for window in and_ever((4, 13))] == [28, 91, None]
    assert [window.words for window in and_ever((4,))] == ["in the last 4 weeks", "ever"]
    assert Window(8).days == weeks(8) == 56
