"""What an order holds, compiled: products, quantities, prices, discounts, and what is sent back.

An order's worth decides how many lines it has and how many of each product.
Money is in whole cents, so that amounts are exact.
"""

from typing import Any

import numba
import numpy as np

Record = Any
Random = Any

_DAY = 86_400
_LINE_VALUE = np.array([24.0, 190.0])  # money a line of a consumer and of a business is worth, roughly
_MOST_LINES = 40
_LINE_SPREAD = 0.3
_FAVOURITES, _FAVOURITE_SHARE = 5, 0.4
_COUPON = np.array([0.30, 0.15, 0.08, 0.20])  # chance of a coupon by stage: who is sure of the shop pays the price
_COUPON_SHARE = 0.1
_LINE_RETURNED = 0.6
_RETURN_FIRST, _RETURN_SPAN = 3, 18  # days after the order: at least, and drawn on top
_RECALLED_DAYS = 56

LINE = np.dtype(
    [
        *((name, "i8") for name in ("order", "at", "product", "quantity", "price", "discount")),
        ("back", "i1"),
    ]
)


@numba.njit(cache=True)
def _product(order: Record, rng: Random, prices: Any) -> int:
    """A favourite of this customer, or one of the shop's, the popular ones more often."""
    if rng.random() < _FAVOURITE_SHARE:
        favourite = int(rng.random() * _FAVOURITES)
        return int((order.customer * 7919 + favourite * 104_729) % len(prices))
    return int(len(prices) * rng.random() ** 1.5)


@numba.njit(cache=True)
def _fill(order: Record, rng: Random, shop: Any, lines: Any) -> int:
    """Write the lines of an order; returns how many."""
    prices, factor, promotion = shop
    day = order.at // _DAY
    wanted = order.value / _LINE_VALUE[order.business]
    number = min(1 + rng.poisson(max(wanted - 1, 0.0)), _MOST_LINES)
    coupon = _COUPON_SHARE if rng.random() < _COUPON[order.stage] else 0.0
    off = max(promotion[day], coupon)
    for k in range(number):
        line = lines[k]
        line.at, line.back = order.at, 0
        line.product = _product(order, rng, prices)
        line.price = max(int(np.rint(prices[line.product] * factor[day])), 1)
        money = 100 * order.value / number * np.exp(_LINE_SPREAD * rng.standard_normal())
        line.quantity = max(int(np.rint(money / line.price)), 1)
        line.discount = int(np.rint(line.quantity * line.price * off))
    return int(number)


@numba.njit(cache=True)
def _sent_back_at(order: Record, rng: Random, world: Record) -> int:
    """Second at which something of an order is sent back; past the end where nothing is."""
    chance, delay = rng.random(), rng.random()
    before = world.shock_day - order.at // _DAY
    second = 8 * 3600 + int(rng.random() * 12 * 3600)
    if chance < world.returns:
        return int((order.at // _DAY + _RETURN_FIRST + int(delay * _RETURN_SPAN)) * _DAY + second)
    if 0 < before <= _RECALLED_DAYS and chance < world.returns + world.recalled:
        return int((world.shock_day + 1 + int(delay * _RETURN_SPAN)) * _DAY + second)
    return int(world.days * _DAY)


@numba.njit(cache=True)
def _send_back(rng: Random, bought: Any, lines: Any, at: int) -> int:
    """Write what is sent back of the lines of an order, at least one; returns how many lines."""
    number = 0
    for k in range(len(bought)):
        last_chance = number == 0 and k == len(bought) - 1
        if rng.random() < _LINE_RETURNED or last_chance:
            line = lines[number]
            line.at, line.back = at, 1
            line.product, line.price = bought[k].product, bought[k].price
            line.quantity = 1 + int(rng.random() * bought[k].quantity)
            line.discount = bought[k].discount * line.quantity // bought[k].quantity
            number += 1
    return number


@numba.njit(cache=True, nogil=True)
def fill_all(orders: Any, rng: Random, world: Any, shop: Any) -> Any:
    """Fill orders with lines, and send some of them back.

    Args:
        orders: of ORDER.
        rng: drawn from for one order after the other.
        world: one record of WORLD, shape (1,).
        shop: catalogue prices in cents, factor on them and promotion by day.

    Returns:
        The lines (LINE), bought and sent back; a line's `order` is the row in `orders`.
    """
    lines = np.zeros(4 * len(orders) + 2 * _MOST_LINES, dtype=LINE)
    filled = 0
    end = world[0].days * _DAY
    for k in range(len(orders)):
        if filled + 2 * _MOST_LINES > len(lines):
            larger = np.zeros(2 * len(lines), dtype=LINE)
            larger[:filled] = lines[:filled]
            lines = larger
        bought = _fill(orders[k], rng, shop, lines[filled:])
        back = 0
        at = _sent_back_at(orders[k], rng, world[0])
        if at < end:
            back = _send_back(rng, lines[filled : filled + bought], lines[filled + bought :], at)
        for row in range(filled, filled + bought + back):
            lines[row].order = k
        filled += bought + back
    return lines[:filled].copy()
