"""A log in partitions with what only the whole log can tell: enough to make each partition's history, anywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from features.errors import StagecastError
from features.history import History
from features.history.shop import ShopDays
from features.orders.log import OrderLog
from features.partitions.prices import PutDown
from features.partitions.runs import Runs


class Share(Protocol):
    """Partitions of whole customers by number; the customers of one come before those of the next."""

    def __len__(self) -> int:
        """How many partitions there are."""

    def history(self, number: int) -> History:
        """The history of a partition; its customers have the history they have in the whole log."""

    def order_days(self, number: int) -> History:
        """The same with as many measures as tell order-days and money, and no more where that saves work."""


@dataclass(frozen=True)
class InMemory:
    """A log that is one partition, or none."""

    whole: tuple[History, ...]

    def __len__(self) -> int:
        return len(self.whole)

    def history(self, number: int) -> History:
        """See `Share`."""
        return self.whole[number]

    order_days = history


@dataclass(frozen=True)
class InFiles:
    """Partitions in files.

    Attributes:
        runs: where the lines lie.
        since: first day on which each optional column of the whole log holds a value.
        usual: what was paid for the products in the whole log.
        shop: gives the days of the whole shop; called if somebody asks for them.
    """

    runs: Runs
    since: dict[str, int]
    usual: PutDown | None
    shop: Callable[[], ShopDays]

    def __len__(self) -> int:
        return len(self.runs)

    def history(self, number: int) -> History:
        """See `Share`."""
        return self.history_of(self.runs.part(number))

    def history_of(self, log: OrderLog) -> History:
        """The history of lines of the log, with what only the whole log tells."""
        usual = None if self.usual is None else self.usual.prices()
        return History.of(log, since=self.since, usual=usual, shop=self.shop)

    def order_days(self, number: int) -> History:
        """See `Share`."""
        since = {name: day for name, day in self.since.items() if name == "amount"}
        return History.of(self.runs.part(number, ["amount"]), since=since)


@dataclass(frozen=True)
class Known:
    """Days of the whole shop that are known."""

    days: ShopDays

    def __call__(self) -> ShopDays:
        """The days."""
        return self.days


def nobody_asks() -> ShopDays:
    """Stands for the days of the shop where no feature is said to need them.

    Raises:
        StagecastError: one does all the same.
    """
    raise StagecastError(
        "a feature looks at the whole shop without saying so",
        allowed="features declared with shop=True",
        remedy="declare your own feature as @feature(..., shop=True)",
    )
