"""Answers that are worked out once, and that say what they depend on.

What a feature depends on decides how often it must be computed: see `features.past.plan`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, Self, TypeVar

import numpy as np

Read = int | Literal["customer", "cutoff"]
"""How far the customer's history had come so many days before the cut-off; or who it is; or the cut-off itself."""

CUSTOMER: Literal["customer"] = "customer"
CUTOFF: Literal["cutoff"] = "cutoff"

Reads = frozenset[Read]

Key = tuple[object, ...]
"""A question: the method and its arguments."""

Known = tuple[Any, set[Read]]
"""An answer, and what it depends on."""

_Asked = TypeVar("_Asked", bound="Answers")
_How = ParamSpec("_How")
_What = TypeVar("_What")


class Answers:
    """What was answered so far.

    Attributes:
        reads: what the answers given since it was emptied depend on.
    """

    def __init__(self) -> None:
        self.reads: set[Read] = set()
        self._answers: dict[Key, Known] = {}

    def elsewhere(self, _key: Key, _ask: Callable[[Self], object]) -> Known | None:
        """An answer that was worked out elsewhere; None where there is none."""
        return None

    def observed(self, compute: Callable[[Any], _What]) -> tuple[_What, set[Read]]:
        """What a function makes of these answers, and what that depends on."""
        outer, self.reads = self.reads, set()
        try:
            made = compute(self)
            return made, self.reads
        finally:
            self.reads = outer | self.reads


def answer(method: Callable[Concatenate[_Asked, _How], _What]) -> Callable[Concatenate[_Asked, _How], _What]:
    """Let a method work only once for the same arguments; what it gives is shared, so arrays become read-only."""

    @wraps(method)
    def ask(self: _Asked, /, *args: _How.args, **named: _How.kwargs) -> _What:
        key = (method.__name__, *args, *named.items())
        known = self._answers.get(key)
        if known is None:
            known = self.elsewhere(key, lambda other: ask(other, *args, **named))
            known = known or self.observed(lambda asked: method(asked, *args, **named))
            if isinstance(known[0], np.ndarray):
                known[0].flags.writeable = False
            self._answers[key] = known
        self.reads |= known[1]
        found: _What = known[0]
        return found

    return ask
