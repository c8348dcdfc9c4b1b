"""Customer ids that people type and read: found among those known, and fit to be printed."""

from difflib import get_close_matches

import numpy as np

from features.clock import to_date
from features.errors import UsageError
from features.history import History

_NEIGHBOURS = 20_000


def code_of(history: History, customer: str, day: int) -> int:
    """Code of a customer known at a cut-off, by the id.

    Raises:
        UsageError: there is no such customer; the nearest ids are named.
    """
    known = history.known(day)
    names = history.customers[known]
    position = int(np.searchsorted(names, customer))
    if position < len(names) and names[position] == customer:
        return int(known[position])
    around = names[max(position - _NEIGHBOURS, 0) : position + _NEIGHBOURS].tolist()
    meant = [f"'{shown(name)}'" for name in get_close_matches(customer, around, n=3, cutoff=0.5)]
    raise UsageError(
        "this customer is not known at the cut-off",
        got=f"'{shown(customer)}'",
        allowed=f"the id of one with an order-day before {to_date(day)}",
        remedy=f"did you mean {', or '.join(meant)}?" if meant else "check --customer",
    )


def shown(name: str) -> str:
    """An id from outside, fit to be printed: what moves the cursor or cannot be seen is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in name)
