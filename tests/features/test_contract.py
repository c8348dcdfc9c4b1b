import pytest
from pydantic import ValidationError

from features.contract import FeatureContract
from features.errors import ModelError
from features.sets.declared import FeatureSet

ASKED = FeatureContract(
    features=("recency", "tenure", "net_spend_4w"),
    dtypes=("float32", "float32", "float64"),
    columns=("amount",),
    declared=FeatureSet(),
    period_days=28,
    spec_hash="0123456789abcdef",
)


def test_a_contract_agrees_with_itself_and_comes_back_from_json() -> None:
    ASKED.demand(ASKED)
    again = FeatureContract.model_validate_json(ASKED.to_json())
    assert again == ASKED
    assert again.hash == ASKED.hash


def test_the_hash_is_the_same_on_every_machine() -> None:
    assert ASKED.hash == "b515ffb586f4be6d"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"features": ("recency", "tenure")}, ["'features'", "of which only here: net_spend_4w"]),
        ({"features": (*ASKED.features, "extra")}, ["'features'", "of which only here: extra", "3 in all"]),
        ({"features": ("tenure", "recency", "net_spend_4w")}, ["tenure at place 0", "recency at place 0"]),
        ({"columns": ("amount", "order_id")}, ["'columns'", "of which only here: order_id"]),
        ({"declared": FeatureSet(windows=(4, 13))}, ["'windows'", "of which only here: 8, 26, 52"]),
        ({"declared": FeatureSet(own={"x": "recency + 1"})}, ["'own'", "got: x: recency + 1", "allowed: nothing more"]),
        ({"declared": FeatureSet(code=("ours:x",))}, ["'code'", "of which only here: ours:x"]),
        ({"period_days": 14}, ["'period_days'", "got: 14", "allowed: 28"]),
        ({"spec_hash": "f" * 16}, ["'spec_hash'", "got: ffff", "allowed: 0123456789abcdef"]),
        ({"version": 2}, ["'version'", "got: 2", "allowed: 1"]),
        ({"stages": ("a", "b")}, ["'stages'", "of which only here: a, b"]),
        ({"dtypes": ("float32", "float64", "float64")}, ["'dtypes'", "float32 at place 1", "float64 at place 1"]),
    ],
)
def test_a_difference_names_both_sides(change: dict[str, object], said: list[str]) -> None:
    with pytest.raises(ModelError, match="do not agree") as error:
        ASKED.demand(ASKED.model_copy(update=change))
    for words in (*said, "train anew"):
        assert words in str(error.value)


def test_many_differences_are_cut_short() -> None:
    offered = ASKED.model_copy(update={"features": (*ASKED.features, *(f"extra_{k}" for k in range(20)))})
    with pytest.raises(ModelError, match=r"extra_7, \.\.\."):
        ASKED.demand(offered)


def test_a_contract_is_strict_and_frozen() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        FeatureContract.model_validate({**ASKED.model_dump(), "surprise": 1})
    with pytest.raises(ValidationError, match="frozen"):
        ASKED.version = 3


@pytest.mark.parametrize("windows", [(0,), (4, 4), (13, 4), (-4,), (1000,)])
def test_windows_ascend(windows: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError, match="windows"):
        FeatureSet(windows=windows)
