"""Write a simulated shop of any size to a folder, whole or not at all."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import StagecastError, UsageError
from features.files import hidden, sweep
from training.simulation.partition import CUSTOMERS
from training.simulation.scenario import SCENARIOS, Scenario
from training.simulation.stream import WORKERS, check_size, partitions

VERSION = 1
"""Changes whenever the same scenario, size and seed begin to give other customers."""

DESCRIPTION = "scenario.json"
_DICTIONARY_BYTES = 8 << 20


@dataclass(frozen=True)
class Shop:
    """What to simulate: a scenario, how many customers, and the seed."""

    scenario: Scenario
    customers: int
    seed: int = 0

    @property
    def name(self) -> str:
        """The scenario's name; `own` for one without."""
        return next((name for name, scenario in SCENARIOS.items() if scenario == self.scenario), "own")

    def description(self) -> str:
        """The same text for the same customers."""
        facts = {"name": self.name, "customers": self.customers, "seed": self.seed, "version": VERSION}
        return json.dumps(facts | {"scenario": self.scenario.model_dump(mode="json")}, indent=2) + "\n"


def write_shop(
    shop: Shop, out: Path, workers: int = WORKERS, told: Callable[[int], None] = lambda customers: None
) -> bool:
    """Write `orders/part-*.parquet`, `truth/part-*.parquet` and `scenario.json` into a folder.

    All of it is written beside the folder's place and moved there in one step,
    so a folder that is there is complete. Memory does not grow with the number
    of customers.

    Args:
        shop: what to simulate.
        out: a folder, new or empty, or one that holds this very shop, which is left as it is.
        workers: how many partitions are made at a time; changes nothing in the files.
        told: called with the number of customers written so far.

    Returns:
        Whether the folder is new.

    Raises:
        UsageError: the folder holds something else, or the size or seed cannot be.
        StagecastError: the folder cannot be written.
    """
    check_size(shop.customers, shop.seed)
    if _is_there(shop, out):
        return False
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        sweep(out.absolute())
        with hidden(out.absolute()) as beside:
            _write(shop, beside, workers, told)
            beside.replace(out.absolute())
    except OSError as error:
        raise StagecastError(
            "the simulated shop cannot be written",
            got=f"{out}: {error.strerror or error}",
            remedy="free some space, let this user write there, or give another --out; nothing was left there",
        ) from error
    return True


def _is_there(shop: Shop, out: Path) -> bool:
    """Whether this shop is in the folder already; nothing else may be."""
    description = out / DESCRIPTION
    if description.is_file() and description.read_bytes() == shop.description().encode():
        return True
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise UsageError(
            "a simulated shop goes into a folder of its own, and something else is there",
            got=str(out),
            allowed="a folder that is new or empty, or holds the same scenario, customers and seed",
            remedy="give another --out, or remove that one",
        )
    return False


def _write(shop: Shop, folder: Path, workers: int, told: Callable[[int], None]) -> None:
    for name in ("orders", "truth"):
        (folder / name).mkdir(parents=True)
    for number, made in enumerate(partitions(shop.scenario, shop.customers, shop.seed, workers)):
        for name in ("orders", "truth"):
            _write_table(getattr(made, name), folder / name / f"part-{number:05}.parquet")
        told(min((number + 1) * CUSTOMERS, shop.customers))
    with (folder / DESCRIPTION).open("w", encoding="utf-8") as file:
        file.write(shop.description())
        file.flush()
        os.fsync(file.fileno())


def _write_table(table: pa.Table, path: Path) -> None:
    """Texts stay dictionaries inside the file, and are plain text to whoever reads it."""
    with path.open("wb") as file:
        pq.write_table(table, file, store_schema=False, dictionary_pagesize_limit=_DICTIONARY_BYTES)
        file.flush()
        os.fsync(file.fileno())
