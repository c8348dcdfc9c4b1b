"""Where parameters are looked for: around the present ones, and only where LightGBM's settings have a name for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.config import BoosterConfig
from training.tuning.space import RANGES, Range, present_parameters, ranges

boosters = st.builds(
    BoosterConfig,
    learning_rate=st.floats(1e-4, 1),
    num_leaves=st.integers(2, 500),
    min_data_in_leaf=st.integers(1, 5000),
    feature_fraction=st.floats(0.01, 1),
    bagging_fraction=st.floats(0.01, 1),
    lambda_l2=st.floats(0, 1e4),
)


def test_all_but_the_rounds_is_a_setting_of_the_boosters() -> None:
    assert set(RANGES) < set(BoosterConfig.model_fields)
    assert "rounds" not in RANGES


@given(boosters)
def test_the_present_parameters_are_always_within(present: BoosterConfig) -> None:
    first, spans = present_parameters(present), ranges(present)

    for name, span in spans.items():
        assert span.low <= first[name] <= span.high
        assert (span.low, span.high) <= (RANGES[name].low, max(span.high, RANGES[name].high))
        assert span.distribution._contains(span.distribution.to_internal_repr(first[name]))
    kept = {name for name, value in first.items() if value == getattr(present, name)}
    assert set(first) - kept <= {"lambda_l2"}  # zero is on no logarithmic scale
    assert present.lambda_l2 == 0 or kept == set(first)
    assert BoosterConfig.model_validate(present.model_dump() | first)


@pytest.mark.parametrize(
    ("span", "said"), [(Range(1, 20, log=True), "1 to 20, logarithmic"), (Range(0.1, 1), "0.1 to 1")]
)
def test_a_range_in_words(span: Range, said: str) -> None:
    assert str(span) == said
