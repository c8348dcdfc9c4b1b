"""What the stages and features of one customer need to know of all the others."""

from collections.abc import Sequence

from features.history import History
from features.history.shop import ShopDays
from features.stages.tallies import WaitTallies


class WholeShop:
    """The days of the shop, and how long its customers waited before each cut-off, summed over partitions.

    Args:
        cutoffs: where waits are asked for.
        follow_up: how long an order-day is followed up, in days.
    """

    def __init__(self, cutoffs: Sequence[int], follow_up: int) -> None:
        self._cutoffs, self._follow_up = cutoffs, follow_up
        self.days: ShopDays | None = None
        self.waits: dict[int, WaitTallies] = {}

    def add(self, history: History) -> None:
        """Take in the customers of one partition."""
        self.days = history.shop_days if self.days is None else self.days + history.shop_days
        for cutoff in self._cutoffs:
            waits = WaitTallies.of(history, cutoff, self._follow_up)
            self.waits[cutoff] = self.waits[cutoff] + waits if cutoff in self.waits else waits
