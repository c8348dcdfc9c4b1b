"""What the stages and features of one customer need to know of all the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from features.history import History
from features.history.shop import ShopDays
from features.partitions.share import Share
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
        found = WholeShop((), 0)
        found.days = history.shop_days
        found.waits = {cutoff: WaitTallies.of(history, cutoff, self._follow_up) for cutoff in self._cutoffs}
        self.put(found)

    def put(self, other: "WholeShop") -> None:
        """Take in what was summed up of other partitions."""
        if other.days is not None:
            self.days = other.days if self.days is None else self.days + other.days
        for cutoff, waits in other.waits.items():
            self.waits[cutoff] = self.waits[cutoff] + waits if cutoff in self.waits else waits


@dataclass(frozen=True)
class OneShop:
    """Sums up one partition after the other, each for itself; the arguments are those of `WholeShop`."""

    share: Share
    cutoffs: tuple[int, ...]
    follow_up: int

    def __call__(self, number: int) -> WholeShop:
        """The customers of a partition."""
        found = WholeShop(self.cutoffs, self.follow_up)
        found.add(self.share.order_days(number))
        return found
