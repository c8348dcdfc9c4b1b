"""Which columns of a source are which canonical ones."""

import difflib
import re
from collections.abc import Sequence

from features.config import OrdersConfig
from features.errors import DataError, UsageError
from features.orders.contract import NAMES, REQUIRED


def check_mapping(columns: dict[str, str]) -> None:
    """Check that `columns` maps canonical names only.

    Raises `UsageError` for any other name.
    """
    strangers = [name for name in columns if name not in NAMES]
    if strangers:
        raise UsageError(
            "[orders.columns] maps a name that is not an order column",
            got=", ".join(map(repr, strangers)),
            allowed=", ".join(NAMES),
            remedy='write canonical_name = "name in the file", for example customer_id = "CustomerID"',
        )


def choose(found: Sequence[str], config: OrdersConfig, where: str) -> dict[str, str]:
    """The columns to read, as {name in the source: canonical name}; `where` names the source in errors.

    Raises `DataError` where a required or mapped column is missing or a name stands
    for several columns; `UsageError` where one column is to be two canonical ones.
    """
    wanted = {name: config.columns.get(name, name) for name in NAMES}
    for name, there in wanted.items():
        if there not in found and (name in config.columns or name in REQUIRED):
            raise _missing(name, there, found, where)
    chosen = {name: there for name, there in wanted.items() if there in found}
    _check_once(list(chosen.values()), found, where)
    return {there: name for name, there in chosen.items()}


def _missing(name: str, there: str, found: Sequence[str], where: str) -> DataError:
    close = _closest(there, found) or (_closest(name, found) if there != name else None)
    return DataError(
        f"{where} has no column {there!r}, which [orders.columns] maps to {name}"
        if there != name
        else f"{where} has no column {name!r}, which is required",
        got=f"columns {', '.join(map(repr, found)) or '(none)'}",
        remedy=f'name the column in the configuration: [orders.columns] {name} = "{close or "..."}"'
        + (" (the closest name found)" if close else ""),
    )


def _closest(name: str, found: Sequence[str]) -> str | None:
    plain = {re.sub(r"[\W_]+", "", column).lower(): column for column in found}
    close = difflib.get_close_matches(re.sub(r"[\W_]+", "", name).lower(), list(plain), n=1, cutoff=0.5)
    return plain[close[0]] if close else None


def _check_once(used: Sequence[str], found: Sequence[str], where: str) -> None:
    if twice := [name for name in used if list(found).count(name) > 1]:
        raise DataError(
            f"{where} has several columns of one name, so it is not clear which is meant",
            got=", ".join(map(repr, twice)),
            remedy="give each column a name of its own",
        )
    if shared := sorted({name for name in used if used.count(name) > 1}):
        raise UsageError(
            "one column of the orders stands for two canonical columns",
            got=", ".join(map(repr, shared)),
            remedy="map each canonical column in [orders.columns] to a column of its own",
        )
