"""`stagecast check`."""

from features.orders.sql import shown
from stagecast import describe
from stagecast.beside import keep_tables, load_beside
from stagecast.commands.common import keep_quarantine, show
from stagecast.config import Config
from stagecast.progress import steps


def check(orders: str, config: Config) -> None:
    """Print the report of the orders; keep the rows that were set aside."""
    with steps("check") as step:
        step("read the orders")
        clean = describe.check(orders, config)
        tables = load_beside(orders, config)
    print("\n".join(clean.report.lines()))
    keep_quarantine(clean, config)
    show(keep_tables(tables, config))
    kept, customers = clean.report.rows_kept, clean.report.customers
    print(f"{kept:,} order lines of {customers:,} customers in {shown(orders)} can be used.")
