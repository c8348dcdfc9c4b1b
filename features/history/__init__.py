"""From order lines to what each customer did on each day, in exact sums."""

from features.history.history import LOG_UNIT, Codes, History

__all__ = ["LOG_UNIT", "Codes", "History"]
