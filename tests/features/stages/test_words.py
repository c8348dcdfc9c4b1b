"""The spec in words: every number is said, and said anew when it changes."""

import pandas as pd
import pytest
from histories import some_spec
from hypothesis import given
from hypothesis import strategies as st

from features.clock import Clock
from features.config import StageConfig
from features.history import History
from features.stages.fit import fit_spec
from features.stages.spec import StageSpec
from features.stages.words import explain, fitted_bands, share

SPEC = some_spec()

OTHER = {
    "quantile": 0.7,
    "lost_quantile": 0.99,
    "lost_factor": 2.0,
    "follow_up_weeks": 30,
    "shrinkage": 5.0,
    "formative_days": 4,
    "stable_days": 9,
    "holds_up": 0.6,
    "falls_off": 0.2,
    "fall_weeks": 33,
    "running": 3,
    "steady": 5,
    "balance": 0.25,
    "settled_gaps": 1.5,
    "level_gaps": 4.5,
    "level_periods": 2.5,
    "level_weeks": 77,
    "shortest_silence": 10,
}


def body(spec: StageSpec) -> str:
    return "\n".join(explain(spec)[1:])  # the first line holds the hash, which changes with everything


def test_every_constant_has_words() -> None:
    assert set(OTHER) == set(StageConfig.model_fields), "say the new constant in features/stages/words.py, and here"


@pytest.mark.parametrize("name", OTHER)
def test_a_constant_that_changes_changes_the_words(name: str) -> None:
    constants = SPEC.constants.model_copy(update={name: OTHER[name]})
    assert getattr(SPEC.constants, name) != OTHER[name]
    assert body(SPEC.model_copy(update={"constants": constants})) != body(SPEC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hold_days", 14),
        ("week_starts", "sun"),
        ("typical_gap", (27, 21, 14, 7)),
        ("silent_after", (84, 63, 42, 22)),
        ("lost_after", (168, 127, 84, 42)),
        ("level_measure", "order_day_units"),
        ("fitted_before", "2020-01-06"),
        ("order_days", 1001),
    ],
)
def test_a_fitted_number_that_changes_changes_the_words(name: str, value: object) -> None:
    assert body(SPEC.model_copy(update={name: value})) != body(SPEC)


def test_nothing_of_the_spec_is_left_out() -> None:
    said = {"version", "constants", *("hold_days", "week_starts", "typical_gap", "silent_after", "lost_after")}
    assert set(StageSpec.model_fields) == said | {"level_measure", "fitted_before", "order_days"}
    assert explain(SPEC)[0] == f"# Stage spec {SPEC.hash}, version {SPEC.version}"


def test_the_example_is_the_machines() -> None:
    # eight order-days, 14 days apart where 7 are usual: G = exp((3 ln 7 + 7 ln 14) / 10) = 11.4, silent after 21 G / 7
    assert "after 8 order-days, one every 14 days, this customer is silent when 34 days" in body(SPEC)


def test_defaults_are_told_from_what_was_found() -> None:
    two = pd.DataFrame({"customer_id": ["a", "b"], "ordered_at": pd.Timestamp("2019-12-02"), "is_return": False})
    default = fit_spec(History.of(two), Clock().tick("2019-12-30"), 28, SPEC.constants, Clock())
    names = ("typical_gap", "silent_after", "lost_after")
    mixed = SPEC.model_copy(update={name: (getattr(default, name)[0], *getattr(SPEC, name)[1:]) for name in names})

    assert fitted_bands(SPEC) == (True,) * 4
    assert fitted_bands(default) == (False,) * 4
    assert fitted_bands(mixed) == (False, True, True, True)
    assert body(mixed).count("default: too few orders") == 1
    assert body(mixed).count("orders before 2019-12-30") == 3


@pytest.mark.parametrize(
    ("q", "words"),
    [
        (0.7, "seven in ten"),
        (0.75, "three in four"),
        (0.8, "four in five"),
        (0.9, "nine in ten"),
        (0.85, "17 in 20"),
        (0.975, "39 in 40"),
        (0.823, "82.3 %"),
        (0.99, "99 %"),
    ],
)
def test_a_share_in_words(q: float, words: str) -> None:
    assert share(q) == words


@given(st.floats(0.501, 0.949), st.integers(7, 400), st.sampled_from(["mon", "thu", "sun"]))
def test_any_spec_has_words(quantile: float, gap: int, day: str) -> None:
    constants = SPEC.constants.model_copy(update={"quantile": quantile})
    gaps = {"typical_gap": (gap,) * 4, "silent_after": (gap * 2.5,) * 4, "lost_after": (gap * 6.0,) * 4}
    lines = explain(SPEC.model_copy(update={"constants": constants, "week_starts": day} | gaps))
    assert not any(word in line for line in lines for word in ("nan", "None", "{", "inf"))
