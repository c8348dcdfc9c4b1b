"""One share of the customers as two tables: their orders, and the truth about them.

A partition depends on nothing but the scenario, the seed and its own number,
so that any number of workers makes the same ones, and a larger simulation
begins with the same customers as a smaller one.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from features.fixed import Ints
from features.stages.moves import STAGES
from training.simulation.basket import fill_all
from training.simulation.calendar import Calendar
from training.simulation.life import WORLD, live_all
from training.simulation.scenario import Scenario
from training.simulation.texts import numbered

CUSTOMERS = 20_000
"""Customers of each partition but the last."""

_PRODUCTS, _CATEGORIES = 1000, 20
_PRICE, _PRICE_SPREAD = 9.0, 0.5
_DAY = 86_400


@dataclass(frozen=True)
class Partition:
    """Some customers.

    Attributes:
        orders: order lines in the canonical columns, by customer, then time.
        truth: `customer_id`, `stage`, `begin`, `end` (half-open, time stamps),
            `rate` (needs of the customer a week that are met here, the season
            apart) and `business`; one row for as long as stage and rate stay
            the same, by customer, then time.
    """

    orders: pa.Table
    truth: pa.Table


def make_partition(scenario: Scenario, seed: int, number: int, customers: int) -> Partition:
    """The first `customers` of a partition's customers."""
    calendar, world = Calendar.of(scenario), _world(scenario)
    life, basket = (np.random.default_rng(s) for s in np.random.SeedSequence(seed, spawn_key=(number,)).spawn(2))
    first = number * CUSTOMERS
    days = calendar.demand, calendar.arrivals, calendar.hours
    orders, truth = live_all((first, first + customers), life, world, days, _most_orders(calendar))
    lines = fill_all(orders, basket, world, (catalogue_prices(), calendar.price, calendar.promotion))
    customer = orders["customer"][lines["order"]]
    lines = lines[np.argsort((customer - first) << 32 | lines["at"], kind="stable")]
    ids = numbered("c", np.arange(first, first + customers))
    return Partition(_orders(scenario, orders, lines, (first, ids)), _truth(scenario, truth, (first, ids)))


@cache
def catalogue_prices() -> Ints:
    """Price of each product in cents; lognormal, the same in every shop. Product k is of category k modulo 20."""
    spread = np.random.default_rng(0).normal(0, _PRICE_SPREAD, _PRODUCTS)
    return np.rint(100 * _PRICE * np.exp(spread)).astype(np.int64)


def _most_orders(calendar: Calendar) -> int:
    """Orders that nobody exceeds: seven a week are the most that anybody needs, and chance adds a little."""
    return int(10 * calendar.demand.max()) + 200


def _world(scenario: Scenario) -> np.ndarray:
    world = np.zeros(1, dtype=WORLD)
    for name in WORLD.names or ():
        world[name] = getattr(scenario, name)
    return world


def _orders(scenario: Scenario, orders: np.ndarray, lines: np.ndarray, known: tuple[int, pa.Array]) -> pa.Table:
    first, ids = known
    order, back = lines["order"], lines["back"] == 1
    sign = np.where(back, -1.0, 1.0)
    gross = lines["quantity"] * lines["price"]
    columns = {
        "customer_id": _coded(orders["customer"][order] - first, ids),
        "order_id": _order_ids(orders, order, back),
        "ordered_at": _stamps(scenario, lines["at"]),
        "product_id": _coded(lines["product"], numbered("p", np.arange(_PRODUCTS))),
        "category": _coded(lines["product"] % _CATEGORIES, numbered("g", np.arange(_CATEGORIES))),
        "quantity": pa.array(sign * lines["quantity"]),
        "unit_price": pa.array(lines["price"] / 100),
        "amount": pa.array(sign * ((gross - lines["discount"]) / 100)),
        "is_return": pa.array(back),
        "discount": pa.array(lines["discount"] / 100),
    }
    return pa.table(columns)


def _order_ids(orders: np.ndarray, order: Ints, back: np.ndarray) -> pa.Array:
    """The order's own id, and one for what is sent back of it."""
    bought = numbered("o", orders["customer"], orders["number"])
    returned = np.unique(order[back])
    ids = pa.concat_arrays([bought, numbered("r", orders["customer"][returned], orders["number"][returned])])
    return _coded(np.where(back, len(orders) + np.searchsorted(returned, order), order), ids)


def _truth(scenario: Scenario, truth: np.ndarray, known: tuple[int, pa.Array]) -> pa.Table:
    first, ids = known
    end = np.full(len(truth), scenario.days * _DAY)
    same = truth["customer"][1:] == truth["customer"][:-1]
    end[:-1][same] = truth["begin"][1:][same]
    columns = {
        "customer_id": _coded(truth["customer"] - first, ids),
        "stage": _coded(truth["stage"], pa.array(STAGES)),
        "begin": _stamps(scenario, truth["begin"]),
        "end": _stamps(scenario, end),
        "rate": pa.array(truth["rate"]),
        "business": pa.array(truth["business"] == 1),
    }
    return pa.table(columns)


def _coded(codes: Ints, names: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), names)


def _stamps(scenario: Scenario, seconds: Ints) -> pa.Array:
    return pa.array((seconds + scenario.begin * _DAY) * 1_000_000).cast(pa.timestamp("us"))
