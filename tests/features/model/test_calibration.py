"""The beta map: within bounds, monotone, and nothing at its defaults."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from features.model.calibration import SMALLEST, BetaMap

slopes = st.floats(0, 50)
maps = st.builds(BetaMap, a=slopes, b=slopes, c=st.floats(-50, 50))
probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=50).map(np.array)


@given(maps, probabilities)
def test_monotone(beta: BetaMap, p: np.ndarray) -> None:
    assert (np.diff(beta(np.sort(p))) >= 0).all()


@given(maps, probabilities)
def test_within_bounds(beta: BetaMap, p: np.ndarray) -> None:
    calibrated = beta(p)

    assert calibrated.shape == p.shape
    assert calibrated.dtype == np.float64
    assert ((calibrated >= SMALLEST) & (calibrated <= 1 - SMALLEST)).all()


@given(probabilities)
def test_the_defaults_change_nothing(p: np.ndarray) -> None:
    np.testing.assert_allclose(BetaMap()(p), np.clip(p, SMALLEST, 1 - SMALLEST), rtol=1e-9)


@given(maps, probabilities)
def test_each_probability_is_mapped_by_itself(beta: BetaMap, p: np.ndarray) -> None:
    np.testing.assert_array_equal(beta(p), [beta(np.array([one]))[0] for one in p])


def test_the_formula_by_hand() -> None:
    logit = 2 * np.log(0.3) - 0.5 * np.log(0.7) + 1

    assert BetaMap(a=2, b=0.5, c=1)(np.array([0.3]))[0] == pytest.approx(1 / (1 + np.exp(-logit)))


@given(maps)
def test_json_keeps_every_bit(beta: BetaMap) -> None:
    assert BetaMap.model_validate_json(beta.model_dump_json()) == beta


@pytest.mark.parametrize("wrong", [{"a": -0.1}, {"b": -1}, {"c": float("nan")}, {"a": float("inf")}, {"d": 1}])
def test_a_map_that_cannot_be_right_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        BetaMap(**wrong)
