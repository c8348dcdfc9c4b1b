"""The stories of the models of repeat orders, lived order by order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.baselines.btyd import BgNbd, BuyTillYouDie, Histories, MbgNbd, ParetoNbd

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lives:
    """Histories, whether each customer is alive at the cut-off, and its orders within the horizon after it."""

    histories: Histories
    alive: NDArray[np.bool_]
    later: Floats


def live(model: BuyTillYouDie, age: Floats, horizon: float, seed: int) -> Lives:
    """Live a model's story: an order at the rate of the customer, until it dies as the model says."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(model.r, 1 / model.alpha, len(age))
    coin, dies = _death(model, rng, len(age))
    frequency, recency, later = np.zeros(len(age)), np.zeros(len(age)), np.zeros(len(age))
    now, living = np.zeros(len(age)), np.arange(len(age))
    alive = dies > age
    if isinstance(model, MbgNbd):
        survived = rng.random(len(age)) >= coin
        alive, living = survived, living[survived]
    while len(living):
        now[living] += rng.exponential(size=len(living)) / rate[living]
        living = living[now[living] <= np.minimum(age[living] + horizon, dies[living])]
        before = living[now[living] <= age[living]]
        frequency[before] += 1
        recency[before] = now[before]
        later[living] += now[living] > age[living]
        struck = rng.random(len(living)) < coin[living]
        alive[living[struck & (now[living] <= age[living])]] = False
        living = living[~struck]
    return Lives(Histories.of(frequency, recency, age), alive, later)


def _death(model: BuyTillYouDie, rng: np.random.Generator, customers: int) -> tuple[Floats, Floats]:
    """The probability to die at an order, and the time of a death that does not wait for one."""
    if isinstance(model, ParetoNbd):
        return np.zeros(customers), rng.exponential(size=customers) / rng.gamma(model.s, 1 / model.beta, customers)
    assert isinstance(model, BgNbd | MbgNbd)
    return rng.beta(model.a, model.b, customers), np.full(customers, np.inf)
