"""The packages on which values depend to the last bit."""

from functools import cache
from importlib.metadata import version

BITS = ("stagecast", "numpy", "numba", "pyarrow")
"""Packages of which another version might give other bits."""


@cache
def versions() -> str:
    """As they are installed here."""
    return ", ".join(f"{name} {version(name)}" for name in BITS)
