"""Sums of things that are costly to add."""

from typing import Generic, Protocol, Self, TypeVar


class Addable(Protocol):
    """What `+` puts together."""

    def __add__(self, other: Self, /) -> Self: ...


Sum = TypeVar("Sum", bound=Addable)


class TreeSum(Generic[Sum]):
    """Adds like to like: each thing goes into log2(n) additions instead of n."""

    def __init__(self) -> None:
        self._sums: list[tuple[int, Sum]] = []

    def add(self, term: Sum) -> None:
        """Take in one more."""
        terms = 1
        while self._sums and self._sums[-1][0] == terms:
            term = self._sums.pop()[1] + term
            terms *= 2
        self._sums.append((terms, term))

    def total(self) -> Sum | None:
        """The sum of all; None where there is nothing."""
        while len(self._sums) > 1:
            (terms, last), (more, before) = self._sums.pop(), self._sums.pop()
            self._sums.append((terms + more, before + last))
        return self._sums[0][1] if self._sums else None
