"""The whole default set from all columns: how its cost grows with cut-offs and customers, and its phases.

`everything` hands batches over, which are dropped, under one frozen stage spec,
as training and scoring do; `own_specs` fits one for each cut-off, as `features`
does that is given none; `written` is the command's
way, streamed to a Parquet file by partitions of customers. `read` is the floor:
all columns read with Arrow. Of `everything` the writing out of values into the
table is also told apart.

Reading costs more or less by a factor of three, by whether the system has
pages at hand; so the floor and the rest are measured in turns, several times,
and a ratio is one of sums, beside which stand the lowest and the highest of
single turns.

    python benchmarks/features/whole.py --customers 1000000 --many 10000000
"""

import argparse
import sys
from functools import partial
from pathlib import Path

from measure import CACHE, measure, order_log
from phases import WRITING

SMALL = 10_000
CUTOFFS = (1, 13, 52)
measured = partial(measure, keep=None, python=(sys.executable,))


def main() -> None:
    """Measure, and tell the ratios that are promised."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--many", type=int, default=0, help="also so many customers, written; 0: without")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of the order logs")
    parser.add_argument("--turns", type=int, default=3)
    asked = parser.parse_args()
    small, orders = order_log(asked.cache, SMALL), order_log(asked.cache, asked.customers)
    for verb in ("everything", "written"):  # whatever compiles has compiled then
        measured(f"stagecast.{verb}", small, 1)
    print(f"{asked.customers:,} customers")
    turns = [_turn(orders) for _ in range(asked.turns)]
    for what, above, below in (("13 cut-offs / read", "13", "read"), ("52 cut-offs / 13", "52", "13")):
        print(f"{what}: {_ratio(turns, above, below)}")
        print(f"    writing out apart: {_ratio(turns, f'{above} apart', f'{below} apart')}")
    measured("stagecast.own_specs", orders, 13)
    one = measured("stagecast.written", orders, 1)
    if asked.many:
        print(f"{asked.many:,} customers")
        many = measured("stagecast.written", order_log(asked.cache, asked.many), 1)
        print(f"{asked.many:,} customers / {asked.customers:,}, written: {many.cpu_s / one.cpu_s:.1f} times the CPU")


def _turn(orders: Path) -> dict[str, float]:
    """CPU seconds of the floor and of each number of cut-offs, with and without writing out."""
    floor = measured("read.everything", orders, 1).cpu_s
    cpu = {"read": floor, "read apart": floor}
    for number in CUTOFFS:
        used = measured("stagecast.everything", orders, number)
        cpu |= {str(number): used.cpu_s, f"{number} apart": used.cpu_s - used.phases[WRITING]}
    return cpu


def _ratio(turns: list[dict[str, float]], above: str, below: str) -> str:
    single = [turn[above] / turn[below] for turn in turns]
    whole = sum(turn[above] for turn in turns) / sum(turn[below] for turn in turns)
    return f"{whole:.2f} ({min(single):.2f} to {max(single):.2f})"


if __name__ == "__main__":
    main()
