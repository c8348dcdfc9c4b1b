"""Expected order-days in any number of days of who is alive, under MBG/NBD.

Fader, Hardie, Lee (2005), Marketing Science 24(2), for BG/NBD; with the coin of Batislam et al.
(2007) after the first order, too. While alive a customer who has made x repeat orders within T
weeks orders at lambda ~ Gamma(r + x, alpha + T) and dies after an order with p ~ Beta(a, b + x + 1).
An order comes at s with the density lambda e^(-lambda p s), since the orders before it must not
have killed, so within h weeks there are (1 - (1 + p h / (alpha + T))^-(r + x)) / p on average.
"""

import numpy as np

from features.clock import WEEK
from features.fixed import Floats
from features.model.beta_nodes import beta_nodes
from features.model.waiting import Waiting

_BATCH = 256
"""Customers at a time: what is computed of them stays in the cache."""


def orders_if_alive(waiting: Waiting, tenure: Floats, order_days: Floats, days: float) -> Floats:
    """Expected order-days of who is alive at the cut-off, within so many days of it, shape (n,).

    Args:
        waiting: the model.
        tenure: days since the first order-day, shape (n,).
        order_days: how many there were, shape (n,), 1 at least.
        days: how far is looked ahead.
    """
    repeats, weeks = order_days - 1, days / WEEK
    x, which = np.unique(repeats, return_inverse=True)
    steepest = (waiting.r + x) * weeks / waiting.alpha  # of any age, so that no customer's number depends on others
    node, weight = beta_nodes(waiting.a, waiting.b + x + 1, 1 / np.maximum(steepest, 1.0))
    power, reach = waiting.r + repeats, weeks / (waiting.alpha + tenure / WEEK)
    orders = np.empty(len(repeats))
    for begin in range(0, len(repeats), _BATCH):
        part = slice(begin, begin + _BATCH)
        orders[part] = _mean_over(node[which[part]], weight[which[part]], power[part], reach[part])
    return orders


def any_if_alive(waiting: Waiting, tenure: Floats, order_days: Floats, days: float) -> Floats:
    """Probability of an order of who is alive at the cut-off, within so many days of it, shape (n,).

    1 - ((alpha + T) / (alpha + T + h))^(r + x), since death comes only with an order.
    """
    age = waiting.alpha + tenure / WEEK
    return np.asarray(-np.expm1(-(waiting.r + order_days - 1) * np.log1p(days / WEEK / age)))


def _mean_over(node: Floats, weight: Floats, power: Floats, reach: Floats) -> Floats:
    """The mean of (1 - (1 + p reach)^-power) / p over nodes p and their weights (n, k), shape (n,)."""
    none_by_then = np.expm1(-power[:, None] * np.log1p(node * reach[:, None]))
    return np.asarray(-(none_by_then * (weight / node)).sum(axis=1))
