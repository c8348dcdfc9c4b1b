"""The maps: within bounds, monotone, and nothing at their defaults."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from features.model.calibration import SMALLEST, BetaMap, Blend, log_odds, probability

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


blends = st.builds(Blend, w=slopes, v=slopes, c=st.floats(-50, 50))


@given(blends, st.floats(0, 1), st.floats(-20, 20), st.floats(0, 5))
def test_a_blend_grows_with_both(blend: Blend, p: float, z: float, more: float) -> None:
    one, other, third = (
        blend.logit(np.array([a]), np.array([b]))[0] for a, b in ((p, z), (min(p + more, 1.0), z), (p, z + more))
    )

    assert other >= one
    assert third >= one


@given(probabilities)
def test_a_blend_at_its_defaults_changes_nothing(p: np.ndarray) -> None:
    np.testing.assert_allclose(probability(Blend().logit(p, np.ones(len(p)))), np.clip(p, SMALLEST, 1 - SMALLEST))
    np.testing.assert_allclose(probability(log_odds(p)), np.clip(p, SMALLEST, 1 - SMALLEST), rtol=1e-9)


@pytest.mark.parametrize("wrong", [{"w": -0.1}, {"v": -1}, {"c": float("inf")}])
def test_a_blend_that_cannot_be_right_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Blend(**wrong)
