"""Settings as TOML, which Python can read and not write."""

import json
import math
import re
from collections.abc import Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")

Settings = Mapping[str, object]


def as_toml(settings: Settings) -> str:
    """TOML of nested settings: text, numbers, booleans, lists, and tables of these; what is None is left out.

    Raises:
        TypeError: a value is of another type.
    """
    return "".join(_table(settings, ())).lstrip("\n")


def _table(settings: Settings, path: tuple[str, ...]) -> list[str]:
    plain = {name: value for name, value in settings.items() if value is not None and not isinstance(value, Mapping)}
    inner = {name: value for name, value in settings.items() if isinstance(value, Mapping)}
    head = [f"\n[{'.'.join(map(_key, path))}]\n"] if path and (plain or not inner) else []
    lines = [f"{_key(name)} = {_value(value)}\n" for name, value in plain.items()]
    return [*head, *lines, *(line for name, table in inner.items() for line in _table(table, (*path, name)))]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value) if math.isfinite(value) else str(value)
        case str():
            return _text(value)
        case list() | tuple():
            return f"[{', '.join(_value(one) for one in value)}]"
        case Mapping():
            pairs = (f"{_key(name)} = {_value(one)}" for name, one in value.items() if one is not None)
            return f"{{ {', '.join(pairs)} }}"
    raise TypeError(f"no TOML for {type(value).__name__}")


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for DEL, which JSON leaves bare."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
