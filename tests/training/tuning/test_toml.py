"""Settings written as TOML are read back as they were."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stagecast.config import Config
from training.tuning.toml import as_toml

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
plain = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | text
values = st.recursive(
    plain | st.lists(plain, max_size=3) | st.lists(st.dictionaries(text, plain, max_size=2), max_size=2),
    lambda inner: st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=15)
@given(st.dictionaries(text, values, max_size=5))
def test_what_is_written_is_read(written: dict[str, object]) -> None:
    assert tomllib.loads(as_toml(written)) == written


def test_all_settings_of_ours() -> None:
    kept = Config().model_dump(mode="json", exclude_none=True)
    assert tomllib.loads(as_toml(Config().model_dump(mode="json"))) == kept


def test_nothing_and_nan() -> None:
    assert as_toml({}) == ""
    assert "nan" in as_toml({"a": float("nan")})


def test_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        as_toml({"a": b""})
