"""One order log from several."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from features.fixed import Floats
from features.orders.coded import Coded, joined
from features.orders.log import OrderLog


def merged(logs: Sequence[OrderLog]) -> OrderLog:
    """The lines of all logs, one log after the other; what one lacks of a column that another has is missing."""
    if len(logs) == 1:
        return logs[0]
    text = sorted({name for log in logs for name in log.text})
    numbers = sorted({name for log in logs for name in log.numbers})
    return OrderLog(
        {name: joined([_text_of(log, name) for log in logs]) for name in text},
        {name: np.concatenate([_numbers_of(log, name) for log in logs]) for name in numbers},
        np.concatenate([log.ordered_at for log in logs]),
        np.concatenate([log.is_return for log in logs]),
    )


def _text_of(log: OrderLog, name: str) -> Coded:
    nothing = np.full(len(log), -1, dtype=np.int32)
    return log.text.get(name, Coded(nothing, pa.array([], pa.large_string())))


def _numbers_of(log: OrderLog, name: str) -> Floats:
    return log.numbers.get(name, np.full(len(log), np.nan))
