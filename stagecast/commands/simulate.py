"""`stagecast simulate`."""

from pathlib import Path

from stagecast.progress import steps
from stagecast.shops import simulate_to


def simulate(scenario: str, customers: int, seed: int, out: Path) -> None:
    """Write a simulated shop, and say where its orders and the truth are."""
    with steps("simulate") as step:
        step("let customers live")
        new = simulate_to(out, scenario, customers, seed)
    state = "are in" if new else "were there already, nothing changed:"
    print(f"The truth about them is in {out / 'truth'}")
    print(f"Orders of {customers:,} simulated customers ({scenario}, seed {seed}) {state} {out / 'orders'}")
