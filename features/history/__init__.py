"""From order lines to what each customer did on each day, in exact sums."""

from features.history.history import Codes, History
from features.history.measures import LOG_UNIT

__all__ = ["LOG_UNIT", "Codes", "History"]
