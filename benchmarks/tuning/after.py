"""What is done with the raw probabilities of whoever tuned: all of them are treated as training treats its own."""

from dataclasses import dataclass

import numpy as np

from benchmarks.tuning.shop import Shop, truth
from features.fixed import Floats
from features.model.calibration import BetaMap, log_odds, probability
from training.calibrate import fit_blend, fit_map
from training.config import TrainingConfig
from training.waiting import expected_orders, fit_waiting


@dataclass(frozen=True)
class After:
    """Puts orders together with MBG/NBD, and regression through its map; both from the calibration cut-off.

    Attributes:
        happened: on the rows that calibrate.
        plain: log odds of an order by MBG/NBD, of the rows that calibrate and of those that judge.
        config: how far the newest outcomes are trusted.
    """

    happened: np.ndarray
    plain: tuple[Floats, Floats] | None
    config: TrainingConfig

    @classmethod
    def of(cls, shop: Shop, target: str) -> "After":
        """For a target of a shop."""
        plain = None
        if target == "order":
            waiting = fit_waiting(shop.newest)
            plain = tuple(expected_orders(table, waiting, shop.period) for table in (shop.newest, shop.later))
        return cls(truth(shop.newest, target), plain, shop.recipe(()).training)

    def __call__(self, before: Floats, later: Floats, begun: float = 0.0) -> Floats:
        """Probabilities of the rows that judge.

        Args:
            before: raw ones of the rows that calibrate.
            later: raw ones of those that judge.
            begun: log odds that boosting began at, which the raw ones lack.
        """
        if self.plain is None:
            return fit_map(before, self.happened, BetaMap(), self.config.calibration_trust)(later)
        newest, judged = self.plain
        blend = fit_blend(before, newest, self.happened, begun, self.config.level_trust)
        return probability(blend.logit(later, judged))


def raw(said: Floats, begun: float) -> Floats:
    """Probabilities as they come, with the level that boosting began at."""
    return probability(log_odds(said) + begun)
