"""A shop whose truth is known: orders of customers whose stage, rate and moves were decided, not guessed.

It stands in `training` because it knows the future: nothing that scores may
import it. `scenario` says what may differ from one shop to the next,
`calendar` what a day is like for everybody, `life` how one customer lives,
`basket` what an order holds, `partition` puts a share of the customers into
tables, `stream` and `folder` make any number of them, `truth` reads the truth
at ticks, and `recovery` (with `confusion`) compares the stage machine with it.
"""

from training.simulation.scenario import SCENARIOS, Scenario, find_scenario
from training.simulation.stream import Simulated, partitions, simulate

__all__ = ["SCENARIOS", "Scenario", "Simulated", "find_scenario", "partitions", "simulate"]
