"""Orders that several workers read: the same lines, quarantine, report and errors as where one process reads."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from deltalake import write_deltalake
from odd_lines import ODD, some_lines
from other_processes import OtherProcesses

import stagecast
from features.engine import Engine, Local
from features.errors import StagecastError
from features.orders.span import EVER
from features.orders.stretches import cut
from features.partitions.parted import Parted
from stagecast import reading
from stagecast.config import Config
from stagecast.reading import take_in

UNTIL = 18_400
IDS = [name for name in ODD[3:] if name.strip()]
SETTINGS = Config.model_validate({"orders": {"max_bad_share": 0.2}})


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "STRETCH", 700)


@pytest.fixture
def lines() -> pd.DataFrame:
    return some_lines([*IDS, *(f"c{k}" for k in range(50))], lines=3000)


def spoilt(lines: pd.DataFrame) -> pd.DataFrame:
    """Some rows that are to be set aside, of several kinds, in the first and the last stretches."""
    lines = lines.astype({"customer_id": "object", "ordered_at": "datetime64[us]"})
    lines.loc[lines.index[[3, 1500, 2990]], "customer_id"] = None
    lines.loc[lines.index[[5, 2999]], "ordered_at"] = pd.NaT
    lines.loc[lines.index[1400:1410], "ordered_at"] = pd.Timestamp("1950-01-01")
    return lines


def taken(orders: Path | str, folder: Path, engine: Engine, config: Config = SETTINGS) -> tuple[object, ...]:
    """All that is known of orders that were taken in."""
    folder.mkdir()
    parted = Parted(UNTIL, 10**9, folder)
    read = take_in(str(orders), parted, config, UNTIL, engine)
    share = parted.share_on(engine, whole_shop=False)
    logs = [share.runs.part(n).frame() for n in range(len(share))] if engine.workers > 1 else None  # type: ignore[attr-defined]
    told = read.report.lines(), read.report.reasons
    return told, read.quarantine, parted.since, logs


def test_the_same_report_and_quarantine(lines: pd.DataFrame, tmp_path: Path) -> None:
    orders = tmp_path / "orders.parquet"
    spoilt(lines).to_parquet(orders, row_group_size=100)
    one, other = taken(orders, tmp_path / "1", Local()), taken(orders, tmp_path / "2", OtherProcesses(times=2))
    assert list((tmp_path / "2" / "00003").iterdir()), "it was read apart"
    assert one[0] == other[0]
    pd.testing.assert_frame_equal(one[1], other[1])
    assert len(one[1]) == 15
    assert one[2] == other[2]


def test_every_line_once_and_those_of_a_customer_in_the_order_of_the_input(lines: pd.DataFrame, tmp_path: Path) -> None:
    lines = lines.assign(unit_price=np.arange(1.0, 3001))
    lines.to_parquet(tmp_path / "orders.parquet", row_group_size=100)
    logs = taken(tmp_path / "orders.parquet", tmp_path / "1", OtherProcesses())[3]
    assert len(logs) > 10
    assert all((log.groupby("customer_id")["unit_price"].diff().dropna() > 0).all() for log in logs)
    kept = lines["ordered_at"] < np.datetime64(UNTIL, "D")
    assert sorted(pd.concat(logs)["unit_price"]) == lines.loc[kept, "unit_price"].tolist()


def test_a_folder_of_files_that_differ_in_columns_and_types(lines: pd.DataFrame, tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()
    lines.iloc[:900].to_parquet(tmp_path / "orders" / "a.parquet")
    lines.iloc[900:1000].drop(columns="discount").to_parquet(tmp_path / "orders" / "b.parquet")
    lines.iloc[:0].to_parquet(tmp_path / "orders" / "c.parquet")
    lines.iloc[1000:].assign(quantity=1).to_parquet(tmp_path / "orders" / "d.parquet")
    one = taken(tmp_path / "orders", tmp_path / "1", Local())
    other = taken(tmp_path / "orders", tmp_path / "2", OtherProcesses())
    assert one[0] == other[0]
    assert one[2] == other[2]


def test_csv_files_one_stretch_each(lines: pd.DataFrame, tmp_path: Path) -> None:
    for k, part in enumerate(np.array_split(np.arange(3000), 3)):
        spoilt(lines).iloc[part].to_csv(tmp_path / f"{k}.csv", index=False)
    found = cut(str(tmp_path / "*.csv"), SETTINGS.orders, EVER, 700)
    assert found is not None
    assert [[part.path.name for part in one.parts] for one in found.stretches] == [["0.csv"], ["1.csv"], ["2.csv"]]
    one = taken(tmp_path / "*.csv", tmp_path / "1", Local())
    other = taken(tmp_path / "*.csv", tmp_path / "2", OtherProcesses())
    assert one[0] == other[0]
    pd.testing.assert_frame_equal(one[1], other[1])


@pytest.mark.parametrize("parted", [False, True])
def test_a_delta_table_by_its_files_unless_these_are_not_all_of_it(
    lines: pd.DataFrame, tmp_path: Path, parted: bool
) -> None:
    place, lines = tmp_path / "a b", spoilt(lines).assign(customer_id=lambda rows: rows["customer_id"].astype("str"))
    for part in np.array_split(np.arange(3000), 3):
        rows = pa.Table.from_pandas(lines.iloc[part], preserve_index=False)
        write_deltalake(place, rows, mode="append", partition_by=["order_id"] if parted else None)
    assert (cut(place, SETTINGS.orders, EVER, 700) is None) == parted
    one, other = taken(place, tmp_path / "1", Local()), taken(place, tmp_path / "2", OtherProcesses())
    assert one[0] == other[0]
    pd.testing.assert_frame_equal(one[1], other[1])


@contextmanager
def refusal() -> Iterator[list[str]]:
    said: list[str] = []
    try:
        yield said
    except StagecastError as error:
        said.append(f"{error.exit_code} {error}")


def mixed_zones(lines: pd.DataFrame) -> pd.DataFrame:
    text = lines["ordered_at"].astype(str)
    return lines.assign(ordered_at=text.where(lines.index != 2500, text + "+01:00"))


def unpriced(lines: pd.DataFrame) -> pd.DataFrame:
    return lines.assign(amount=lines["amount"].where(lines.index < 700), unit_price=np.nan)


BAD = {
    "too many bad rows": lambda lines: lines.assign(customer_id=lines["customer_id"].where(lines.index % 3 > 0)),
    "no row": lambda lines: lines.iloc[:0],
    "all later": lambda lines: lines.assign(ordered_at=np.datetime64("2024-01-01")),
    "zones in the last stretch": mixed_zones,
    "no amount from the second stretch on": unpriced,
    "no column": lambda lines: lines.drop(columns="customer_id"),
    "ids that are decimals": lambda lines: lines.assign(customer_id=1.5),
}


@pytest.mark.parametrize("what", BAD)
def test_what_one_process_refuses_is_refused_with_the_same_words(
    lines: pd.DataFrame, tmp_path: Path, what: str
) -> None:
    BAD[what](lines).to_parquet(tmp_path / "orders.parquet", row_group_size=100)
    said = []
    for name, engine in (("1", Local()), ("2", OtherProcesses())):
        with refusal() as one:
            told, aside, *_ = taken(tmp_path / "orders.parquet", tmp_path / name, engine)
            one.append(f"{told} {aside}")
        said.append(one)
    assert said[0] == said[1]


def test_a_file_that_changes_meanwhile_is_not_read_half_old_half_new(lines: pd.DataFrame, tmp_path: Path) -> None:
    orders = tmp_path / "orders.parquet"
    lines.to_parquet(orders, row_group_size=100)
    found = cut(orders, SETTINGS.orders, EVER, 700)
    assert found is not None
    lines.iloc[1:].to_parquet(orders, row_group_size=100)
    with pytest.raises(StagecastError, match="changed while the orders were read"):
        found.scan(found.stretches[2])


@pytest.mark.parametrize("source", ["postgresql://host/shop?table=orders", pd.DataFrame({"customer_id": ["a"]})])
def test_what_cannot_be_cut_is_left_to_one_process(source: object) -> None:
    assert cut(source, SETTINGS.orders, EVER, 700) is None


@pytest.mark.parametrize("whale", [False, True])
def test_features_are_the_same_however_they_were_made(
    lines: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whale: bool
) -> None:
    if whale:  # two thirds of all lines are one customer's
        lines = lines.assign(customer_id=lines["customer_id"].where(lines.index % 3 == 0, "c20"))
    orders, wire, files = tmp_path / "orders.parquet", OtherProcesses(times=2), set()
    lines.to_parquet(orders, row_group_size=100)
    for engine in (Local(), wire):
        monkeypatch.setattr("stagecast.feature_file.engine_of", lambda _, e=engine: nullcontext(e))
        config = Config.model_validate({"features": {"windows": [4, 13], "threads": 1}})
        stagecast.write_features(str(orders), ["2020-03-02", "2020-05-04"], tmp_path / "f.parquet", config)
        files.add((tmp_path / "f.parquet").read_bytes())
    assert len(files) == 1
    assert max(wire.sent) < 200_000, "lines and features go through files"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.parquet", "orders.parquet"]
