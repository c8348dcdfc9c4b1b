"""Shapley values of a function of a few arguments: what each one's change has to do with the change of all."""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial

from features.fixed import Floats


def shapley_values(begin: Sequence[Floats], end: Sequence[Floats], value: Callable[..., Floats]) -> list[Floats]:
    """The mean, over all orders in which the arguments may change, of what each one's change adds to the value.

    Shapley (1953), "A value for n-person games". The values of all arguments
    sum to `value(*end) - value(*begin)`.

    Args:
        begin: arguments before, arrays that broadcast.
        end: arguments after.
        value: works element by element; called for each of the 2^k sets of changed arguments.

    Returns:
        One array an argument.
    """
    k = len(end)
    places = range(k)
    changed = {
        inside: value(*(end[at] if at in inside else begin[at] for at in places))
        for size in range(k + 1)
        for inside in map(frozenset, combinations(places, size))
    }

    def mean(at: int) -> Floats:
        without = [inside for inside in changed if at not in inside]
        weights = [factorial(len(inside)) * factorial(k - 1 - len(inside)) / factorial(k) for inside in without]
        added = [changed[inside | {at}] - changed[inside] for inside in without]
        return sum((w * one for w, one in zip(weights, added, strict=True)), start=0.0 * added[0])

    return [mean(at) for at in places]
