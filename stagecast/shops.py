"""Simulated shops: orders of customers whose true stages are known."""

from pathlib import Path

from features.errors import UsageError
from stagecast.config import Config
from stagecast.progress import tell
from training.simulation import Scenario, Simulated, find_scenario
from training.simulation import simulate as simulate_in_memory
from training.simulation.folder import Shop, write_shop
from training.simulation.recovery import Recovery, recover

MOST_IN_MEMORY = 500_000
_TOLD_EVERY = 10


def simulate(scenario: str | Scenario, customers: int = 10_000, seed: int = 0) -> Simulated:
    """Orders of simulated customers, and the truth about them, in memory.

    The same scenario, size and seed give the same orders; with more customers
    the first ones stay the same.

    Args:
        scenario: name of a scenario, or one of your own.
        customers: how many; each has at least one order.
        seed: of everything that is drawn.

    Raises:
        UsageError: there is no such scenario, or the size or seed cannot be.
    """
    if customers > MOST_IN_MEMORY:
        raise UsageError(
            "this is too much for memory",
            got=f"{customers:,} customers",
            allowed=f"up to {MOST_IN_MEMORY:,}",
            remedy="write them to a folder with: stagecast simulate SCENARIO --customers N --out FOLDER",
        )
    return simulate_in_memory(_found(scenario), customers, seed)


def recovery(simulated: Simulated, config: Config | None = None) -> Recovery:
    """How well the stages of a simulated shop are found: spec fitted on its first half, judged on the second."""
    config = config or Config()
    return recover(simulated, config.stages, config.period_days)


def simulate_to(out: Path, scenario: str | Scenario, customers: int, seed: int = 0) -> bool:
    """Write a simulated shop of any size to a folder; see `training.simulation.folder.write_shop`.

    Returns:
        Whether it is new; the same shop may have been there already.

    Raises:
        UsageError: there is no such scenario, the size or seed cannot be, or something else is in the folder.
        StagecastError: the folder cannot be written.
    """
    told = 0

    def progress(written: int) -> None:
        nonlocal told
        if written * _TOLD_EVERY // customers > told:
            told = written * _TOLD_EVERY // customers
            tell(f"{written:,} of {customers:,} customers")

    return write_shop(Shop(_found(scenario), customers, seed), out, told=progress)


def _found(scenario: str | Scenario) -> Scenario:
    return find_scenario(scenario) if isinstance(scenario, str) else scenario
