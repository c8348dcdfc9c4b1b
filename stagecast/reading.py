"""Orders that need not fit into memory: taken in batch by batch."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from features.engine import Engine, Local, apart, counted
from features.errors import DataError
from features.orders import CleanOrders, OrderLog, OrderStream, stream_orders
from features.orders.limits import terms
from features.orders.span import NothingInSpanError
from features.orders.stretches import cut
from features.orders.told import Input, together
from features.partitions.reading import Layer, Reader
from stagecast.beside import bare
from stagecast.config import Config
from stagecast.cutoffs import days_before
from stagecast.describe import Orders, check
from stagecast.progress import tell

Lay = TypeVar("Lay")

STRETCH = 1 << 19
"""Lines of a stretch of the orders, which one worker reads."""


class Taker(Protocol[Lay]):
    """What takes lines in."""

    def add(self, log: OrderLog) -> None:
        """Take in a batch of lines."""

    def put(self, laid: Lay) -> None:
        """Take in lines that another process has laid down."""

    @property
    def elsewhere(self) -> Callable[[Path], Layer[Lay]]:
        """Makes what takes lines in for this one, in another process."""

    @property
    def folder(self) -> Path:
        """Where lines are put down."""


Read = CleanOrders | OrderStream | Input


def take_in(orders: Orders, taker: Taker[Lay], config: Config, until: int, engine: Engine | None = None) -> Read:
    """Give all lines before a day to a taker; what was read tells afterwards what it was like.

    The workers of an engine read what can be cut into stretches. Where an input
    cannot pass, or a rule depends on all of it, this process reads it once more
    and tells, so that what is told never depends on who has read.

    Raises:
        DataError: the orders cannot be used, or too many rows are bad.
    """
    tell("read the orders")
    orders = bare(orders)
    if isinstance(orders, CleanOrders):
        taker.add(orders.log)
        return orders
    if apart(engine or Local()) and (read := _read_apart(orders, taker, (config, until), engine or Local())):
        return read
    stream = stream_orders(orders, config.orders, config.clock, span=days_before(until, config))
    try:
        for log in stream:
            taker.add(log)
    except NothingInSpanError:
        return check(orders, config)  # so that the error can say when they begin
    return stream


def _read_apart(orders: object, taker: Taker[Lay], asked: tuple[Config, int], engine: Engine) -> Input | None:
    """What the workers have read; None where they cannot."""
    config, until = asked
    span = days_before(until, config)
    allowed = terms(config.orders, config.clock, span=span)
    try:
        source = cut(orders, config.orders, span, STRETCH)
        if source is None:
            return None
        reader = Reader(source, allowed, taker.elsewhere, taker.folder)
        found = list(engine.map(reader, counted("read the orders", len(source.stretches), tell)))
    except DataError:
        return None
    read = together([told for told, _ in found], allowed)
    for _, laid in found if read else ():
        taker.put(laid)
    return read
