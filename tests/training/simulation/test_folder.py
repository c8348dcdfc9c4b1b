"""A folder that is there is complete, and never somebody else's."""

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import stagecast
from features.errors import StagecastError, UsageError
from features.files import hidden
from training.simulation import SCENARIOS, Scenario, folder, simulate, stream
from training.simulation import partition as partition_module
from training.simulation.folder import Shop, write_shop

SHOP = Shop(SCENARIOS["young-shop"], 150, seed=3)


@pytest.fixture(autouse=True)
def small_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (folder, stream, partition_module):
        monkeypatch.setattr(module, "CUSTOMERS", 60)


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_what_is_written_is_what_simulate_makes(tmp_path: Path) -> None:
    written: list[int] = []
    assert write_shop(SHOP, tmp_path / "deep" / "shop", told=written.append)
    made = simulate(SHOP.scenario, SHOP.customers, SHOP.seed)
    for name, table in (("orders", made.orders), ("truth", made.truth)):
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "deep" / "shop" / name), table, check_exact=True)
    assert written == [60, 120, 150]
    names = [f"{table}/part-{number:05}.parquet" for table in ("orders", "truth") for number in range(3)]
    assert list(contents(tmp_path / "deep" / "shop")) == [*names[:3], "scenario.json", *names[3:]]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["shop"]


def test_workers_do_not_change_a_byte(tmp_path: Path) -> None:
    for workers in (1, 3):
        write_shop(SHOP, tmp_path / str(workers), workers=workers)
    assert contents(tmp_path / "1") == contents(tmp_path / "3")


def test_the_description_says_how_it_was_made(tmp_path: Path) -> None:
    write_shop(SHOP, tmp_path / "shop")
    said = json.loads((tmp_path / "shop" / "scenario.json").read_text(encoding="utf-8"))
    assert (said["name"], said["customers"], said["seed"]) == ("young-shop", 150, 3)
    assert Scenario.model_validate(said["scenario"]) == SHOP.scenario
    assert Shop(Scenario(weeks=20), 5).name == "own"


def test_the_orders_can_be_checked_and_texts_are_plain(tmp_path: Path) -> None:
    write_shop(SHOP, tmp_path / "shop")
    clean = stagecast.check(str(tmp_path / "shop" / "orders"))
    assert (len(clean.quarantine), clean.report.customers) == (0, 150)
    schema = pq.read_schema(tmp_path / "shop" / "orders" / "part-00000.parquet")
    assert str(schema.field("order_id").type) == "string"
    assert str(schema.field("ordered_at").type) == "timestamp[us]"


def test_the_same_shop_is_left_as_it_is(tmp_path: Path) -> None:
    write_shop(SHOP, tmp_path / "shop")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "shop").rglob("*")}
    assert not write_shop(SHOP, tmp_path / "shop")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "shop").rglob("*")} == times


@pytest.mark.parametrize("other", [Shop(SHOP.scenario, 150, 4), Shop(SHOP.scenario, 151, 3), Shop(Scenario(), 150, 3)])
def test_another_shop_is_not_overwritten(tmp_path: Path, other: Shop) -> None:
    write_shop(SHOP, tmp_path / "shop")
    before = contents(tmp_path / "shop")
    with pytest.raises(UsageError, match="something else is there"):
        write_shop(other, tmp_path / "shop")
    assert contents(tmp_path / "shop") == before


def test_a_file_or_a_folder_in_use_is_refused_and_an_empty_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    (tmp_path / "empty").mkdir()
    for name in ("file", "full"):
        with pytest.raises(UsageError, match="something else is there"):
            write_shop(SHOP, tmp_path / name)
    assert write_shop(SHOP, tmp_path / "empty")


def test_what_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    write = folder._write_table
    monkeypatch.setattr(folder, "_write_table", lambda t, p: full() if p.name.endswith("1.parquet") else write(t, p))
    with pytest.raises(StagecastError, match="No space left"):
        write_shop(SHOP, tmp_path / "shop")
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    with hidden(tmp_path / "shop") as place:
        maker = place.name.rpartition(".")[0]
    (tmp_path / f"{maker}.999999999" / "orders").mkdir(parents=True)
    (tmp_path / f"{maker}.1").mkdir()  # process 1 is alive
    write_shop(SHOP, tmp_path / "shop")
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{maker}.1", "shop"]
