"""How often each feature must be computed: where something it depends on changed, and no oftener.

A feature is computed once on nothing at all, which shows what it depends on. If
that is only how far the customer's history had come by some days before the
cut-off, its value holds for all neighbouring cut-offs by which no history came
nearer; if only the cut-off, for all customers. What is shown on nothing is not
believed: whoever asks for more when it matters is computed at every snapshot.
What these ask for is itself worked out where it changes, and repeated.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from features.errors import UsageError
from features.feature import Feature
from features.fixed import Floats, Ints
from features.past.answers import CUSTOMER, CUTOFF, Key, Read, Reads
from features.past.past import Part, Past
from features.past.runs import Runs, in_single

EVERYTHING: Reads = frozenset({CUSTOMER, CUTOFF})
"""What is different at every snapshot."""

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Plan:
    """Features by what they depend on.

    Attributes:
        groups: the features that depend on the same; those that depend on everything come last.
        answers: what those ask for that depends on less, and on what.
        since: first day on which all columns that a feature needs hold a value, where that is known.
    """

    groups: dict[Reads, list[Feature]]
    answers: dict[Key, Reads]
    since: dict[str, int]

    @classmethod
    def of(cls, past: Past, features: Sequence[Feature]) -> Self:
        """The plan for features of a past, or of another one with the same history."""
        groups: dict[Reads, list[Feature]] = {}
        nothing = past.at(slice(0, 0))
        for feature in features:
            groups.setdefault(_reads(nothing, feature), []).append(feature)
        groups[EVERYTHING] = groups.pop(EVERYTHING, [])
        return cls(
            groups,
            _borrowed(past, groups[EVERYTHING]),
            {feature.name: past.since(feature.needs) for feature in features if feature.needs},
        )

    def fill(self, past: Past, columns: Columns) -> None:
        """Write the value of each feature at each snapshot into its column, shape (n,).

        Raises:
            UsageError: a feature gives no value for each snapshot, or one that its unit does not allow.
        """
        parts: dict[Reads, Part] = {}
        for reads, features in self.groups.items():
            runs = _runs(past, reads)
            here = past.at(runs.first) if runs else past
            if runs and reads in self._lenders:
                parts[reads] = Part(here, runs, reads)
            if reads == EVERYTHING:
                here = past.asking({key: parts[needed] for key, needed in self.answers.items() if needed in parts})
            for feature in features:
                _fill(feature, (past, here), (reads, runs), columns[feature.name])
        self._forget(past.cutoff, columns)

    @cached_property
    def _lenders(self) -> frozenset[Reads]:
        return frozenset(self.answers.values())

    def _forget(self, cutoff: Ints, columns: Columns) -> None:
        """At a cut-off before which a column held nothing there was no such feature."""
        first = cutoff.min(initial=np.iinfo(np.int64).max)
        for name, day in self.since.items():
            if first <= day:
                columns[name][cutoff <= day] = np.nan


def _reads(nothing: Past, feature: Feature) -> Reads:
    """What a feature depends on, as far as it shows on no snapshots."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            reads = nothing.observed(feature.compute)[1]
    except Exception:  # a user's function may need a snapshot
        return EVERYTHING
    return _settled(reads)


def _borrowed(past: Past, features: Sequence[Feature]) -> dict[Key, Reads]:
    nothing = past.at(slice(0, 0))
    for feature in features:
        _reads(nothing, feature)
    return {key: _settled(reads) for key, reads in nothing.answered() if CUTOFF not in reads}


def _settled(reads: set[Read]) -> Reads:
    if CUTOFF in reads:
        return EVERYTHING if len(reads) > 1 else frozenset(reads)
    return frozenset({CUSTOMER, *reads})


def _runs(past: Past, reads: Reads) -> Runs | None:
    """Snapshots that one value serves; None where each needs its own."""
    if reads == {CUTOFF}:
        return Runs.of_equal(past.cutoff)
    if CUTOFF in reads:
        return None
    runs = Runs.between(map(past.moves, reads), len(past))
    return runs if len(runs.first) < len(past) else None


def _fill(feature: Feature, pasts: tuple[Past, Past], held: tuple[Reads, Runs | None], column: np.ndarray) -> None:
    (past, here), (reads, runs) = pasts, held
    values, asked = here.observed(lambda asked: _values(feature, asked))
    if runs and asked <= reads:
        runs.spread(_typed(feature, values), column)
    else:
        _put(feature, _values(feature, past) if runs else values, column)


def _values(feature: Feature, past: Past) -> Floats:
    """Values as they are computed."""
    values = np.asarray(feature.compute(past), dtype=np.float64)
    if values.shape != (len(past),):
        raise UsageError(
            f"the feature '{feature.name}' gives no value for each snapshot",
            got=f"an array of shape {values.shape}",
            allowed=f"shape ({len(past)},)",
            remedy="compute it from the arrays that a Past gives, element by element",
        )
    return values


def _typed(feature: Feature, values: Floats) -> np.ndarray:
    """Values in the feature's type."""
    if feature.dtype == "float64":
        return values
    single = np.empty(len(values), feature.dtype)
    _narrow(feature, values, single)
    return single


def _put(feature: Feature, values: Floats, column: np.ndarray) -> None:
    """Write the value of each snapshot into a column of the feature's type."""
    if feature.dtype == "float64":
        column[:] = values
    else:
        _narrow(feature, values, column)


def _narrow(feature: Feature, values: Floats, single: np.ndarray) -> None:
    if not in_single(values, single):
        lost = values[(values.astype(np.float32) != values) & ~np.isnan(values)]
        raise UsageError(
            f"the feature '{feature.name}' has values that its unit does not allow",
            got=f"{lost[0]} {feature.unit}, and {len(lost) - 1} more",
            allowed=f"whole numbers below 2**24, since its unit is '{feature.unit}'",
            remedy=f"round them, or give it another unit, such as 'mean {feature.unit}'",
        )
