"""The whole default set from all columns: how its cost grows with cut-offs and customers, and its phases.

`everything` hands batches over, which are dropped, under one frozen stage spec,
as training and scoring do; `own_specs` fits one for each cut-off, as `features`
does that is given none; `written` is the command's
way, streamed to a Parquet file by partitions of customers. `read` is the floor:
all columns read with Arrow. Of `everything` the writing out of values that did
not change from one cut-off to the next is also told apart.

    python benchmarks/features/whole.py --customers 1000000 --many 10000000
"""

import argparse
import sys
from functools import partial
from pathlib import Path

from measure import CACHE, measure, order_log
from phases import WRITING

SMALL = 10_000
measured = partial(measure, keep=None, python=(sys.executable,))


def main() -> None:
    """Measure, and tell the ratios that are promised."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--many", type=int, default=0, help="also so many customers, written; 0: without")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of the order logs")
    asked = parser.parse_args()
    small, orders = order_log(asked.cache, SMALL), order_log(asked.cache, asked.customers)
    for verb in ("everything", "written"):  # whatever compiles has compiled then
        measured(f"stagecast.{verb}", small, 1)
    print(f"{asked.customers:,} customers")
    floor = measured("read.everything", orders, 1).cpu_s
    used = {number: measured("stagecast.everything", orders, number) for number in (1, 13, 52)}
    cpu = {number: of.cpu_s for number, of in used.items()}
    apart = {number: of.cpu_s - of.phases[WRITING] for number, of in used.items()}
    print(f"13 cut-offs / read: {cpu[13] / floor:.1f}; 52 cut-offs / 13: {cpu[52] / cpu[13]:.2f}")
    print(f"writing out apart: {apart[13] / floor:.1f}; {apart[52] / apart[13]:.2f} ({apart})")
    measured("stagecast.own_specs", orders, 13)
    one = measured("stagecast.written", orders, 1)
    if asked.many:
        print(f"{asked.many:,} customers")
        many = measured("stagecast.written", order_log(asked.cache, asked.many), 1)
        print(f"{asked.many:,} customers / {asked.customers:,}, written: {many.cpu_s / one.cpu_s:.1f} times the CPU")


if __name__ == "__main__":
    main()
