"""The forecast: laws of the distribution, and columns taken by name only."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import ModelError
from features.model.bundle import write_bundle
from features.model.forecast import Forecast, Model
from features.stages.moves import legal_moves, stage_distribution


def _legal(table: pd.DataFrame) -> pd.Series:
    """Without an order a customer regresses or stays, which is always legal."""
    return table["stage_if_silent"].astype(float).fillna(table["stage_code"])


numbers = st.floats(width=64) | st.just(float("nan"))
snapshots = st.lists(
    st.fixed_dictionaries(
        {
            "recency": numbers,
            "stage_code": st.sampled_from([0.0, 1.0, 2.0, 3.0]),
            "count": numbers,
            "highest_stage": st.sampled_from([0.0, 1.0, 2.0]),
            "spend": numbers,
            "stage_if_silent": st.sampled_from([3.0, None]),
            "tenure": numbers,
            "order_days_ever": numbers,
        }
    ),
    min_size=1,
    max_size=30,
).map(lambda rows: pd.DataFrame(rows).assign(stage_if_silent=_legal))
laws = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def same(one: Forecast, two: Forecast) -> None:
    for mine, theirs in zip(dataclasses.astuple(one), dataclasses.astuple(two), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@given(snapshots)
@laws
def test_a_distribution_over_the_legal_moves(model: Model, table: pd.DataFrame) -> None:
    stages = model.forecast(table, threads=1).stages
    legal = legal_moves(table["stage_code"].to_numpy().astype(np.int8), table["highest_stage"].to_numpy() >= 1)

    assert stages.shape == (len(table), 4)
    assert ((stages >= 0) & (stages <= 1)).all()
    np.testing.assert_allclose(stages.sum(axis=1), 1, rtol=0, atol=1e-9)
    assert (stages[~legal] == 0).all()


@given(snapshots)
@laws
def test_the_stage_is_the_machines_without_an_order_and_learnt_with_one(model: Model, table: pd.DataFrame) -> None:
    forecast, e = model.forecast(table, threads=1), model.calibration.surprise
    happens = forecast.p_order + (1 - forecast.p_order) * e
    legal = legal_moves(table["stage_code"].to_numpy().astype(np.int8), table["highest_stage"].to_numpy() >= 1)
    after = stage_distribution(
        model.calibration.regression(model.raw("regression", table, threads=1)),
        model.raw("otherwise", table, threads=1),
        legal,
    )
    expected = happens[:, None] * after
    expected[np.arange(len(table)), table["stage_if_silent"].to_numpy().astype(int)] += 1 - happens

    np.testing.assert_allclose(forecast.stages, expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(forecast.p_regression, forecast.stages[:, 3])
    np.testing.assert_allclose(model.p_regression(table, threads=1), forecast.p_regression, rtol=1e-14)


@given(snapshots, st.randoms(use_true_random=False))
@laws
def test_columns_are_taken_by_name(model: Model, table: pd.DataFrame, random: Any) -> None:
    names = random.sample(list(table.columns), len(table.columns))
    other = table[names].assign(customer_id="c", more=7).iloc[:, ::-1]

    same(model.forecast(other, threads=1), model.forecast(table, threads=1))


def test_rows_are_forecast_one_by_one(model: Model, features: pd.DataFrame) -> None:
    some = np.arange(0, len(features), 7)
    whole, part = model.forecast(features, threads=2), model.forecast(features.iloc[some[::-1]], threads=1)

    np.testing.assert_array_equal(part.stages, whole.stages[some[::-1]])
    np.testing.assert_array_equal(part.p_order, whole.p_order[some[::-1]])


def test_spend_is_expected_of_those_who_order(model: Model, features: pd.DataFrame) -> None:
    forecast = model.forecast(features, threads=1)

    assert (forecast.expected_spend >= 0).all()
    assert ((forecast.p_order > 0) & (forecast.p_order < 1)).all()
    np.testing.assert_array_equal(forecast.expected_spend, forecast.p_order * model.raw("spend", features, 1))


def test_without_money_no_spend_is_expected(model: Model, features: pd.DataFrame) -> None:
    parts = {part: text for part, text in model.boosters.items() if part != "spend"}
    forecast = dataclasses.replace(model, boosters=parts).forecast(features, threads=1)

    assert np.isnan(forecast.expected_spend).all()


def test_the_most_probable_stage(model: Model, features: pd.DataFrame) -> None:
    forecast = model.forecast(features, threads=1)

    np.testing.assert_array_equal(
        forecast.stages[np.arange(len(features)), forecast.next_stage], forecast.stages.max(axis=1)
    )


def test_nobody_is_forecast_nothing(model: Model, features: pd.DataFrame) -> None:
    forecast = model.forecast(features.iloc[:0])

    assert forecast.stages.shape == (0, 4)
    assert len(forecast.p_order) == len(forecast.expected_spend) == 0


REFUSED: dict[str, Any] = {
    "str": ["a"] * 3,
    "category": pd.Categorical(["a", "b", "a"]),
    "number category": pd.Categorical([1.0, 2.0, 1.0]),
    "object": np.array([1.0, "2", None], dtype=object),
    "int": [1, 2, 3],
    "float32": np.ones(3, dtype=np.float32),
    "bool": [True, False, True],
    "nullable": pd.array([1.0, None, 2.0], dtype="Float64"),
    "arrow text": pd.array(["a", "b", None], dtype=pd.ArrowDtype(pa.string())),
    "arrow number": pd.array([1.0, 2.0, 3.0], dtype=pd.ArrowDtype(pa.float64())),
    "dates": pd.to_datetime(["2024-01-01"] * 3),
}


@pytest.mark.parametrize("values", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("name", ["recency", "stage_code"])
def test_a_column_of_another_type_is_named(model: Model, features: pd.DataFrame, values: Any, name: str) -> None:
    table = features.head(3).assign(**{name: values})

    with pytest.raises(ModelError, match=f"the contract's types\n  got: {name} is "):
        model.forecast(table)


@pytest.mark.parametrize("name", ["recency", "stage_code", "highest_stage"])
@pytest.mark.parametrize("rows", [0, 3])
def test_a_missing_column_is_named(model: Model, features: pd.DataFrame, name: str, rows: int) -> None:
    with pytest.raises(ModelError, match=f"1 missing: {name}"):
        model.forecast(features.head(rows).drop(columns=name))


def test_a_column_given_twice_is_named(model: Model, features: pd.DataFrame) -> None:
    with pytest.raises(ModelError, match=r"several columns .*\n  got: count"):
        model.forecast(pd.concat([features, features["count"]], axis=1))


def test_tables_of_other_kinds_are_refused(model: Model, features: pd.DataFrame) -> None:
    for table in (pa.Table.from_pandas(features), features.to_numpy(), None):
        with pytest.raises(ModelError, match=r"pandas DataFrame"):
            model.forecast(table)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [4.0, -1.0, 1.5, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["stage_code", "highest_stage"])
def test_a_stage_that_is_none_is_refused(model: Model, features: pd.DataFrame, name: str, code: float) -> None:
    with pytest.raises(ModelError, match=f"'{name}' holds a value that is no stage\n  got: {code}"):
        model.forecast(features.head(3).assign(**{name: [0.0, code, 1.0]}))


def test_a_contract_without_the_stage_is_refused(model: Model, features: pd.DataFrame) -> None:
    contract = model.contract.model_copy(update={"features": ("recency", "count")})

    with pytest.raises(ModelError, match="lacks 'stage_code'"):
        dataclasses.replace(model, contract=contract).forecast(features)


def test_a_contract_in_another_order_than_the_booster_is_refused(model: Model, features: pd.DataFrame) -> None:
    contract = model.contract.model_copy(update={"features": model.contract.features[::-1]})

    with pytest.raises(ModelError, match=r"part 'regression' .* other features than its contract"):
        dataclasses.replace(model, contract=contract).forecast(features)


def test_a_string_column_does_not_end_the_process(model: Model, tmp_path: Path) -> None:
    digest = write_bundle(model, tmp_path / "bundle")
    code = (
        "import sys; from pathlib import Path; import pandas as pd; from features.model.bundle import read_bundle\n"
        "model = read_bundle(Path(sys.argv[1]), sys.argv[2])\n"
        "model.forecast(pd.DataFrame({name: ['x'] for name in model.contract.features}))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "bundle"), digest]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert ended.returncode == 1  # SIGABRT would be -6, and 134 in a shell
    assert "features.errors.ModelError: features must be numbers of the contract's types" in ended.stderr
