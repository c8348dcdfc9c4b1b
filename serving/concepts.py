"""The ideas that reasons speak of: which features belong to each, and how it is said."""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import isfinite
from string import Formatter
from typing import Any

from features.families import family_of

_WINDOW = re.compile(r"(?P<stem>.+)_(?P<weeks>\d+)w")


@dataclass(frozen=True)
class Sentence:
    """Words round the numbers of one customer.

    Attributes:
        words: for `str.format`; its fields are names of features.
        needs: those features.
    """

    words: str
    needs: tuple[str, ...]

    def of(self, row: Mapping[Hashable, Any]) -> str | None:
        """The sentence for one customer, or None where a number is not known."""
        values = {name: row[name] for name in self.needs}
        known = all(not isinstance(value, float) or isfinite(value) for value in values.values())
        return self.words.format(**values) if known else None


@dataclass(frozen=True)
class Concept:
    """A group of features under one idea.

    Attributes:
        families: families whose features belong to it.
        words: the sentence, its fields features of the default windows; of
            another set of windows the nearest one is taken, and `{weeks}` is
            its length.
    """

    families: frozenset[str]
    words: str

    def columns(self, names: tuple[str, ...]) -> list[str]:
        """The features among `names` that belong to this concept."""
        return [name for name in names if family_of(name) in self.families]

    def sentence(self, names: tuple[str, ...]) -> Sentence | None:
        """The sentence in terms of the features among `names`, or None where one of them is missing."""
        fields = [field for _, field, _, _ in Formatter().parse(self.words) if field and field != "weeks"]
        found = {field: name for field in fields if (name := nearest(field, names))}
        if len(found) < len(fields):
            return None
        windows = [window["weeks"] for name in found.values() if (window := _WINDOW.fullmatch(name))]
        words = re.sub(r"\{(\w+)", lambda field: "{" + found.get(field[1], field[1]), self.words)
        return Sentence(words.replace("{weeks}", "".join(windows[:1])), tuple(found.values()))


def nearest(name: str, names: tuple[str, ...]) -> str | None:
    """A feature among `names`, or the one of its kind with the nearest window (the shorter of two), or None."""
    asked = _WINDOW.fullmatch(name)
    if name in names or asked is None:
        return name if name in names else None
    windows = (window for other in names if (window := _WINDOW.fullmatch(other)) and window["stem"] == asked["stem"])
    numbers = sorted(int(window["weeks"]) for window in windows)
    if not numbers:
        return None
    best = min(numbers, key=lambda weeks: abs(weeks - int(asked["weeks"])))
    return f"{asked['stem']}_{best}w"


def _concept(families: str, words: str) -> Concept:
    return Concept(frozenset(families.split()), words)


CONCEPTS: dict[str, Concept] = {
    "silence": _concept("recency rhythm", "silent for {silence_in_cadences:.1f} of its usual gaps"),
    "frequency": _concept(
        "counts", "ordered on {order_days_26w:.0f} days of {weeks} weeks, {order_days_ever:.0f} ever"
    ),
    "spend": _concept("spend", "spent {net_spend_26w:,.2f} in {weeks} weeks"),
    "trend": _concept("trend", "orders at {pace_13w:.1f} times its usual pace"),
    "stage": _concept("stage", "{stage_code} for {days_in_stage:.0f} days, at {level_to_peak:.0%} of its peak level"),
    "basket": _concept("basket", "buys {lines_per_order_day:.1f} lines a day it orders"),
    "returns": _concept("returns", "lines returned in {weeks} weeks: {return_lines_26w:.0f}"),
    "price": _concept("price", "pays {unit_price_26w:,.2f} a unit"),
    "beginning": _concept("first", "lines of its first order: {first_lines:.0f}"),
    "season": _concept("season", "ordered on {order_days_year_ago:.0f} days in the same period a year ago"),
    "shop": _concept("shop", "{shop_rate_13w:.2f} order-days a customer in the whole shop in {weeks} weeks"),
}
