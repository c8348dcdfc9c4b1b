"""A whole log in partitions: the history of each, with what only the whole log can tell."""

from collections.abc import Callable, Iterator
from functools import cached_property, partial, reduce
from operator import add
from pathlib import Path
from threading import Lock

from features.history import History
from features.history.lines import first_days, usual_prices
from features.history.prices import UsualPrices
from features.history.shop import ShopDays
from features.orders.log import OrderLog
from features.partitions.partitions import Partitions
from features.partitions.tree_sum import TreeSum


class Parted:
    """Order lines before a day, taken in batch by batch, given out as histories of whole customers.

    Args:
        before: day number; later lines are left out.
        lines: the most lines of a partition, see `Partitions`.
        folder: where lines are put down if they are more.

    Attributes:
        since: first day on which each optional column holds a value.
    """

    def __init__(self, before: int, lines: int, folder: Path) -> None:
        self._before, self._partitions = before, Partitions(lines, folder)
        self._usual: TreeSum[UsualPrices] = TreeSum()
        self._asked = Lock()  # by several threads at once
        self.since: dict[str, int] = {}

    def add(self, log: OrderLog) -> None:
        """Take in a batch of lines."""
        log = log.before(self._before)
        for name, day in first_days(log).items():
            self.since[name] = min(day, self.since.get(name, day))
        if {"product_id", "unit_price"} <= log.has:
            self._usual.add(usual_prices(log))
        self._partitions.add(log)

    def __len__(self) -> int:
        """How many partitions there are."""
        return len(self._partitions)

    def histories(self, shop: Callable[[], ShopDays] | None = None) -> Iterator[History]:
        """The history of each partition; the customers of one come before those of the next.

        Args:
            shop: gives the days of the whole shop where they are known already;
                else all partitions are gone through once, if somebody asks.
        """
        if self._partitions.in_memory:
            return iter(self._one)
        usual = self._usual.total()
        of = partial(History.of, since=self.since, usual=usual, shop=shop or self._days)
        return map(of, self._partitions.parts())

    def order_days(self) -> Iterator[History]:
        """Histories with as many measures as tell order-days and money, and no more where that saves work."""
        if self._partitions.in_memory:
            return iter(self._one)
        since = {name: day for name, day in self.since.items() if name == "amount"}
        return map(partial(History.of, since=since), self._partitions.parts(["amount"]))

    def _days(self) -> ShopDays:
        with self._asked:
            return self._shop_days

    @cached_property
    def _shop_days(self) -> ShopDays:
        return reduce(add, (history.shop_days for history in self.order_days()))

    @cached_property
    def _one(self) -> list[History]:
        return [History.of(log, since=self.since, usual=self._usual.total()) for log in self._partitions.parts()]
