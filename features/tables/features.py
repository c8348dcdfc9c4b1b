"""Features of the tables: what each declaration makes, under names of its own."""

from collections.abc import Callable, Iterator

import numpy as np

from features.feature import Feature
from features.fixed import Floats
from features.past import Past
from features.tables.config import Events, Profile, slug
from features.windows import Window, and_ever


def event_features(name: str, events: Events, windows: tuple[int, ...]) -> Iterator[Feature]:
    """Features of a table of events: of each kind, or of all events together.

    Args:
        name: of the table.
        events: what is declared of it.
        windows: in weeks, where the declaration has none of its own.
    """
    for kind in events.kinds or ("",):
        stem = "_".join(filter(None, (name, slug(kind))))
        words = f"{name}, {kind}" if kind else name
        for window in and_ever(windows if events.windows is None else events.windows):
            yield from _within((name, kind, stem, words), events, window)
        if "last" in events.measures:
            yield Feature(
                f"{stem}_last",
                f"last value known ({words})",
                "value",
                _last(name, kind),
                formula=f"value of the last event of {words} with a value",
            )
        if "recency" in events.measures:
            yield Feature(
                f"{stem}_recency",
                f"days since the last event known ({words})",
                "days",
                _recency(name, kind),
                formula=f"t - day of the last event of {words}",
            )


def _within(of: tuple[str, str, str, str], events: Events, window: Window) -> Iterator[Feature]:
    name, kind, stem, words = of
    tail, days = window.tail, window.days
    if "count" in events.measures:
        yield Feature(
            f"{stem}_count_{tail}",
            f"events {window.words} ({words})",
            "count",
            lambda p: p.table(name).count(kind, days),
            formula=f"n({words}; {tail})",
            empty=0.0,
        )
    if "sum" in events.measures:
        yield Feature(
            f"{stem}_sum_{tail}",
            f"sum of the values {window.words} ({words})",
            "value",
            lambda p: p.table(name).total(kind, days),
            formula=f"sum(value of {words}, {tail})",
            empty=0.0,
        )
    if "mean" in events.measures:
        yield Feature(
            f"{stem}_mean_{tail}",
            f"mean of the values {window.words} ({words})",
            "value",
            lambda p: p.table(name).mean(kind, days),
            formula=f"sum(value of {words}, {tail}) / n(values of {words}; {tail})",
        )


def profile_features(name: str, profile: Profile) -> Iterator[Feature]:
    """Features of a table of attributes, each as it was last known; NaN where it never was."""
    for attribute, kind in profile.attributes.items():
        if kind == "number":
            yield Feature(
                f"{name}_{attribute}",
                f"{attribute}, as last known ({name})",
                "value",
                _last(name, attribute),
                formula=f"last known {attribute}",
            )
        elif kind == "date":
            yield Feature(
                f"{name}_days_since_{attribute}",
                f"days since {attribute}, as last known ({name})",
                "days",
                _days_since(name, attribute),
                formula=f"t - last known {attribute}",
            )
        else:
            yield from _words(name, attribute, kind)


def _words(name: str, attribute: str, words: str | tuple[str, ...]) -> Iterator[Feature]:
    for place, word in enumerate(words):
        yield Feature(
            f"{name}_{attribute}_is_{slug(word)}",
            f"1 where {attribute} was last known to be '{word}', else 0 ({name})",
            "code",
            _is((name, attribute), place),
            formula=f"[last known {attribute} = {word}]",
        )


Compute = Callable[[Past], Floats]


def _last(table: str, stream: str) -> Compute:
    return lambda past: past.table(table).last(stream)


def _recency(table: str, stream: str) -> Compute:
    return lambda past: past.table(table).recency(stream)


def _days_since(table: str, attribute: str) -> Compute:
    return lambda past: past.cutoff - past.table(table).last(attribute)


def _is(of: tuple[str, str], place: int) -> Compute:
    def compute(past: Past) -> Floats:
        last = past.table(of[0]).last(of[1])
        return np.where(np.isnan(last), np.nan, (last == place).astype(np.float64))

    return compute
