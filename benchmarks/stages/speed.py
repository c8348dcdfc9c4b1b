"""Speed of the stages: weekly stages of a whole shop to its end, together with the features' pass.

Orders come from the simulator, since only their number matters here. Two peers
walk a part of the same customers in the same run, under the same spec, and
must find the same weekly mix: `oracle` is the definition in plain Python
(tests/support/stage_oracle.py), `every tick` asks the compiled machine for the
state at each tick of each customer and counts. Neither is somebody else's
product: nobody publishes this definition.

    python benchmarks/stages/speed.py --customers 1000000
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from features.clock import Clock, to_date
from features.config import FeatureConfig, StageConfig
from features.history import History
from features.past import Snapshots
from features.stages.fit import fit_spec
from features.stages.machine import run_stages
from features.stages.moves import Stage
from features.stages.spec import StageSpec
from features.stages.spells import PLACES, stage_spells
from features.table import build_features
from training.simulation import find_scenario, simulate

sys.path.append(str(Path(__file__).parents[2] / "tests" / "support"))
import stage_oracle  # found on the path that the line above adds

CLOCK = Clock()
Seconds = dict[str, tuple[float, float]]


@contextmanager
def phase(name: str, seconds: Seconds) -> Iterator[None]:
    """Measure CPU and wall seconds of what is done inside, and say them."""
    cpu, wall = time.process_time(), time.perf_counter()
    yield
    seconds[name] = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"  {name:<28} CPU {seconds[name][0]:8.2f} s   wall {seconds[name][1]:8.2f} s   peak {peak:5.1f} GB", flush=True
    )


def weekly(history: History, until: int) -> list[int]:
    """Every tick from the first at which somebody is known."""
    return list(range(CLOCK.after(int(history.first_order_day.min())), until + 1, 7))


def whole_shop(orders: pd.DataFrame) -> tuple[Seconds, StageSpec, int]:
    """The history once, spells to the end, the weekly mix, and the features at the last tick."""
    seconds: Seconds = {}
    with phase("History.of", seconds):
        history = History.of(orders)
    until = CLOCK.floor(history.last_day)
    with phase("fit_spec", seconds):
        spec = fit_spec(history, until, 28, StageConfig(), CLOCK)
    with phase("stage_spells (first, compiles)", seconds):
        stage_spells(history, spec, until, np.arange(10))
    with phase("stage_spells", seconds):
        spells = stage_spells(history, spec, until)
    with phase("weekly mix from spells", seconds):
        mix = spells.counts(weekly(history, until))
    states = int(mix.sum())
    with phase("build_features, one cut-off", seconds):
        table = build_features(history, [until], spec, FeatureConfig())
    print(f"  {len(spells):,} spells of {len(history.customers):,} customers, {states:,} customer-weeks,")
    print(f"  {table.shape[1] - 2} features of {len(table):,} customers at {to_date(until)}")
    return seconds, spec, until


def peers(orders: pd.DataFrame, spec: StageSpec, until: int, fewer: int) -> Seconds:
    """The same weekly mix of a part of the customers by spells and by the two peers; all must agree."""
    seconds: Seconds = {}
    history = History.of(orders)
    ticks = weekly(history, until)
    with phase("spells", seconds):
        ours = stage_spells(history, spec, until).counts(ticks)
    with phase("every tick", seconds):
        snapshots = Snapshots.of(history, ticks)
        state = run_stages(history, spec, snapshots.customer, snapshots.cutoff)
        place = np.where(state.stage == Stage.REGRESSION, Stage.REGRESSION - 1 + state.sub_state, state.stage)
        row = (snapshots.cutoff - ticks[0]) // 7
        theirs = np.bincount(row * len(PLACES) + place, minlength=ours.size).reshape(ours.shape)
    assert np.array_equal(ours, theirs)
    few = orders[orders["customer_id"].isin(history.customers[:fewer])]
    with phase(f"oracle, {fewer:,} customers", seconds):
        table = stage_oracle.stage_table(few, spec, until)
        place = np.where(table["stage"] == Stage.REGRESSION, Stage.REGRESSION - 1 + table["sub_state"], table["stage"])
        row = ((table["cutoff"] - ticks[0]) // 7).to_numpy()
        slow = np.bincount(row * len(PLACES) + place, minlength=ours.size).reshape(ours.shape)
    with phase(f"spells, {fewer:,} customers", seconds):
        few_spells = stage_spells(history, spec, until, np.arange(fewer))
    assert np.array_equal(few_spells.counts(ticks), slow)
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--part", type=int, default=50_000, help="customers that the peers walk")
    parser.add_argument("--fewer", type=int, default=1_000, help="customers that the oracle walks")
    asked = parser.parse_args()
    seconds: Seconds = {}
    with phase("simulate (not counted)", seconds):
        orders = simulate(find_scenario("steady"), asked.customers).orders
    print(f"{asked.customers:,} customers, {len(orders):,} lines, {orders['ordered_at'].max():%Y-%m-%d} the last")
    found, spec, until = whole_shop(orders)
    part = orders[orders["customer_id"] <= np.sort(orders["customer_id"].unique())[: asked.part][-1]]
    del orders
    print(f"the weekly mix of {asked.part:,} customers")
    few = peers(part, spec, until, asked.fewer)
    cpu = {name: used[0] for name, used in few.items()}
    print(f"every tick / spells: {cpu['every tick'] / cpu['spells']:.1f} times the CPU")
    oracle, ours = cpu[f"oracle, {asked.fewer:,} customers"], cpu["spells"] * asked.fewer / asked.part
    print(f"oracle / spells, a customer: {oracle / ours:,.0f} times the CPU")
    total = sum(used[0] for name, used in found.items() if "compiles" not in name)
    print(f"stages of every week and features of one cut-off: {total:.1f} CPU seconds in all, of which stages", end=" ")
    print(f"{found['stage_spells'][0] + found['weekly mix from spells'][0]:.1f}")


if __name__ == "__main__":
    main()
