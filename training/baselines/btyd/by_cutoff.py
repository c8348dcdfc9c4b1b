"""The models at each cut-off of a table, fitted on what was known there."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from features.clock import WEEK
from features.fixed import Floats, Ints
from training.baselines.btyd.beta_geometric import BgNbd, MbgNbd
from training.baselines.btyd.gamma_gamma import GammaGamma
from training.baselines.btyd.histories import Histories
from training.baselines.btyd.model import BuyTillYouDie
from training.baselines.btyd.pareto import ParetoNbd

MODELS: dict[str, type[BuyTillYouDie]] = {"bgnbd": BgNbd, "mbgnbd": MbgNbd, "paretonbd": ParetoNbd}
"""The models of repeat orders, by what their columns begin with."""

_SMALLEST = 1e-9
"""Probabilities keep so far from 0 and 1, so that their log odds are numbers one can fit on."""


def histories_of(facts: pd.DataFrame) -> Histories:
    """Order histories from the facts of a training table, whose `recency` and `tenure` are days up to the cut-off."""
    last = (facts["tenure"] - facts["recency"]) / WEEK
    return Histories.of(facts["order_days"] - 1, last, facts["tenure"] / WEEK)


@dataclass(frozen=True)
class ByCutoff:
    """Models of a table's rows, fitted at a cut-off when first asked for it, on its rows there.

    Attributes:
        facts: of the table.
        cutoff: of each row, (n,).
    """

    facts: pd.DataFrame
    cutoff: Ints
    _fitted: dict[int, list[BuyTillYouDie]] = field(default_factory=dict, repr=False)
    _said: dict[tuple[int, int], pd.DataFrame] = field(default_factory=dict, repr=False)

    def columns(self, period_days: int, cutoffs: Iterable[int] | None = None) -> pd.DataFrame:
        """What the models say of the rows: probability to order, expected order-days and expected order value.

        Nothing of it knows what came after a row's cut-off. Who is in the table decides what is
        fitted, so the columns of a row do depend on the other customers.

        Args:
            period_days: horizon, in days.
            cutoffs: rows at these alone; the index says where in the table they stand. All, if nothing is said.

        Returns:
            For each of `bgnbd`, `mbgnbd`, `paretonbd`: `..._logit`, log odds of an order-day in the
            period, and `..._orders`, expected order-days in it. Where there is money also
            `gamma_gamma_value`, the expected spend of an order-day.
        """
        wanted = np.unique(self.cutoff) if cutoffs is None else cutoffs
        return pd.concat([self._at(int(cutoff), period_days) for cutoff in wanted]).sort_index()

    def _at(self, cutoff: int, period_days: int) -> pd.DataFrame:
        if (cutoff, period_days) not in self._said:
            rows = np.flatnonzero(self.cutoff == cutoff)
            facts = self.facts.iloc[rows]
            columns = _orders(self._models(cutoff, facts), histories_of(facts), period_days / WEEK)
            if "order_day_value" in facts:
                columns["gamma_gamma_value"] = _value(facts)
            self._said[cutoff, period_days] = pd.DataFrame(columns, index=rows)
        return self._said[cutoff, period_days]

    def _models(self, cutoff: int, facts: pd.DataFrame) -> list[BuyTillYouDie]:
        if cutoff not in self._fitted:
            rows = histories_of(facts).distinct()
            self._fitted[cutoff] = [model.fit(rows) for model in MODELS.values()]
        return self._fitted[cutoff]


def _orders(models: list[BuyTillYouDie], h: Histories, weeks: float) -> dict[str, Floats]:
    columns = {}
    for name, model in zip(MODELS, models, strict=True):
        p = np.clip(model.probability_to_order(h, weeks), _SMALLEST, 1 - _SMALLEST)
        columns[f"{name}_logit"] = np.log(p) - np.log1p(-p)
        columns[f"{name}_orders"] = model.expected_orders(h, weeks)
    return columns


def _value(facts: pd.DataFrame) -> Floats:
    orders, mean = (facts[name].to_numpy(np.float64) for name in ("order_days", "order_day_value"))
    if not (mean > 0).any():
        return np.zeros(len(facts))
    return GammaGamma.fit(orders, mean).expected_value(orders, mean)
