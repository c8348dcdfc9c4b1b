"""One order log from several."""

from collections.abc import Sequence

import numpy as np

from features.orders.coded import joined, loosely_joined
from features.orders.contract import LOOSE
from features.orders.log import OrderLog


def merged(logs: Sequence[OrderLog]) -> OrderLog:
    """The lines of all logs, one log after the other; what one lacks of a column that another has is missing."""
    if len(logs) == 1:
        return logs[0]
    text = sorted({name for log in logs for name in log.text})
    numbers = sorted({name for log in logs for name in log.numbers})
    return OrderLog(
        {name: (loosely_joined if name in LOOSE else joined)([log.text_of(name) for log in logs]) for name in text},
        {name: np.concatenate([log.numbers_of(name) for log in logs]) for name in numbers},
        np.concatenate([log.ordered_at for log in logs]),
        np.concatenate([log.is_return for log in logs]),
    )
