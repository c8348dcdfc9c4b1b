"""Which columns of a source are which canonical ones."""

import difflib
import re
from collections.abc import Sequence

from features.config import SourceConfig
from features.errors import DataError, UsageError
from features.orders.contract import NAMES, REQUIRED


def check_mapping(config: SourceConfig) -> None:
    """Check that the columns of the configuration are canonical names.

    Raises `UsageError` for any other name.
    """
    names = config.names or NAMES
    strangers = [name for name in config.columns if name not in names]
    if strangers:
        raise UsageError(
            f"[{config.section}.columns] maps a name that is none of its columns",
            got=", ".join(map(repr, strangers)),
            allowed=", ".join(names),
            remedy='write canonical_name = "name in the file", for example customer_id = "CustomerID"',
        )


def choose(found: Sequence[str], config: SourceConfig, where: str) -> dict[str, str]:
    """The columns to read, as {name in the source: canonical name}; `where` names the source in errors.

    Raises `DataError` where a required or mapped column is missing or a name stands
    for several columns; `UsageError` where one column is to be two canonical ones.
    """
    wanted = {name: config.columns.get(name, name) for name in config.names or NAMES}
    required = config.required or REQUIRED
    for name, there in wanted.items():
        if there not in found and (name in config.columns or name in required):
            raise _missing(name, found, config, where)
    chosen = {name: there for name, there in wanted.items() if there in found}
    _check_once(list(chosen.values()), found, config, where)
    return {there: name for name, there in chosen.items()}


def time_of(chosen: dict[str, str]) -> str:
    """The column of the source that says when a row happened."""
    there = {name: column for column, name in chosen.items()}
    return next(there[name] for name in ("ordered_at", "happened_at", "known_at") if name in there)


def _missing(name: str, found: Sequence[str], config: SourceConfig, where: str) -> DataError:
    there = config.columns.get(name, name)
    close = _closest(there, found) or (_closest(name, found) if there != name else None)
    return DataError(
        f"{where} has no column {there!r}, which [{config.section}.columns] maps to {name}"
        if there != name
        else f"{where} has no column {name!r}, which is required",
        got=f"columns {', '.join(map(repr, found)) or '(none)'}",
        remedy=f'name the column in the configuration: [{config.section}.columns] {name} = "{close or "..."}"'
        + (" (the closest name found)" if close else ""),
    )


def _closest(name: str, found: Sequence[str]) -> str | None:
    plain = {re.sub(r"[\W_]+", "", column).lower(): column for column in found}
    close = difflib.get_close_matches(re.sub(r"[\W_]+", "", name).lower(), list(plain), n=1, cutoff=0.5)
    return plain[close[0]] if close else None


def _check_once(used: Sequence[str], found: Sequence[str], config: SourceConfig, where: str) -> None:
    if twice := [name for name in used if list(found).count(name) > 1]:
        raise DataError(
            f"{where} has several columns of one name, so it is not clear which is meant",
            got=", ".join(map(repr, twice)),
            remedy="give each column a name of its own",
        )
    if shared := sorted({name for name in used if used.count(name) > 1}):
        raise UsageError(
            "one column stands for two canonical columns",
            got=", ".join(map(repr, shared)),
            remedy=f"map each canonical column in [{config.section}.columns] to a column of its own",
        )
