"""10. An id is text, letter for letter: never a number, a path, a formula or markup."""

import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from made_weeks import WEEK, made_stamp, made_week
from published import scores
from trained_shop import AS_OF, Shop

from serving.export import export
from serving.store import open_store

STRANGE = [
    *("é", "e\u0301", "顾客", "\U0001f6d2", "\u200fab", "a b", "00123", "123", "9223372036854775808", "1e5", "0x1F"),
    *("../../x", "/etc/passwd", "a/b", "as_of=1998-03-02", "=cmd|' /C calc'!A0", "+1", "-1", "@x", "a\tb", "a\nb"),
    *("<script>alert(1)</script>", "&lt;", 'a"b', "'; DROP TABLE scores; --", "a\x00b", "a\rb", "顾" * 10_000),
]

Ids = Callable[[pd.DataFrame], list[str]]


def orders(shop: Shop) -> pd.DataFrame:
    return shop.frame.head(len(STRANGE) * 20).assign(customer_id=STRANGE * 20)


def promise(ids: Ids, table: pd.DataFrame) -> None:
    assert ids(table) == sorted(STRANGE), "an id changed on the way"


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_through_the_whole_road(run, shop: Shop, form: str) -> None:
    def road(table: pd.DataFrame) -> list[str]:
        path = Path(f"orders.{form}")
        table.to_parquet(path, index=False) if form == "parquet" else table.to_csv(
            path, index=False, quoting=csv.QUOTE_ALL
        )
        store = ["--config", shop.settings, "--tracking-uri", shop.uri]
        done = run("score", path, "--as-of", AS_OF, "--out", "scores", *store)
        assert done.code == 0, done.err
        return sorted(scores("scores")["customer_id"])

    promise(road, orders(shop))
    above = {entry.name for entry in Path("..").iterdir()}
    assert above == {"here"}, "an id became a path"
    assert not [path for path in Path().rglob("*") if "script" in path.name or "passwd" in path.name]


@pytest.mark.parametrize(
    "careless",
    [
        lambda table: sorted(table["customer_id"].str.strip().str.lower().unique()),
        lambda table: sorted(set(pd.to_numeric(table["customer_id"], errors="coerce").fillna(0).astype(str))),
        lambda table: sorted(table["customer_id"].str.normalize("NFC").unique()),
        lambda table: sorted({text.split("\x00")[0] for text in table["customer_id"]}),
    ],
    ids=["trimmed", "numbers", "normalised", "C strings"],
)
def test_a_careless_road_is_noticed(shop: Shop, careless: Ids) -> None:
    with pytest.raises(AssertionError, match="an id changed"):
        promise(careless, orders(shop))


def harmless(cells: list[str]) -> None:
    """No spreadsheet takes a cell for a formula (OWASP, "CSV Injection")."""
    assert not [cell for cell in cells if cell.lstrip(" \u200f")[:1] in tuple("=+-@\t\r")], "a cell is a formula"


def exported(folder: Path) -> list[str]:
    store = open_store(folder / "scores")
    store.publish([made_week(WEEK, STRANGE)], made_stamp(WEEK))
    export(store, WEEK, folder / "week.csv", ["customer_id", "reasons"])
    with (folder / "week.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["customer_id"] for row in csv.DictReader(line.replace("\0", "\\0") for line in file)]


def test_an_export_is_harmless_and_loses_nothing(tmp_path: Path) -> None:
    cells = exported(tmp_path)
    harmless(cells)
    plain = [one.replace("\0", "\\0") for one in STRANGE]
    assert sorted(cell.removeprefix("'") for cell in cells) == sorted(plain)


def test_an_export_without_its_guard_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.export.guarded", lambda texts: texts)
    with pytest.raises(AssertionError, match="a cell is a formula"):
        harmless(exported(tmp_path))
