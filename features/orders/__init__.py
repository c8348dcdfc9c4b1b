"""The door through which orders come in: read, judged, and either kept or set aside with a reason."""

from features.orders.clean import CleanOrders, clean_orders, load_orders
from features.orders.contract import COLUMNS, NAMES, OPTIONAL, REQUIRED, Column
from features.orders.log import OrderLog
from features.orders.report import InputReport
from features.orders.save import save_quarantine
from features.orders.sources import Source, read_orders
from features.orders.stream import OrderStream, stream_orders

__all__ = [
    "COLUMNS",
    "NAMES",
    "OPTIONAL",
    "REQUIRED",
    "CleanOrders",
    "Column",
    "InputReport",
    "OrderLog",
    "OrderStream",
    "Source",
    "clean_orders",
    "load_orders",
    "read_orders",
    "save_quarantine",
    "stream_orders",
]
