"""Buy till you die: a customer orders at a rate of its own until, unseen, it leaves for good."""

from training.baselines.btyd.beta_geometric import BgNbd, MbgNbd
from training.baselines.btyd.by_cutoff import ByCutoff, histories_of
from training.baselines.btyd.gamma_gamma import GammaGamma
from training.baselines.btyd.histories import Histories
from training.baselines.btyd.model import BuyTillYouDie
from training.baselines.btyd.pareto import ParetoNbd

__all__ = [
    "BgNbd",
    "BuyTillYouDie",
    "ByCutoff",
    "GammaGamma",
    "Histories",
    "MbgNbd",
    "ParetoNbd",
    "histories_of",
]
