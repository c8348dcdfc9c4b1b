"""Orders that need not fit into memory: taken in batch by batch."""

from typing import Protocol

from features.orders import CleanOrders, OrderLog, OrderStream, stream_orders
from features.orders.span import NothingInSpanError
from stagecast.beside import bare
from stagecast.config import Config
from stagecast.cutoffs import days_before
from stagecast.describe import Orders, check
from stagecast.progress import tell


class Taker(Protocol):
    """What takes lines in."""

    def add(self, log: OrderLog) -> None:
        """Take in a batch of lines."""


def take_in(orders: Orders, taker: Taker, config: Config, until: int) -> CleanOrders | OrderStream:
    """Give all lines before a day to a taker; what was read tells afterwards what it was like.

    Raises:
        DataError: the orders cannot be used, or too many rows are bad.
    """
    tell("read the orders")
    orders = bare(orders)
    if isinstance(orders, CleanOrders):
        taker.add(orders.log)
        return orders
    stream = stream_orders(orders, config.orders, config.clock, span=days_before(until, config))
    try:
        for log in stream:
            taker.add(log)
    except NothingInSpanError:
        return check(orders, config)  # so that the error can say when they begin
    return stream
