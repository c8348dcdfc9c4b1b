import gzip
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from features.config import ClockConfig, OrdersConfig
from features.errors import DataError, StagecastError, UsageError
from features.orders import read_orders
from features.orders.sources import read_batches, read_table, scan_orders
from features.orders.span import Span

CONFIG = OrdersConfig()
TABLE = pa.table(
    {
        "customer_id": ["00123", "b", "b"],
        "order_id": [7, None, 9007199254740993],
        "ordered_at": pa.array(["2024-01-01", "2024-01-02", "2024-01-03"]).cast(pa.timestamp("us")),
        "amount": pa.array([Decimal("1.10"), None, Decimal("3.00")]),
        "colour": ["red", "blue", "blue"],
    }
)
ROWS = [("00123", "1.10"), ("b", None), ("b", "3.00")]
CSV = "customer_id,ordered_at,amount,colour\n00123,2024-01-01,1.10,red\nb,2024-01-02,,blue\nb,2024-01-03,3.00,\n"


def rows(frame: pd.DataFrame) -> list[tuple[str, str | None]]:
    amounts = [None if pd.isna(amount) else str(amount) for amount in frame["amount"]]
    return list(zip(frame["customer_id"].astype(str), amounts, strict=True))


def mapped(**columns: str) -> OrdersConfig:
    return OrdersConfig(columns=columns)


class Polarlike:
    """Hands a table out as polars does: through the Arrow stream, text as string_view."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        views = TABLE.set_column(0, "customer_id", TABLE["customer_id"].cast(pa.string_view()))
        return views.__arrow_c_stream__(requested_schema)


def test_one_parquet_file(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "o.parquet")
    read = read_orders(tmp_path / "o.parquet", CONFIG)
    assert list(read.columns) == ["customer_id", "order_id", "ordered_at", "amount"]
    assert rows(read) == ROWS
    assert read["order_id"][2] == 9007199254740993  # would be ...992 had a null turned it into a float


@pytest.mark.parametrize("where", ["", "*.parquet", "**/*.parquet"])
def test_folder_and_globs(tmp_path: Path, where: str) -> None:
    pq.write_table(TABLE.slice(0, 1), tmp_path / "1.parquet")
    pq.write_table(TABLE.slice(1), tmp_path / "2.parquet")
    if not where:
        pq.write_table(pa.table({"x": [1]}), tmp_path / "_metadata.parquet")
    assert rows(read_orders(str(tmp_path / where), CONFIG)) == ROWS


def test_folder_within_folders(tmp_path: Path) -> None:
    (tmp_path / "year=2024").mkdir()
    pq.write_table(TABLE, tmp_path / "year=2024" / "1.parquet")
    assert rows(read_orders(tmp_path, CONFIG)) == ROWS


def test_files_may_lack_an_optional_column_or_hold_it_empty(tmp_path: Path) -> None:
    pq.write_table(TABLE.append_column("category", TABLE["colour"]), tmp_path / "1.parquet")
    pq.write_table(TABLE, tmp_path / "2.parquet")
    pq.write_table(TABLE.append_column("category", pa.nulls(3)), tmp_path / "3.parquet")
    assert read_orders(tmp_path, CONFIG)["category"].isna().tolist() == [False] * 3 + [True] * 6


def test_files_that_disagree_on_a_type_are_refused(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "1.parquet")
    pq.write_table(TABLE.set_column(0, "customer_id", pa.array([1, 2, 3])), tmp_path / "2.parquet")
    with pytest.raises(DataError, match="customer_id"):
        read_orders(tmp_path, CONFIG)


@pytest.mark.parametrize("text", [CSV, "\ufeff" + CSV, CSV.replace(",", ";"), CSV.replace("\n", "\r\n")])
def test_csv_is_read_as_text(tmp_path: Path, text: str) -> None:
    (tmp_path / "o.csv").write_bytes(text.encode())
    assert rows(read_orders(tmp_path / "o.csv", CONFIG)) == ROWS


def test_csv_compressed_and_by_glob(tmp_path: Path) -> None:
    (tmp_path / "1.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    (tmp_path / "2.csv").write_text(CSV)
    assert rows(read_orders(tmp_path / "*.csv*", CONFIG)) == ROWS * 2


def test_csv_cells_may_hold_line_breaks_and_commas(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text('customer_id,ordered_at,category\n"a,\nb",2024-01-01,"x\ny"\n')
    assert read_orders(tmp_path / "o.csv", CONFIG)["customer_id"].tolist() == ["a,\nb"]


@pytest.mark.parametrize("source", [TABLE, Polarlike(), TABLE.to_reader()])
def test_arrow_tables(source: pa.Table) -> None:
    assert rows(read_orders(source, CONFIG)) == ROWS


def test_a_frame_is_left_as_it_is() -> None:
    frame = TABLE.to_pandas().set_axis([10, 20, 30])
    before = frame.copy(deep=True)
    read = read_orders(frame, CONFIG)
    read.loc[0, "customer_id"] = "changed"
    pd.testing.assert_frame_equal(frame, before)
    assert list(read.index) == [0, 1, 2]


def test_an_index_saved_by_pandas_is_a_column_again(tmp_path: Path) -> None:
    TABLE.to_pandas().set_index("customer_id").to_parquet(tmp_path / "o.parquet")
    assert rows(read_orders(tmp_path / "o.parquet", CONFIG)) == ROWS


def test_names_are_mapped(tmp_path: Path) -> None:
    table = TABLE.rename_columns(["Customer.ID", "order_id", "Invoice Date", "£", "colour"])
    config = mapped(customer_id="Customer.ID", ordered_at="Invoice Date", amount="£", category="colour")
    pq.write_table(table, tmp_path / "o.parquet")
    from_file, from_frame = read_orders(tmp_path / "o.parquet", config), read_orders(table.to_pandas(), config)
    assert list(from_file.columns) == list(from_frame.columns)
    assert set(from_file.columns) == {"customer_id", "order_id", "ordered_at", "category", "amount"}
    assert rows(from_file) == rows(from_frame) == ROWS


def test_int96_stamps_beyond_nanoseconds_do_not_wrap_round(tmp_path: Path) -> None:
    stamps = pa.array(["9999-12-31", "2024-01-01", "2024-01-02"]).cast(pa.timestamp("us"))
    table = TABLE.set_column(2, "ordered_at", stamps)
    pq.write_table(table, tmp_path / "o.parquet", use_deprecated_int96_timestamps=True)
    assert read_orders(tmp_path / "o.parquet", CONFIG)["ordered_at"][0].year == 9999


def refused(source: object, config: OrdersConfig, kind: type[StagecastError]) -> str:
    with pytest.raises(kind) as caught:
        read_orders(source, config)  # type: ignore[arg-type]
    return str(caught.value)


def test_missing_column_names_it_and_the_closest() -> None:
    message = refused(TABLE.rename_columns(["CustomerID", "b", "ordered_at", "d", "e"]), CONFIG, DataError)
    assert "'customer_id'" in message
    assert "'CustomerID', 'b'" in message
    assert '[orders.columns] customer_id = "CustomerID"' in message


def test_mapping_to_a_column_that_is_not_there() -> None:
    message = refused(TABLE, mapped(amount="amuont"), DataError)
    assert "'amuont'" in message
    assert 'amount = "amount"' in message


def test_mapping_of_a_name_that_is_not_canonical() -> None:
    assert "'customer'" in refused(TABLE, mapped(customer="customer_id"), UsageError)


def test_one_column_for_two_names() -> None:
    assert "'order_id'" in refused(TABLE, mapped(product_id="order_id"), UsageError)


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    frame = TABLE.to_pandas()
    frame.columns = pd.Index(["customer_id", "customer_id", "ordered_at", "amount", "colour"])
    (tmp_path / "o.csv").write_text("customer_id,ordered_at,ordered_at\na,2024-01-01,2024-01-01\n")
    assert "'customer_id'" in refused(frame, CONFIG, DataError)
    assert "'ordered_at'" in refused(tmp_path / "o.csv", CONFIG, DataError)


def test_unused_columns_may_share_a_name() -> None:
    frame = TABLE.to_pandas().drop(columns="order_id")
    frame.columns = pd.Index(["customer_id", "ordered_at", "x", "x"])
    assert list(read_orders(frame, CONFIG).columns) == ["customer_id", "ordered_at"]


def test_nothing_there(tmp_path: Path) -> None:
    assert "no.parquet" in refused(tmp_path / "no.parquet", CONFIG, UsageError)
    assert "*.csv" in refused(tmp_path / "*.csv", CONFIG, UsageError)


def test_folder_without_parquet(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text(CSV)
    assert "*.csv" in refused(tmp_path, CONFIG, DataError)


def test_unknown_ending_and_unknown_object(tmp_path: Path) -> None:
    (tmp_path / "o.xlsx").write_text(CSV)
    assert ".parquet" in refused(tmp_path / "o.xlsx", CONFIG, UsageError)
    assert "list" in refused([1], CONFIG, UsageError)


@pytest.mark.parametrize("name", ["o.parquet", "o.csv", "o.csv.gz"])
@pytest.mark.parametrize("content", [b"", b"PAR1 cut off", b"\xff\xfe\x00", b"\x1f\x8b\x08"])
def test_damaged_files(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert name in refused(tmp_path / name, CONFIG, DataError) or content == b"PAR1 cut off"


def test_damage_inside_a_parquet_file(tmp_path: Path) -> None:
    pq.write_table(pa.concat_tables([TABLE] * 1000), tmp_path / "o.parquet")
    whole = (tmp_path / "o.parquet").read_bytes()
    (tmp_path / "o.parquet").write_bytes(whole[:4] + b"\xff" * 400 + whole[404:])
    refused(tmp_path / "o.parquet", CONFIG, DataError)


def test_ragged_and_foreign_csv(tmp_path: Path) -> None:
    (tmp_path / "ragged.csv").write_text("customer_id,ordered_at\na,2024-01-01,x\n")
    (tmp_path / "latin.csv").write_bytes("customer_id,ordered_at\nJosé,2024-01-01\n".encode("latin-1"))
    assert "Expected 2 columns, got 3" in refused(tmp_path / "ragged.csv", CONFIG, DataError)
    assert "UTF-8" in refused(tmp_path / "latin.csv", CONFIG, DataError)


def test_a_polars_frame_is_read() -> None:
    frame = polars.DataFrame(
        {"customer_id": ["00123", "é"], "ordered_at": [datetime(2011, 6, 6, 12), None], "x": [1, 2]}
    )

    raw = read_orders(frame, OrdersConfig())

    assert raw["customer_id"].tolist() == ["00123", "é"]
    assert raw["ordered_at"].isna().tolist() == [False, True]
    assert "x" not in raw


LAZY = polars.DataFrame(
    {
        "Who": ["00123", "b", "b", None],
        "ordered_at": [datetime(2024, 1, 1), datetime(2024, 1, 2), None, datetime(2024, 1, 3)],
        "colour": ["red"] * 4,
    }
).lazy()


def test_a_lazy_polars_query_reads_only_what_is_needed(tmp_path: Path) -> None:
    LAZY.collect().write_parquet(tmp_path / "o.parquet")
    query = polars.scan_parquet(tmp_path / "o.parquet")
    scan = scan_orders(query, mapped(customer_id="Who"), Span(until=date(2024, 1, 2)))
    assert scan.table().to_pydict()["customer_id"] == ["00123", "b"]
    assert scan.schema.names == ["customer_id", "ordered_at"]
    assert scan.table().equals(scan.table())


@pytest.mark.parametrize("zone", [None, "Asia/Shanghai"])
def test_days_of_a_lazy_query_are_local_days(zone: str | None) -> None:
    at = polars.col("ordered_at").dt.replace_time_zone(zone)
    span = Span(date(2024, 1, 2), date(2024, 1, 3), ClockConfig(timezone="Asia/Shanghai"))
    read = read_orders(LAZY.with_columns(at), mapped(customer_id="Who"), span)
    assert read["customer_id"].tolist() == ["b", "b"]


def test_an_arrow_dataset_is_read(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "o.parquet", row_group_size=1)
    dataset = ds.dataset(tmp_path)
    assert rows(read_orders(dataset, CONFIG)) == ROWS
    assert rows(read_orders(dataset, CONFIG, Span(until=date(2024, 1, 2)))) == ROWS[:1]


def test_row_groups_outside_the_days_are_not_opened(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "o.parquet", row_group_size=1, compression="none", use_dictionary=False)
    first = pq.read_metadata(tmp_path / "o.parquet").row_group(0).column(0)
    content = bytearray((tmp_path / "o.parquet").read_bytes())
    content[first.data_page_offset : first.data_page_offset + 20] = b"\xff" * 20
    (tmp_path / "o.parquet").write_bytes(content)
    refused(tmp_path / "o.parquet", CONFIG, DataError)
    assert rows(read_orders(tmp_path / "o.parquet", CONFIG, Span(since=date(2024, 1, 2)))) == ROWS[1:]


@pytest.mark.parametrize("lines", [1, 2, 4, 100])
def test_batches_hold_the_same_rows_in_the_same_order(tmp_path: Path, lines: int) -> None:
    pq.write_table(TABLE.append_column("category", TABLE["colour"]), tmp_path / "1.parquet", row_group_size=2)
    pq.write_table(TABLE, tmp_path / "2.parquet")
    batches = list(read_batches(tmp_path, CONFIG, lines=lines))
    assert {len(batch) for batch in batches[:-1]} <= {lines}
    assert len({batch.schema for batch in batches}) == 1
    assert pa.concat_tables(batches).to_pydict() == read_table(tmp_path, CONFIG).to_pydict()


def test_a_stream_can_be_read_once() -> None:
    scan = scan_orders(TABLE.to_reader(), CONFIG)
    assert scan.once
    assert [len(batch) for batch in scan.batched(2)] == [2, 1]
    assert not scan_orders(TABLE, CONFIG).once


def test_a_missing_time_is_within_every_span(tmp_path: Path) -> None:
    table = TABLE.set_column(2, "ordered_at", pa.array([datetime(2024, 1, 1), None, None]))
    pq.write_table(table, tmp_path / "o.parquet")
    assert len(read_orders(tmp_path / "o.parquet", CONFIG, Span(since=date(2025, 1, 1)))) == 2
