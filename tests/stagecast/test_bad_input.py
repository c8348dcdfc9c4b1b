"""Whatever comes in: a clear message and an exit code, or a stated, correct result; never a traceback."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from trained_shop import AS_OF, Shop

COMMANDS = ["check", "stages", "features", "train", "score"]
TELLING = ["stages", "features", "train", "score"]
"""The commands that take a cut-off."""

Write = Callable[[pd.DataFrame], Path]


def command(name: str, orders: object, shop: Shop, as_of: str = AS_OF) -> list[object]:
    store = ["--tracking-uri", shop.uri, "--config", shop.settings]
    return {
        "check": ["check", orders],
        "stages": ["stages", orders, "--as-of", as_of, "--out", "out.parquet"],
        "features": ["features", orders, "--cutoffs", as_of, "--out", "out.parquet"],
        "train": ["train", orders, "--as-of", as_of, *store],
        "score": ["score", orders, "--as-of", as_of, "--out", "scores", *store],
    }[name]


def made() -> list[Path]:
    """What was written, the quarantine apart."""
    return [path for path in Path().rglob("*") if path.is_file() and path.suffix == ".parquet" and path.stem != "bad"]


@pytest.fixture
def frame(shop: Shop) -> pd.DataFrame:
    """Six hundred order lines as text, as a CSV export would have them."""
    return shop.frame.head(600).astype({"quantity": str, "amount": str, "ordered_at": str})


def csv(frame: pd.DataFrame) -> Path:
    frame.to_csv("bad.csv", index=False)
    return Path("bad.csv")


def parquet(frame: pd.DataFrame) -> Path:
    frame.to_parquet("bad.parquet", index=False)
    return Path("bad.parquet")


def without_a_column(frame: pd.DataFrame) -> Path:
    return csv(frame.drop(columns="customer_id"))


def without_a_time(frame: pd.DataFrame) -> Path:
    return parquet(frame.drop(columns="ordered_at"))


def zero_bytes(_: pd.DataFrame) -> Path:
    Path("bad.csv").touch()
    return Path("bad.csv")


def zero_bytes_of_parquet(_: pd.DataFrame) -> Path:
    Path("bad.parquet").touch()
    return Path("bad.parquet")


def header_only(frame: pd.DataFrame) -> Path:
    return csv(frame.head(0))


def header_only_of_parquet(frame: pd.DataFrame) -> Path:
    return parquet(frame.head(0))


def text_in_a_number(frame: pd.DataFrame) -> Path:
    return csv(frame.assign(amount=["free" if row % 20 == 0 else cell for row, cell in enumerate(frame["amount"])]))


def dates_in_three_formats(frame: pd.DataFrame) -> Path:
    when = pd.to_datetime(frame["ordered_at"])
    written = [when.dt.strftime(form) for form in ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%y")]
    return csv(frame.assign(ordered_at=np.choose(np.arange(len(frame)) % 3, [text.to_numpy() for text in written])))


def missing_ids(frame: pd.DataFrame) -> Path:
    return csv(frame.assign(customer_id=frame["customer_id"].where(np.arange(len(frame)) % 10 > 0)))


def float_ids_with_nan(frame: pd.DataFrame) -> Path:
    return parquet(frame.assign(customer_id=pd.to_numeric(frame["customer_id"]).where(np.arange(len(frame)) % 10 > 0)))


def cut_in_half(frame: pd.DataFrame) -> Path:
    path = parquet(frame)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def no_table_at_all(_: pd.DataFrame) -> Path:
    Path("bad.csv").write_bytes(bytes(range(256)) * 9)
    return Path("bad.csv")


def ragged(frame: pd.DataFrame) -> Path:
    path = csv(frame)
    path.write_text(path.read_text("utf-8") + "1,2,3,4,5,6,7,8,9,10\n", encoding="utf-8")
    return path


def empty_folder(_: pd.DataFrame) -> Path:
    Path("folder").mkdir()
    return Path("folder")


def infinite_money(frame: pd.DataFrame) -> Path:
    return parquet(frame.assign(amount=np.where(np.arange(len(frame)) % 10 > 0, 1.0, np.inf)))


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (without_a_column, "no column 'customer_id'"),
        (without_a_time, "no column 'ordered_at'"),
        (zero_bytes, "empty"),
        (zero_bytes_of_parquet, "empty"),
        (header_only, "no rows"),
        (header_only_of_parquet, "no rows"),
        (text_in_a_number, "amount = 'free'"),
        (dates_in_three_formats, "several formats"),
        (missing_ids, "customer_id is missing ("),
        (float_ids_with_nan, "customer_id"),
        (cut_in_half, "cannot be read"),
        (no_table_at_all, "cannot be read"),
        (ragged, "cannot be read"),
        (empty_folder, "no Parquet file"),
        (infinite_money, "amount is infinite"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_orders_that_cannot_be_used_are_refused_by_every_command(
    run, shop: Shop, frame: pd.DataFrame, write: Write, words: str
) -> None:
    path = write(frame)
    for name in COMMANDS:
        done = run(*command(name, path, shop))
        assert (name, done.code) == (name, 3)
        assert words in done.err
        assert "to do:" in done.err
        assert not made()


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("path", ["missing.parquet", "nothing/*.csv", "https://example.org/orders.csv"])
def test_orders_that_are_not_there(run, shop: Shop, name: str, path: str) -> None:
    done = run(*command(name, path, shop))
    assert done.code == 2
    assert path in done.err


@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_of_an_unknown_kind(run, shop: Shop, name: str) -> None:
    Path("orders.xlsx").write_bytes(b"PK")
    done = run(*command(name, "orders.xlsx", shop))
    assert done.code == 2
    assert ".parquet, .csv" in done.err


@pytest.mark.parametrize("name", TELLING)
@pytest.mark.parametrize(
    ("as_of", "code", "words"),
    [
        ("1996-12-30", 3, r"before the cut-off[\s\S]*1997"),
        ("1998-03-04", 2, "1998-03-02 or 1998-03-09"),
        ("1998-02-30", 2, "must be a date"),
        ("02/03/1998", 2, "YYYY-MM-DD"),
        ("", 2, "cut-off"),
        ("0001-01-01", 2, "must lie near the orders"),
        ("9999-12-27", 2, "must lie near the orders"),
    ],
)
def test_cut_offs_that_cannot_be_used(run, shop: Shop, name: str, as_of: str, code: int, words: str) -> None:  # noqa: PLR0917
    done = run(*command(name, shop.orders, shop, as_of))
    assert done.code == code
    assert re.search(words, done.err)
    assert not made()


@pytest.mark.parametrize("name", ["stages", "score"])
def test_a_cut_off_long_after_all_orders_is_answered_with_a_note(run, shop: Shop, name: str) -> None:
    done = run(*command(name, shop.orders, shop, "2008-03-03"))
    assert done.code == 0
    assert "the orders end on 1998-06-30, 3,533 days before the cut-off" in done.out
    (path,) = made()
    assert set(pd.read_parquet(path)["stage"]) == {"regression"}


@pytest.mark.slow
def test_training_long_after_all_orders_uses_what_was_finished(run, shop: Shop) -> None:
    settings = shop.settings.read_text("utf-8").replace("[training]", '[training]\nmodel_name = "late"')
    Path("late.toml").write_text(settings, encoding="utf-8")
    wanted = ["--config", "late.toml", "--tracking-uri", shop.uri]
    done = run("train", shop.orders, "--as-of", "2008-03-03", *wanted)
    assert done.code == 0
    assert "Judged out of time at 1998-06-01" in done.out
    assert "the orders end on 1998-06-30" in done.out


@pytest.mark.parametrize("rows", [1, 10])
def test_a_handful_of_orders(run, shop: Shop, rows: int) -> None:
    """Too few to learn from; enough to be described, and scored by a model that learnt elsewhere."""
    path = parquet(shop.frame.head(rows))
    codes = {name: run(*command(name, path, shop)) for name in COMMANDS}
    assert {name: done.code for name, done in codes.items()} == dict.fromkeys(COMMANDS, 0) | {"train": 3}
    assert "too short" in codes["train"].err or "too few" in codes["train"].err
    assert "Note: the stage spec rests on" in codes["stages"].out
    assert len(pd.read_parquet("scores")) == shop.frame.head(rows)["customer_id"].nunique()


def test_one_customer(run, shop: Shop) -> None:
    busiest = shop.frame["customer_id"].value_counts().index[0]
    path = parquet(shop.frame[shop.frame["customer_id"] == busiest])
    codes = {name: run(*command(name, path, shop)) for name in COMMANDS}
    assert {name: done.code for name, done in codes.items()} == dict.fromkeys(COMMANDS, 0) | {"train": 3}
    assert "too few customers" in codes["train"].err
    assert pd.read_parquet("out.parquet")["customer_id"].tolist() == [busiest]
    assert pd.read_parquet("scores")["customer_id"].tolist() == [busiest]


STRANGE = [
    *("é", "e\u0301", "顾客", "🛒", "\u200fab", "../x", "a/b", "/etc/passwd", "as_of=1"),
    *("=cmd|' /C calc'!A0", "+1", "@x", "00123", "123", "a\tb", "a\nb", 'a"b', "x;y", "NULLABLE", "a" * 10_000),
]


@pytest.mark.parametrize("write", [csv, parquet])
def test_strange_ids_come_out_as_they_came_in_and_are_never_a_path(run, shop: Shop, write: Write) -> None:
    frame = shop.frame.head(len(STRANGE) * 20).assign(customer_id=STRANGE * 20)
    path = write(frame)
    assert run("check", path).code == 0
    before = {str(entry) for entry in Path("..").rglob("*")}
    for name in ("stages", "features", "score"):
        assert run(*command(name, path, shop)).code == 0
        table = pd.read_parquet("scores" if name == "score" else "out.parquet")
        assert sorted(table["customer_id"]) == sorted(STRANGE)
    new = {str(entry) for entry in Path("..").rglob("*")} - before
    assert not [path for path in new for strange in STRANGE if strange != "123" and Path(path).name == strange]
    assert {path.removeprefix("../here/").split("/")[0] for path in new} == {"out.parquet", "scores"}


def test_ids_that_are_numbers_stay_whole(run, shop: Shop) -> None:
    path = parquet(shop.frame.assign(customer_id=shop.frame["customer_id"].astype("int64") + 9_007_199_254_740_992))
    assert run(*command("stages", path, shop)).code == 0
    assert set(pd.read_parquet("out.parquet")["customer_id"].str.len()) == {16}


def test_orders_that_are_all_returns(run, shop: Shop) -> None:
    path = parquet(shop.frame.assign(amount=-1.0, quantity=-1))
    done = run("check", path)
    assert done.code == 0
    assert "lines that are returns: 5,778" in done.out
    for name in TELLING:
        done = run(*command(name, path, shop))
        assert (name, done.code) == (name, 3)
        assert "customer" in done.err
    assert not made()


# --- places that cannot be used


@pytest.mark.parametrize("name", ["stages", "features"])
def test_an_output_that_is_a_folder(run, shop: Shop, name: str) -> None:
    Path("out.parquet").mkdir()
    done = run(*command(name, shop.orders, shop))
    assert done.code == 2
    assert "a folder" in done.err


def test_scores_do_not_replace_a_file(run, shop: Shop) -> None:
    Path("scores").write_text("mine")
    done = run(*command("score", shop.orders, shop))
    assert done.code == 2
    assert Path("scores").read_text() == "mine"


@pytest.mark.parametrize("name", ["stages", "features", "score"])
def test_an_output_below_a_file(run, shop: Shop, name: str) -> None:
    Path("file").write_text("mine")
    wanted = [str(part).replace("out.parquet", "file/o.parquet") for part in command(name, shop.orders, shop)]
    wanted = ["file/scores" if part == "scores" else part for part in wanted]
    done = run(*wanted)
    assert done.code == 1
    assert "cannot be written" in done.err
    assert "file" in done.err


@pytest.mark.parametrize("name", ["stages", "features", "score"])
def test_an_output_one_may_not_write_to(run, shop: Shop, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    Path("scores").mkdir()
    monkeypatch.setattr(Path, "replace", refuse)
    done = run(*command(name, shop.orders, shop))
    assert done.code == 1
    assert "Permission denied" in done.err
    assert not made()


def test_an_older_output_is_replaced(run, shop: Shop) -> None:
    Path("out.parquet").write_text("old")
    assert run(*command("stages", shop.orders, shop)).code == 0
    assert len(pd.read_parquet("out.parquet")) == 1965


@pytest.mark.parametrize("name", ["train", "score", "promote"])
@pytest.mark.parametrize("content", [b"this is no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_mlflow_database(run, shop: Shop, name: str, content: bytes) -> None:
    Path("mlflow.db").write_bytes(content)
    few = parquet(shop.frame.head(10))
    wanted = ["promote"] if name == "promote" else command(name, shop.orders if name == "score" else few, shop)
    done = run(*[part for part in wanted if part not in ("--tracking-uri", shop.uri)])
    assert done.code in {1, 3}
    if name != "train":  # which finds first that ten orders teach nothing
        assert "the MLflow store cannot be opened" in done.err
    assert Path("mlflow.db").read_bytes() == content


def test_a_server_that_is_away(run, shop: Shop) -> None:
    wanted = [part if part != shop.uri else "http://127.0.0.1:9" for part in command("score", shop.orders, shop)]
    done = run(*wanted)
    assert done.code == 1
    assert "http://127.0.0.1:9" in done.err
    assert not made()


@pytest.mark.parametrize("content", ["", "{}", "no json", '{"constants": {}}'])
def test_a_spec_that_is_none(run, shop: Shop, content: str) -> None:
    Path("spec.json").write_text(content)
    done = run(*command("stages", shop.orders, shop), "--spec", "spec.json")
    assert done.code == 2
    assert "no stage spec" in done.err
    assert run(*command("stages", shop.orders, shop), "--spec", "missing.json").code == 2
