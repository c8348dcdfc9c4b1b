"""A whole log in partitions: the history of each, with what only the whole log can tell."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from operator import add
from pathlib import Path
from threading import Lock

from features.engine import Engine, Local, apart
from features.history import History
from features.history.paid import usual_prices
from features.history.prices import UsualPrices
from features.history.shop import ShopDays
from features.history.since import first_days
from features.orders.log import OrderLog
from features.partitions.partitions import Partitions, Sampled
from features.partitions.prices import PutDown
from features.partitions.share import InFiles, InMemory, Known, Share, nobody_asks
from features.partitions.tree_sum import TreeSum

SPREAD = 16
"""Partitions that are made for other processes at least, so that none has much more to do than another."""


@dataclass(frozen=True)
class Laid:
    """Lines that were laid down in files, maybe by another process.

    Attributes:
        runs: the files.
        since: first day on which each optional column holds a value in them.
        usual: what was paid for the products in them.
    """

    runs: tuple[Sampled, ...]
    since: dict[str, int]
    usual: PutDown | None


class Parted:
    """Order lines before a day, taken in batch by batch, then given out as histories of whole customers.

    Args:
        before: day number; later lines are left out.
        lines: the most lines of a partition, see `Partitions`.
        folder: where lines are put down if they are more.

    Attributes:
        folder: as given.
        since: first day on which each optional column holds a value.
    """

    def __init__(self, before: int, lines: int, folder: Path) -> None:
        self._before, self.folder, self._partitions = before, folder, Partitions(lines, folder)
        self._usual: TreeSum[UsualPrices] = TreeSum()
        self._asked = Lock()  # by several threads at once
        self.since: dict[str, int] = {}

    def add(self, log: OrderLog) -> None:
        """Take in a batch of lines."""
        log = log.before(self._before)
        self._begin(first_days(log))
        if {"product_id", "unit_price"} <= log.has:
            self._usual.add(usual_prices(log))
        self._partitions.add(log)

    def put(self, laid: Laid) -> None:
        """Take in lines that are in files already."""
        self._begin(laid.since)
        if laid.usual is not None:
            self._usual.add(laid.usual.prices())
        self._partitions.put(laid.runs)

    def laid(self) -> Laid:
        """All lines in files, for another process to take in."""
        return Laid(tuple(self._partitions.put_down()), self.since, self._prices)

    @property
    def elsewhere(self) -> "Callable[[Path], Parted]":
        """Makes one that takes lines in for this one, in another process; it is given a folder."""
        return partial(Parted, self._before, 0)

    def lines(self) -> Iterator[OrderLog]:
        """The lines of each partition."""
        return self._partitions.parts()

    def __len__(self) -> int:
        """How many partitions there are."""
        return len(self._partitions)

    @property
    def bounds(self) -> list[str]:
        """Customers with whom partitions begin, but for the first."""
        return self._partitions.bounds()

    def share(self, shop: Callable[[], ShopDays] | None = None, engine: Engine | None = None) -> Share:
        """The partitions, for whoever works on them.

        Args:
            shop: gives the days of the whole shop where they are known already;
                else all partitions are gone through once, if somebody asks.
            engine: looks at the files.
        """
        if self._partitions.in_memory:
            return self._in_memory
        return InFiles(self._partitions.runs((engine or Local()).map), self.since, self._prices, shop or self._days)

    def share_on(self, engine: Engine, whole_shop: bool) -> Share:
        """The partitions, for the workers of an engine.

        Args:
            engine: works on them.
            whole_shop: whether the days of the whole shop will be asked for.
        """
        if not apart(engine):
            return self.share()
        self._partitions.spread(SPREAD)
        share = self.share(nobody_asks, engine)
        if not whole_shop:
            return share
        days = reduce(add, engine.map(partial(_shop_days, share), range(len(share))))
        return self.share(Known(days), engine)

    def histories(self, shop: Callable[[], ShopDays] | None = None) -> Iterator[History]:
        """The history of each partition; the customers of one come before those of the next. `shop` as in `share`."""
        share = self.share(shop)
        return map(share.history, range(len(share)))

    def order_days(self) -> Iterator[History]:
        """Histories with as many measures as tell order-days and money, and no more where that saves work."""
        share = self.share()
        return map(share.order_days, range(len(share)))

    def _begin(self, since: dict[str, int]) -> None:
        for name, day in since.items():
            self.since[name] = min(day, self.since.get(name, day))

    @cached_property
    def _prices(self) -> PutDown | None:
        """In a file of a name that never comes again: who has read it once keeps what was in it."""
        usual = self._usual.total()
        return None if usual is None else PutDown.of(usual, self.folder / f"{uuid.uuid4().hex}.prices")

    def _days(self) -> ShopDays:
        with self._asked:
            return self._shop_days

    @cached_property
    def _shop_days(self) -> ShopDays:
        return reduce(add, (history.shop_days for history in self.order_days()))

    @cached_property
    def _in_memory(self) -> InMemory:
        whole = [History.of(log, since=self.since, usual=self._usual.total()) for log in self._partitions.parts()]
        return InMemory(tuple(whole))


def _shop_days(share: Share, number: int) -> ShopDays:
    return share.order_days(number).shop_days
