import json

import pytest
from histories import some_spec
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from features.config import StageConfig
from features.errors import UsageError
from features.stages.spec import StageSpec

GAP = st.floats(0.5, 5000)
SPECS = st.builds(
    StageSpec,
    constants=st.builds(StageConfig, quantile=st.floats(0.51, 0.94), falls_off=st.floats(0.1, 0.9)),
    hold_days=st.sampled_from([7, 14, 28, 56]),
    week_starts=st.sampled_from(["mon", "wed", "sun"]),
    typical_gap=st.tuples(GAP, GAP, GAP, GAP),
    silent_after=st.tuples(GAP, GAP, GAP, GAP),
    lost_after=st.tuples(GAP, GAP, GAP, GAP),
    level_measure=st.sampled_from(["net", "order_day_units"]),
    fitted_before=st.dates().map(str),
    order_days=st.integers(0, 10**9),
)


@given(SPECS)
def test_json_there_and_back_changes_nothing(spec: StageSpec) -> None:
    again = StageSpec.from_json(spec.to_json())
    assert again == spec
    assert again.to_json() == spec.to_json()
    assert again.hash == spec.hash


def test_the_hash_is_the_same_on_every_machine() -> None:
    assert some_spec().hash == "7a465031dfbb7ad1"


@pytest.mark.parametrize("field", sorted(set(StageSpec.model_fields) - {"constants"}))
def test_every_field_is_in_the_hash(field: str) -> None:
    other = {"week_starts": "sun", "level_measure": "order_day_units", "fitted_before": "2020-02-02"}
    numbers = {"version": 3, "hold_days": 14, "order_days": 7}
    gaps = dict.fromkeys(("typical_gap", "silent_after", "lost_after"), (1.0, 2.0, 3.0, 4.0))
    assert some_spec().model_copy(update={field: (other | numbers | gaps)[field]}).hash != some_spec().hash


@pytest.mark.parametrize(
    "change",
    [
        {"version": 1},
        {"hold_days": 0},
        {"hold_days": 30},
        {"week_starts": "monday"},
        {"typical_gap": [1, 2, 3]},
        {"typical_gap": [0, 2, 3, 4]},
        {"lost_after": [1, 2, 3, None]},
        {"level_measure": "gross"},
        {"order_days": -1},
        {"surprise": 1},
    ],
)
def test_what_is_no_spec_is_refused(change: dict[str, object]) -> None:
    text = json.dumps(json.loads(some_spec().to_json()) | change)
    with pytest.raises(UsageError, match="no stage spec"):
        StageSpec.from_json(text)


@pytest.mark.parametrize("text", ["", "[]", "{}", "spec", '{"hold_days": NaN}'])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no stage spec"):
        StageSpec.from_json(text)


def test_a_spec_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        some_spec().hold_days = 7
