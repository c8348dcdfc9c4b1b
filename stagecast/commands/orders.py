"""`stagecast check`."""

from stagecast import describe
from stagecast.commands.common import keep_quarantine
from stagecast.config import Config
from stagecast.progress import steps


def check(orders: str, config: Config) -> None:
    """Print the report of the orders; keep the rows that were set aside."""
    with steps("check") as step:
        step("read the orders")
        clean = describe.check(orders, config)
    print("\n".join(clean.report.lines()))
    keep_quarantine(clean, config)
    print(f"{clean.report.rows_kept:,} order lines of {clean.report.customers:,} customers in {orders} can be used.")
