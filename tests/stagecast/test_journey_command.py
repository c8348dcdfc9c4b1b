"""`stagecast stages --customer`, `--draw` and `--pictures`; and the verb."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import stagecast
from features.stages.journey import Journey

AS_OF = "2021-01-04"
IDS = ["c-1", "c-10", "$x$ <b>", "a\tb", "客户"]


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    rows = [(name, day) for k, name in enumerate(IDS) for day in range(1 + 40 * k, 600, 9 + 11 * k)]
    at = np.datetime64(AS_OF) - np.array([day for _, day in rows]).astype("timedelta64[D]")
    table = pd.DataFrame({"customer_id": [name for name, _ in rows], "ordered_at": at.astype("datetime64[us]")})
    table.assign(amount=12.5).to_parquet(tmp_path / "orders.parquet")
    return tmp_path / "orders.parquet"


def test_one_customer_needs_no_out(run, orders: Path) -> None:
    ran = run("stages", orders, "--as-of", AS_OF, "--customer", "c-1")
    assert ran.code == 0
    assert ran.last == f"This is the journey of customer c-1 up to {AS_OF}"
    assert "examination -> formative: " in ran.out
    assert not list(Path().glob("*.parquet"))


def test_a_journey_is_drawn_where_asked_and_the_table_written_too(run, orders: Path) -> None:
    ran = run("stages", orders, "--as-of", AS_OF, "--customer", "$x$ <b>", "--draw", "new/x.svg", "--out", "s.parquet")
    assert ran.code == 0
    assert "The journey of customer $x$ <b> up to 2021-01-04 is drawn in new/x.svg" in ran.out
    assert ran.last.startswith("Stages of 5 customers at")
    assert Path("new/x.svg").read_text(encoding="utf-8").count("<b>") == 0
    assert len(pd.read_parquet("s.parquet")) == 5


def test_pictures_of_the_shop(run, orders: Path) -> None:
    ran = run("stages", orders, "--as-of", AS_OF, "--pictures", "drawn")
    assert ran.code == 0
    assert ran.last.endswith("are in drawn: mix.png, flow.png, transitions.png, survival.png")
    assert sorted(path.name for path in Path("drawn").iterdir()) == [
        *("flow.png", "mix.png", "survival.png", "transitions.png")
    ]


@pytest.mark.parametrize("customer", ["c-2", "a\x1b[2Jb", "../../x", "", "客"])
def test_an_unknown_customer_is_told_who_is_near(run, orders: Path, customer: str) -> None:
    ran = run("stages", orders, "--as-of", AS_OF, "--customer", customer)
    assert ran.code == 2
    assert "this customer is not known at the cut-off" in ran.err
    assert "\x1b" not in ran.err + ran.out
    assert ("did you mean 'c-1', or 'c-10'?" in ran.err) or customer != "c-2"


def test_an_id_is_never_a_path_and_moves_no_cursor(run, orders: Path) -> None:
    ran = run("stages", orders, "--as-of", AS_OF, "--customer", "a\tb")
    assert ran.last == rf"This is the journey of customer a\tb up to {AS_OF}"
    assert not list(Path().iterdir())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--draw", "x.png"], "--draw draws one customer"),
        (["--customer", "c-1", "--draw", "x.gif"], "a picture is one file"),
        (["--customer", "c-1", "--draw", "folder"], "a picture is one file"),
        (["--pictures", "file"], "pictures go into a folder"),
        ([], "--out is missing"),
    ],
)
def test_wrong_options_are_refused_before_the_work(run, orders: Path, options: list[str], said: str) -> None:
    Path("folder").mkdir()
    Path("file").write_text("", encoding="utf-8")
    ran = run("stages", orders, "--as-of", AS_OF, *options)
    assert ran.code == 2
    assert said in ran.err
    assert "read the orders" not in ran.err


def test_the_verb(orders: Path) -> None:
    told = stagecast.journey(str(orders), "c-10", AS_OF)
    assert isinstance(told, Journey)
    assert told.moves["after"].iloc[0] == "examination"
    assert told.ticks["tick"].iloc[-1] == pd.Timestamp(AS_OF)
    assert told.lines()[0].startswith("Customer c-10 at 2021-01-04: ")
