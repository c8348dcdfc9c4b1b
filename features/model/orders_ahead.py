"""Expected order-days in any number of days, under MBG/NBD.

Fader, Hardie, Lee (2005), Marketing Science 24(2), for BG/NBD; with the coin of Batislam et al.
(2007) after the first order, too. While alive a customer who has made x repeat orders within T
weeks orders at lambda ~ Gamma(r + x, alpha + T) and dies after an order with p ~ Beta(a, b + x + 1).
An order comes at s with the density lambda e^(-lambda p s), since the orders before it must not
have killed, so within h weeks there are (1 - (1 + p h / (alpha + T))^-(r + x)) / p on average.
"""

import numpy as np
from scipy.special import expit

from features.clock import WEEK
from features.fixed import Floats
from features.model.beta_nodes import beta_nodes
from features.model.waiting import Waiting

_BATCH = 256
"""Customers at a time: what is computed of them stays in the cache."""


def orders_ahead(waiting: Waiting, history: tuple[Floats, Floats, Floats], days: float) -> Floats:
    """Expected order-days within so many days of the cut-off, shape (n,); NaN for what is no history.

    Args:
        waiting: the model.
        history: days since the last order-day, days since the first, and how many there were, each of shape (n,).
        days: how far is looked ahead.
    """
    recency, tenure, order_days = history
    known = (recency >= 0) & (tenure >= recency) & (order_days >= 1) & np.isfinite(tenure) & np.isfinite(order_days)
    age, last = tenure[known] / WEEK, (tenure[known] - recency[known]) / WEEK
    repeats = order_days[known] - 1
    ahead = np.full(len(known), np.nan)
    ahead[known] = _alive(waiting, repeats, last, age) * _while_alive(waiting, repeats, age, days / WEEK)
    return ahead


def _alive(waiting: Waiting, repeats: Floats, last: Floats, age: Floats) -> Floats:
    gap = np.log(waiting.alpha + age) - np.log(waiting.alpha + last)
    odds_dead = np.log(waiting.a) - np.log(waiting.b + repeats) + (waiting.r + repeats) * gap
    return np.asarray(expit(-odds_dead))


def _while_alive(waiting: Waiting, repeats: Floats, age: Floats, weeks: float) -> Floats:
    x, which = np.unique(repeats, return_inverse=True)
    power, reach = waiting.r + repeats, weeks / (waiting.alpha + age)
    steepest = (waiting.r + x) * weeks / waiting.alpha  # of any age, so that no customer's number depends on others
    node, weight = beta_nodes(waiting.a, waiting.b + x + 1, 1 / np.maximum(steepest, 1.0))
    orders = np.empty(len(repeats))
    for begin in range(0, len(repeats), _BATCH):
        part = slice(begin, begin + _BATCH)
        orders[part] = _mean_over(node[which[part]], weight[which[part]], power[part], reach[part])
    return orders


def _mean_over(node: Floats, weight: Floats, power: Floats, reach: Floats) -> Floats:
    """The mean of (1 - (1 + p reach)^-power) / p over nodes p and their weights (n, k), shape (n,)."""
    none_by_then = np.expm1(-power[:, None] * np.log1p(node * reach[:, None]))
    return np.asarray(-(none_by_then * (weight / node)).sum(axis=1))
