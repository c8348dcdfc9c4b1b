"""Whoever is named in a file is found there, however it is written; and nobody else is."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.erasure.remove import remove
from serving.erasure.trace import trace
from serving.erasure.who import LONG, Who

IDS = ["12748", "c1", "顾客é", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", 'a"b', "../../etc/passwd"]
OTHERS = ["127480", "c12", "é", "1", "x"]

Write = Callable[[list[str], Path], None]


def frame(ids: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": ids, "product_id": "c1", "amount": 12748.0, "reasons": "silent for 3 weeks"})


def parquet(ids: list[str], path: Path) -> None:
    frame(ids).to_parquet(path, index=False, compression="zstd")


def plain_parquet(ids: list[str], path: Path) -> None:
    table = pa.Table.from_pandas(frame(ids), preserve_index=False)
    pq.write_table(table, path, compression="none", use_dictionary=False, write_statistics=False)


def dictionary(ids: list[str], path: Path) -> None:
    column = pa.array(ids).dictionary_encode()
    pq.write_table(pa.table({"customer_id": column, "n": range(len(ids))}), path)


def csv(ids: list[str], path: Path) -> None:
    frame(ids).to_csv(path, index=False)


def packed_csv(ids: list[str], path: Path) -> None:
    path.write_bytes(gzip.compress(frame(ids).to_csv(index=False).encode()))


def document(ids: list[str], path: Path) -> None:
    path.write_text(json.dumps({"top": [{"customer_id": name, "risk": 0.5} for name in ids], "rows": 12748}))


def page(ids: list[str], path: Path) -> None:
    from markupsafe import escape

    rows = "".join(f"<tr><td> {escape(name)} </td><td>12748.00</td></tr>" for name in ids)
    path.write_text(f"<table>{rows}</table>", encoding="utf-8")


FORMS: dict[str, Write] = {
    "a.parquet": parquet,
    "b.parquet": plain_parquet,
    "c.parquet": dictionary,
    "d.csv": csv,
    "e.csv.gz": packed_csv,
    "f.json": document,
    "g.html": page,
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("customer", IDS)
def test_found_removed_and_not_found(tmp_path: Path, name: str, customer: str) -> None:
    path, who = tmp_path / name, Who(customer)
    FORMS[name]([*OTHERS, customer], path)
    assert trace(path, who)
    remove(path, who)
    if path.exists():
        assert trace(path, who) is None
        for other in OTHERS:
            assert trace(path, Who(other)), f"{other} has gone too"
        assert len(customer) < LONG or customer.encode() not in path.read_bytes()
    else:
        assert name.endswith("html")


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("customer", IDS)
def test_who_is_not_there_is_not_found(tmp_path: Path, name: str, customer: str) -> None:
    FORMS[name](OTHERS, tmp_path / name)
    assert trace(tmp_path / name, Who(customer)) is None


def test_a_dictionary_that_outlived_its_rows(tmp_path: Path) -> None:
    """Rows were filtered, the dictionary was kept: the word is compressed, and no row has it."""
    path = tmp_path / "x.parquet"
    column = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["other", "c1"]))
    pq.write_table(pa.table({"customer_id": column}), path, compression="zstd")
    assert pq.read_table(path)["customer_id"].to_pylist() == ["other", "other"]
    assert trace(path, Who("c1")) == "column customer_id"
    remove(path, Who("c1"))
    assert trace(path, Who("c1")) is None


def test_statistics_name_the_first_and_the_last(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"customer_id": ["a", "m", "z"]}), path, use_dictionary=False)
    assert trace(path, Who("z")) == "the statistics of column customer_id"


def test_long_ids_are_found_in_any_bytes(tmp_path: Path) -> None:
    path = tmp_path / "core.dump"
    path.write_bytes(b"\xff\x00" * 50 + b"customer-0001" + b"\xfe" * 9)
    assert trace(path, Who("customer-0001")) == "the bytes"
    assert trace(path, Who("customer-0002")) is None


def test_a_damaged_file_is_looked_through_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    plain_parquet(["customer-0001", "b"], path)
    path.write_bytes(path.read_bytes()[:-9])
    assert trace(path, Who("customer-0001"))


@pytest.mark.parametrize("customer", ["a\nb", "x" * 500, "\u202ea"])
def test_pages_show_ids_in_their_own_way(tmp_path: Path, customer: str) -> None:
    from markupsafe import escape

    from serving.report import spelt

    (tmp_path / "x.html").write_text(f"<td>{escape(spelt(customer))}</td>", encoding="utf-8")
    assert trace(tmp_path / "x.html", Who(customer))
    assert trace(tmp_path / "x.html", Who("x" * 501)) is None


def test_exports_for_spreadsheets(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("\ufeffcustomer_id,product_id\n'=1+1,c1\nc2,c1\n", encoding="utf-8")
    assert trace(path, Who("=1+1"))
    assert trace(path, Who("c1")) is None
    remove(path, Who("=1+1"))
    assert path.read_text("utf-8").split() == ["\ufeffcustomer_id,product_id", "c2,c1"]


def test_a_hashed_name_is_a_name(tmp_path: Path) -> None:
    page(["5bdcc146bf60754e6a04"], tmp_path / "x.html")
    assert trace(tmp_path / "x.html", Who("c1", hashed="5bdcc146bf60754e6a04"))
    assert trace(tmp_path / "x.html", Who("c1")) is None


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1).filter(lambda text: text.strip() == text), st.sampled_from([parquet, dictionary, document]))
def test_any_id_is_found_and_removed(tmp_path: Path, customer: str, write: Write) -> None:
    path, who = tmp_path / ("x.json" if write is document else "x.parquet"), Who(customer)
    write([customer, "the other one"], path)
    assert trace(path, who)
    remove(path, who)
    assert trace(path, who) is None or customer in "the other one"
