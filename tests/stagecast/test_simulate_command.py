"""`stagecast simulate` and the verb."""

from pathlib import Path

import pandas as pd
import pytest

import stagecast
from features.errors import UsageError
from training.simulation import SCENARIOS

SMALL = ["simulate", "young-shop", "--customers", "40", "--seed", "2", "--out", "shop"]


def test_it_says_what_was_made_and_where(run) -> None:
    done = run(*SMALL)
    assert done.code == 0
    assert done.last == "Orders of 40 simulated customers (young-shop, seed 2) are in shop/orders"
    assert "The truth about them is in shop/truth" in done.out
    assert done.err == "simulate: let customers live ...\nsimulate: 40 of 40 customers ...\n"
    assert pd.read_parquet("shop/orders")["customer_id"].nunique() == 40
    assert set(pd.read_parquet("shop/truth")["stage"]) <= {"examination", "formative", "stable", "regression"}
    assert [path.name for path in Path.cwd().iterdir()] == ["shop"]


def test_again_changes_nothing_and_another_seed_is_refused(run) -> None:
    run(*SMALL)
    again = run(*SMALL)
    assert again.code == 0
    assert again.last.endswith("were there already, nothing changed: shop/orders")
    other = run(*SMALL[:5], "3", *SMALL[6:])
    assert other.code == 2
    assert "give another --out" in other.err


def test_check_takes_the_orders_as_they_are(run) -> None:
    run(*SMALL)
    done = run("check", "shop/orders")
    assert done.code == 0
    assert " 0 set aside" in done.out
    assert "of 40 customers in shop/orders can be used." in done.last


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["simulate", "sunny", "--out", "shop"], "allowed: " + ", ".join(SCENARIOS)),
        (["simulate", "steady", "--customers", "0", "--out", "shop"], "1 to 100,000,000"),
        (["simulate", "steady", "--customers", "many", "--out", "shop"], "valid"),
        (["simulate", "steady", "--seed", "-1", "--out", "shop"], "not below zero"),
        (["simulate", "steady"], "--out"),
        (["simulate", "--out", "shop"], "SCENARIO"),
    ],
    ids=["scenario", "nobody", "no number", "seed", "no out", "no scenario"],
)
def test_wrong_usage_is_told_and_leaves_nothing(run, arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert words in done.err
    assert not list(Path.cwd().iterdir())


def test_a_file_in_the_way_is_refused(run) -> None:
    Path("shop").write_text("mine")
    assert run(*SMALL).code == 2
    assert Path("shop").read_text() == "mine"


def test_help_names_every_scenario(run) -> None:
    told = " ".join(run("simulate", "--help").out.replace("│", " ").split())
    assert all(name in told for name in SCENARIOS)


def test_the_verb_takes_a_name_or_a_scenario() -> None:
    named = stagecast.simulate("young-shop", 30, seed=4)
    own = stagecast.simulate(SCENARIOS["young-shop"], 30, seed=4)
    pd.testing.assert_frame_equal(named.orders, own.orders)
    with pytest.raises(UsageError, match="no such scenario"):
        stagecast.simulate("sunny", 30)
    with pytest.raises(UsageError, match="--out FOLDER"):
        stagecast.simulate("steady", 600_000)


def test_the_stages_of_a_simulated_shop_are_held_against_the_truth() -> None:
    shop = stagecast.simulate("steady", customers=300, seed=3)
    found = stagecast.recovery(shop)
    assert found.table.to_numpy().sum() == pytest.approx(1)
    assert list(found.table) == list(found.table.index) == ["examination", "formative", "stable", "regression"]
    assert 0.5 < found.macro_f1.estimate < 1
    lenient = stagecast.Config().overridden("stages", formative_days=2)
    assert stagecast.recovery(shop, lenient).table.loc[:, "formative"].sum() > found.table.loc[:, "formative"].sum()
