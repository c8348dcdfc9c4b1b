from datetime import date
from pathlib import Path

import deltalake
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from features.config import ClockConfig, OrdersConfig
from features.errors import DataError
from features.orders import load_orders, read_orders
from features.orders.sources import scan_orders
from features.orders.span import Span

CONFIG = OrdersConfig(columns={"ordered_at": "at"})


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Two months of orders, a file each; the second version of the table has b's orders deleted."""
    for month in ("2024-01", "2024-02"):
        at = pa.array([f"{month}-05", f"{month}-20"]).cast(pa.timestamp("us"))
        orders = pa.table({"customer_id": ["a", "b"], "at": at, "amount": [1.0, 2.0], "colour": ["red", "blue"]})
        deltalake.write_deltalake(tmp_path / "orders", orders, mode="append", partition_by=["colour"])
    deltalake.DeltaTable(tmp_path / "orders").delete("customer_id = 'b'")
    return tmp_path / "orders"


def test_deleted_rows_are_not_read(table: Path) -> None:
    read = read_orders(table, CONFIG)
    assert read["customer_id"].tolist() == ["a", "a"]
    assert set(read.columns) == {"customer_id", "ordered_at", "amount"}
    assert load_orders(str(table), CONFIG, ClockConfig()).report.rows_kept == 2


def test_a_partition_column_is_a_column(table: Path) -> None:
    config = OrdersConfig(columns={"ordered_at": "at", "category": "colour"})
    assert read_orders(table, config)["category"].tolist() == ["red", "red"]


def test_only_files_with_the_days_asked_for_are_opened(table: Path) -> None:
    january = next(file for file in table.rglob("*.parquet") if _month(file) == 1)
    january.write_bytes(b"no longer a Parquet file")
    read = read_orders(table, CONFIG, Span(since=date(2024, 2, 1)))
    assert read["ordered_at"].tolist() == [read["ordered_at"][0]]
    assert "january" not in read


def _month(file: Path) -> int:
    column = ds.dataset(file).to_table(columns=["at"])["at"]
    return int(column[0].as_py().month)


def test_ids_are_read_as_dictionaries(table: Path) -> None:
    assert pa.types.is_dictionary(scan_orders(table, CONFIG).schema.field("customer_id").type)


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "_delta_log").mkdir()
    with pytest.raises(DataError, match=str(tmp_path)):
        read_orders(tmp_path, OrdersConfig())
