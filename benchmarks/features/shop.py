"""The order log that all contestants read: simulated once, sorted by time as a shop's export is."""

import os
import shutil
import sys
from pathlib import Path

import duckdb

from stagecast.shops import simulate_to

ROW_GROUP = 1_000_000


def order_log(cache: Path, customers: int) -> Path:
    """One Parquet file of the simulator's `steady` shop, in order of time; made if it is not there yet."""
    made = cache / f"orders-{customers}.parquet"
    if not made.exists():
        shop = cache / f"shop-{customers}"
        simulate_to(shop, "steady", customers)
        _sort(shop / "orders" / "*.parquet", made)
        shutil.rmtree(shop)
    return made


def _sort(parts: Path, made: Path) -> None:
    """Written beside its place, so that a file that is there is whole."""
    beside = made.with_name(f".{made.name}.{os.getpid()}")
    with duckdb.connect(config={"temp_directory": str(made.parent / "spill")}) as shop:
        shop.execute("set enable_progress_bar = false")
        lines = shop.sql("select * from read_parquet($1)", params=[str(parts)])
        lines.order("ordered_at, order_id, product_id").write_parquet(str(beside), row_group_size=ROW_GROUP)
    beside.replace(made)


if __name__ == "__main__":
    print(order_log(Path(sys.argv[1]), int(sys.argv[2])))
