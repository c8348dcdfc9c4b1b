"""Forecasts as rows: kept as a table and read again bit for bit, stacked, and refused where they cannot be judged."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_forecasts import made_forecasts

from features.errors import StagecastError
from training.forecasts import Forecasts


@pytest.fixture(scope="module")
def forecasts() -> Forecasts:
    return made_forecasts(200)


def same(one: Forecasts, other: Forecasts) -> bool:
    facts = [field.name for field in fields(one) if field.name != "said"]
    return (
        all(np.array_equal(getattr(one, name), getattr(other, name)) for name in facts)
        and list(one.each()) == list(other.each())
        and all(np.array_equal(one.said[target][name], other.said[target][name]) for target, name in one.each())
    )


def test_a_table_keeps_every_bit(forecasts: Forecasts, tmp_path: Path) -> None:
    named = replace(forecasts, customer=np.array([f"c{k}" for k in forecasts.customer], dtype=object))
    for kept in (forecasts, named):
        kept.frame().to_parquet(tmp_path / "forecasts.parquet")
        assert same(Forecasts.of_frame(pd.read_parquet(tmp_path / "forecasts.parquet")), kept)


def test_the_columns_say_what_they_are(forecasts: Forecasts) -> None:
    columns = list(forecasts.frame().columns)
    assert columns[:8] == [
        *("customer", "cutoff", "stage", "sub_state", "order_days", "next_stage", "ordered", "spend"),
    ]
    assert {"order: stagecast", "next stage: persistence: stable", "spend: usual"} < set(columns)


def test_parts_are_stacked_again(forecasts: Forecasts) -> None:
    parts = [forecasts.only(forecasts.cutoff == cutoff) for cutoff in forecasts.cutoffs]
    order = np.argsort(forecasts.cutoff, kind="stable")

    assert len(parts) > 1
    pd.testing.assert_frame_equal(
        Forecasts.stack(parts).frame(), forecasts.frame().iloc[order].reset_index(drop=True), check_exact=True
    )


def test_parts_of_other_ladders_are_not_stacked(forecasts: Forecasts) -> None:
    other = forecasts.beside("order", "champion", np.full(len(forecasts), 0.5))
    with pytest.raises(StagecastError, match="other targets or predictors"):
        Forecasts.stack([forecasts, other])


def test_one_more_predictor_is_the_last_of_its_ladder(forecasts: Forecasts) -> None:
    p = np.full(len(forecasts), 0.5)
    other = forecasts.beside("order", "champion", p)

    assert list(other.said["order"]) == [*forecasts.said["order"], "champion"]
    assert other.said["order"]["champion"] is p
    assert "champion" not in forecasts.said["order"]


@pytest.mark.parametrize(
    ("target", "p", "problem"),
    [
        ("order", np.full(199, 0.5), "cannot be judged"),
        ("order", np.full(200, np.nan), "cannot be judged"),
        ("order", np.full((200, 4), 0.25), "cannot be judged"),
        ("order", np.full(200, 1.5), "no probability"),
        ("next stage", np.full(200, 0.5), "cannot be judged"),
        ("next stage", np.full((200, 4), 0.5), "sum to 1"),
        ("spend", np.full(200, np.inf), "cannot be judged"),
        ("weather", np.full(200, 0.5), "unknown targets"),
    ],
)
def test_what_cannot_be_judged_is_refused(forecasts: Forecasts, target: str, p: np.ndarray, problem: str) -> None:
    with pytest.raises(StagecastError, match=problem):
        forecasts.beside(target, "wrong", p)


def test_a_name_that_would_tear_its_column_is_refused(forecasts: Forecasts) -> None:
    with pytest.raises(StagecastError, match="cannot be kept"):
        forecasts.beside("order", "champion: 3", np.full(200, 0.5))


def test_rows_that_do_not_fit_are_refused(forecasts: Forecasts) -> None:
    with pytest.raises(StagecastError, match="equal lengths"):
        replace(forecasts, ordered=forecasts.ordered[:-1])
    with pytest.raises(StagecastError, match="one row at least"):
        forecasts.only(np.zeros(len(forecasts), dtype=bool))
    with pytest.raises(StagecastError, match="spend is not known"):
        replace(forecasts, spend=np.full(len(forecasts), np.nan))
