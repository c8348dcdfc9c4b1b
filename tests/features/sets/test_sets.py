"""Feature sets declared as data, expressions over features, and features of one's own."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from histories import some_spec, ticks

from features.errors import LeakError, UsageError
from features.families import all_features
from features.fixed import Floats
from features.history import History
from features.laws import assert_point_in_time
from features.past import Past, Snapshots
from features.sets.declared import FeatureSet
from features.sets.expressions import Expression
from features.sets.features import features_of
from features.sets.own import feature, imported
from features.tables.config import Events, Profile
from stagecast import Config

MONEY = frozenset({"amount"})

TOML = """\
[features]
windows = [4, 26]
families = ["recency", "spend"]

[features.events.visits]
source = "visits.parquet"
columns = {happened_at = "When"}
kinds = ["web"]
measures = ["count", "recency"]
windows = [2]

[features.profile.person]
source = "people.csv"
attributes = {age = "number", channel = ["online", "shop"]}

[features.own]
spend_per_visit = "ratio(net_spend_6w, visits_web_count_2w)"
twice = "2 * spend_per_visit"
"""

SET = FeatureSet(
    windows=(4, 26),
    families=("recency", "spend"),
    events={"visits": Events(kinds=("web",), measures=("count", "recency"), windows=(2,))},
    profile={"person": Profile(attributes={"age": "number", "channel": ("online", "shop")})},
    own={"spend_per_visit": "ratio(net_spend_6w, visits_web_count_2w)", "twice": "2 * spend_per_visit"},
)


def names(declared: FeatureSet, has: frozenset[str] = MONEY) -> list[str]:
    return [one.name for one in features_of(declared, has)]


def test_a_set_says_the_same_in_toml_and_in_python(tmp_path: Path) -> None:
    (tmp_path / "stagecast.toml").write_text(TOML, encoding="utf-8")
    config = Config.load(tmp_path / "stagecast.toml")
    assert FeatureSet.of(config.features) == SET
    assert FeatureSet.model_validate_json(SET.model_dump_json()) == SET
    assert config.features.tables["visits"].source == "visits.parquet"


def test_a_set_without_declarations_has_the_default_features() -> None:
    declared = FeatureSet()
    assert names(declared) == [one.name for one in all_features(declared.windows, MONEY)]


def test_a_set_has_its_families_its_tables_and_its_expressions() -> None:
    made = names(SET)
    assert {"recency", "net_spend_26w", "visits_web_count_2w", "visits_web_recency", "person_age"} <= set(made)
    assert made[-2:] == ["spend_per_visit", "twice"]
    assert not {"order_days_4w", "net_spend_6w", "visits_web_count_4w", "visits_web_sum_2w"} & set(made)


def test_expressions_may_stand_in_any_order() -> None:
    assert names(FeatureSet(own={"a": "b + 1", "b": "2 * c", "c": "-recency"}))[-3:] == ["c", "b", "a"]


def test_an_expression_is_left_out_with_the_columns_it_needs() -> None:
    declared = FeatureSet(own={"share": "net_spend_4w / net_spend_ever", "silent": "recency / tenure"})
    assert names(declared)[-2:] == ["share", "silent"]
    assert names(declared, frozenset())[-1] == "silent"
    assert "share" not in names(declared, frozenset())


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (FeatureSet(families=("spent",)), "no such family"),
        (FeatureSet(own={"x": "net_spent_4w + 1"}), "names what is no feature\n  got: net_spent_4w"),
        (FeatureSet(own={"x": "y + 1", "y": "-x"}), "in a circle\n  got: x, y"),
        (FeatureSet(own={"x": "x + 1"}), "in a circle\n  got: x"),
        (FeatureSet(own={"recency": "tenure + 1"}), "two features have one name\n  got: recency"),
        (FeatureSet(code=("no_such_package:feature",)), "cannot be imported"),
        (FeatureSet(code=("math:pi",)), "math:pi is no feature"),
    ],
)
def test_what_is_not_there_is_named(declared: FeatureSet, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        features_of(declared, MONEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3 + 4",
        "recency +",
        "recency ** 2",
        "recency % 2",
        "recency if tenure else 1",
        "recency > 3",
        "recency.real",
        "recency[0]",
        "__import__('os').system('true')",
        "open('x')",
        "eval('recency')",
        "(lambda: recency)()",
        "[recency for recency in tenure]",
        "'recency'",
        "True + recency",
        "f'{recency}'",
        "recency := 3",
        "log1p(recency, tenure)",
        "ratio(recency)",
        "ratio(top=recency, bottom=tenure)",
        "ratio(*recency)",
        "+".join(["recency"] * 200),
        "(" * 300 + "recency" + ")" * 100,
        "recency\x00",
    ],
)
def test_an_expression_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no expression over features"):
        Expression.of(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-a + 2 * b", 1.0),
        ("a / b", 1.5),
        ("a / 0 + b", math.nan),
        ("ratio(a, b - 2)", math.nan),
        ("change(a, b)", 0.2),
        ("min(a, b) + max(a, b) + abs(-a)", 8.0),
        ("sqrt(a + 1) + log1p(b - 2)", 2.0),
        ("sqrt(-a)", math.nan),
        ("fill(n, b) + fill(a, 0)", 5.0),
        ("n + a", math.nan),
        ("1e308 * a * a", math.nan),
    ],
)
def test_an_expression_is_worth_what_it_says(text: str, value: float) -> None:
    values = {"a": np.array([3.0]), "b": np.array([2.0]), "n": np.array([math.nan])}
    assert Expression.of(text)(values).tolist() == pytest.approx([value], nan_ok=True)


def test_an_expression_equals_its_parts_on_real_orders(cdnow_few: pd.DataFrame) -> None:
    history = History.of(cdnow_few)
    past = Past(history, Snapshots.of(history, ticks(cdnow_few)[30:31]), some_spec())
    declared = FeatureSet(own={"per_day": "net_spend_6w / order_days_6w"})
    made = {one.name: one.compute(past) for one in features_of(declared, history.has)}
    spend, days = (past.total("net", 42), past.count("order_day", 42))
    np.testing.assert_array_equal(made["per_day"], np.where(days > 0, spend / np.where(days > 0, days, 1), np.nan))


@feature(unit="days", formula="t - first order-day")
def age(past: Past) -> Floats:
    """Days since the first order-day, by hand.

    More words, which are no part of the meaning.
    """
    return past.cutoff - past.first_order_day.astype(float)


@feature(unit="count")
def peeks(past: Past) -> Floats:
    """Lines of all time."""
    rows = past._history.starts[past._snapshots.customer + 1]
    return past._history.totals("lines")[rows].astype(float)


def test_a_function_becomes_a_feature_and_keeps_the_laws(cdnow_few: pd.DataFrame) -> None:
    assert (age.name, age.meaning, age.dtype) == ("age", "Days since the first order-day, by hand.", "float32")
    assert_point_in_time(age, cdnow_few)
    with pytest.raises(LeakError, match="'peeks' breaks the law 'no future'"):
        assert_point_in_time(peeks, cdnow_few)


def test_a_function_without_a_meaning_is_no_feature() -> None:
    with pytest.raises(UsageError, match="'nameless' does not say what it means"):

        @feature()
        def nameless(past: Past) -> Floats:
            return past.recency


def test_a_feature_in_a_package_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "our_features.py").write_text(
        "from features.sets.own import feature\n\n\n@feature(unit='days')\ndef silence(past):\n"
        '    """Days of silence."""\n    return past.recency\n',
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert imported("our_features:silence").meaning == "Days of silence."
    assert names(FeatureSet(code=("our_features:silence",)))[-1] == "silence"


@pytest.mark.parametrize(
    "given",
    [
        {"windows": (8, 4)},
        {"own": {"x": "import os"}},
        {"own": {"No Name": "recency"}},
        {"events": {"a": {}}, "profile": {"a": {}}},
        {"events": {"a": {"kind": ["web"]}}},
        {"profile": {"a": {"attributes": {"age": "years"}}}},
        {"profile": {"a": {"attributes": {"known_at": "date"}}}},
        {"code": ("os.system",)},
    ],
)
def test_a_declaration_that_cannot_be_right_is_refused(given: dict) -> None:
    with pytest.raises(ValueError, match="validation error"):
        FeatureSet.model_validate(given)
