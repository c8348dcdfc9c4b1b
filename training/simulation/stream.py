"""Any number of simulated customers, a partition after the other, made by several workers."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from features.errors import UsageError
from features.threads import in_order
from training.simulation.partition import CUSTOMERS, Partition, make_partition
from training.simulation.scenario import Scenario
from training.simulation.texts import CUSTOMER_DIGITS

MOST_CUSTOMERS = 10**CUSTOMER_DIGITS
WORKERS = 2


@dataclass(frozen=True)
class Simulated:
    """A simulated shop in memory.

    Attributes:
        scenario: what it was made from.
        orders: order lines in the canonical columns; see `Partition.orders`.
        truth: what is true, and from when to when; see `Partition.truth`.
    """

    scenario: Scenario
    orders: pd.DataFrame
    truth: pd.DataFrame


def partitions(scenario: Scenario, customers: int, seed: int = 0, workers: int = WORKERS) -> Iterator[Partition]:
    """The partitions of a simulated shop, in order; the same whatever the number of workers.

    Few are in memory at a time: one more than there are workers.

    Raises:
        UsageError: the number of customers or the seed cannot be.
    """
    check_size(customers, seed)
    sizes = [min(CUSTOMERS, customers - first) for first in range(0, customers, CUSTOMERS)]
    yield from in_order(lambda part: make_partition(scenario, seed, *part), enumerate(sizes), workers)


def simulate(scenario: Scenario, customers: int, seed: int = 0) -> Simulated:
    """A simulated shop in memory; for many customers see `training.simulation.folder`.

    Raises:
        UsageError: the number of customers or the seed cannot be.
    """
    made = list(partitions(scenario, customers, seed))
    orders, truth = ([getattr(part, name) for part in made] for name in ("orders", "truth"))
    return Simulated(scenario, _plain(orders), _plain(truth))


def check_size(customers: int, seed: int) -> None:
    """Check the number of customers and the seed.

    Raises:
        UsageError: there is nobody, there are more than ids, or the seed is negative.
    """
    if not 1 <= customers <= MOST_CUSTOMERS:
        raise UsageError(
            "this number of customers cannot be simulated", got=customers, allowed=f"1 to {MOST_CUSTOMERS:,}"
        )
    if seed < 0:
        raise UsageError("a seed is a whole number, not below zero", got=seed, allowed="0, 1, 2, ...")


def _plain(tables: list[pa.Table]) -> pd.DataFrame:
    """One frame with texts as text: categories would differ from one part to the next."""
    texts = {
        name: "str" for name in tables[0].column_names if pa.types.is_dictionary(tables[0].schema.field(name).type)
    }
    frame: pd.DataFrame = pa.concat_tables(tables).unify_dictionaries().to_pandas()
    return frame.astype(texts)
