"""9. An instant is an instant: written in whatever zone, on whatever machine, the features are the same."""

import os
import time
from collections.abc import Callable, Iterator

import pandas as pd
import pytest

import stagecast
from stagecast.config import Config

BERLIN = Config().overridden("clock", timezone="Europe/Berlin")
CUTOFFS = ["2024-04-01", "2024-11-04"]
"""The Mondays after the clocks changed in spring, and some days after they changed back in autumn."""

ZONES = ["UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin"]

Compute = Callable[[pd.DataFrame], pd.DataFrame]


def instants() -> pd.DatetimeIndex:
    """Every half-hour round both changes of the clocks, and midnights in between."""
    spring = pd.date_range("2024-03-30 21:00", "2024-03-31 23:30", freq="30min", tz="UTC")
    autumn = pd.date_range("2024-10-26 21:00", "2024-10-27 23:30", freq="30min", tz="UTC")
    return spring.append([pd.date_range("2024-05-01", "2024-09-01", freq="7D", tz="UTC"), autumn])


def orders(zone: str) -> pd.DataFrame:
    """Five customers who order at these instants, told in a zone."""
    when = instants().tz_convert(zone)
    ids = [f"c{at % 5}" for at in range(len(when))]
    return pd.DataFrame({"customer_id": ids, "ordered_at": when.map(pd.Timestamp.isoformat), "amount": 1.0})


def features(table: pd.DataFrame) -> pd.DataFrame:
    return stagecast.features(table, CUTOFFS, BERLIN, select=["recency", "order_days*", "spend*", "tenure"])


def promise(compute: Compute) -> None:
    usual = compute(orders("Europe/Berlin"))
    for zone in ZONES:
        pd.testing.assert_frame_equal(compute(orders(zone)), usual, check_exact=True, obj=f"features of {zone}")


@pytest.fixture
def machine() -> Iterator[Callable[[str], None]]:
    """Set the zone of this machine."""

    def set_to(zone: str) -> None:
        os.environ["TZ"] = zone
        time.tzset()

    yield set_to
    set_to("UTC")


def test_zones_do_not_matter() -> None:
    promise(features)


def test_nor_does_the_zone_of_the_machine(machine: Callable[[str], None]) -> None:
    usual = features(orders("Europe/Berlin"))
    for zone in ("Asia/Tokyo", "America/New_York"):
        machine(zone)
        pd.testing.assert_frame_equal(features(orders("Europe/Berlin")), usual, check_exact=True)


def test_an_offset_that_is_cut_off_is_noticed() -> None:
    def careless(table: pd.DataFrame) -> pd.DataFrame:
        return features(table.assign(ordered_at=table["ordered_at"].str[:19]))

    with pytest.raises(AssertionError, match="features of"):
        promise(careless)
