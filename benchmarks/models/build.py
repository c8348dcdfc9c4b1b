"""Build the tables: python -m benchmarks.models.build DATA KEPT."""

import sys
import time
from pathlib import Path

from benchmarks.models.rows import Rows, kept, rows_of
from benchmarks.models.shops import PERIODS, Shop

CUTOFFS = {"online_retail_2": (5, 28), "cdnow": (3, 56), "completejourney": (4, 14), "btydplus_grocery": (6, 28)}
"""Cut-offs to choose on: how many, and how many days apart."""

EARLIEST_WEEKS = {"online_retail_2": 12, "cdnow": 12, "completejourney": 8, "btydplus_grocery": 12}


def development(data: Path, cache: Path, name: str) -> tuple[Rows, list[int], int]:
    """Rows of a shop to choose on, the cut-offs that judge, and the period."""
    shop = Shop.read(data, name)
    judged = shop.development(*CUTOFFS[name])
    weekly = shop.weekly(EARLIEST_WEEKS[name], judged[-1])

    def make() -> Rows:
        return rows_of(shop, weekly, judged[0] - shop.period, half=0)

    return kept(cache, name, make), judged, shop.period


def main() -> None:
    """Build and say how large."""
    data, cache = map(Path, sys.argv[1:3])
    for name in PERIODS:
        began = time.perf_counter()
        rows, judged, _ = development(data, cache, name)
        at = rows.at(judged).facts
        rate, seconds = at["ordered"].mean(), time.perf_counter() - began
        print(f"{name}: {len(rows):,} rows, {len(at):,} at {len(judged)} cut-offs, order {rate:.3f}, {seconds:.0f} s")


if __name__ == "__main__":
    main()
