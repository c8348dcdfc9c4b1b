import numpy as np
import pytest

from features.history.measures import Measures, kind_of


def kept() -> Measures:
    counts = {"order_day": [1, 0, 1], "lines": [2, 0, 3], "gap": [0, 0, 5]}
    money = {"gross": [3_000_000, 0, 1_000_000], "returned": [0, 2_000_000, 0]}
    return Measures({name: np.array(values, kind_of(name)) for name, values in (counts | money).items()})


def test_what_follows_is_worked_out() -> None:
    found = kept()
    assert found["net"].tolist() == [3_000_000, -2_000_000, 1_000_000]
    assert found["value"].tolist() == [3_000_000, 0, 1_000_000]
    assert found["basket"].tolist() == [2, 0, 3]
    assert found["order_day_units"].tolist() == [1_000_000, 0, 1_000_000]
    assert found["gap_squared"].tolist() == [0, 0, 25]
    assert found["log_gap"].tolist() == [0, 0, round(np.log(5) * 1e12)]


def test_all_measures_are_int64_however_they_are_kept() -> None:
    whole = kept()
    for found in (whole, whole.at(np.array([2, 0])), whole.at(slice(1, 3))):
        assert {found[name].dtype for name in (*found, "net", "basket", "gap_squared")} == {np.dtype(np.int64)}


def test_what_was_asked_for_does_not_change_what_is_kept() -> None:
    found = kept()
    before = list(found)
    for name in ("net", "lines"):
        assert found[name] is found[name]
    assert list(found) == before
    assert len(found) == len(before)


def test_what_cannot_follow_is_not_there() -> None:
    counts = Measures({"order_day": np.ones(2, np.int32)})
    assert "order_day_units" in counts
    assert "net" not in counts
    assert "value" not in counts
    with pytest.raises(KeyError):
        counts["value"]


def test_the_measures_of_some_rows_follow_from_these() -> None:
    assert kept().at(slice(1, 3))["net"].tolist() == [-2_000_000, 1_000_000]
