"""How inner loops are compiled."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

_How = ParamSpec("_How")
_What = TypeVar("_What")


def kernel(function: Callable[_How, _What]) -> Callable[_How, _What]:
    """Compile a function that makes no array: it reads and fills those that it is given, and passes them on.

    Numba counts who holds an array, by an atomic instruction, wherever one is
    passed on, named or sliced, which takes longer than the arithmetic of a
    small function. Here whoever calls holds them all, so nothing is counted.
    """
    compiled: Callable[_How, _What] = numba.njit(cache=True, nogil=True, _nrt=False)(function)  # type: ignore[call-overload]
    return compiled
