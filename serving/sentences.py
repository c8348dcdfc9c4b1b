"""How each concept is said: words round the numbers of a customer."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.fixed import Floats
from features.model.concepts import Concept
from features.stages.moves import STAGES, Booleans, Stage

Places = npt.NDArray[np.intp]
_WINDOW = re.compile(r"(?P<stem>.+)_(?P<weeks>\d+)w")

ORDERS: dict[str, tuple[str, ...]] = {
    "silence": ("silent for {silence_in_cadences:.1f} of its usual gaps", "silent for {recency:.0f} days"),
    "frequency": ("ordered on {order_days_26w:.0f} days of {weeks} weeks, {order_days_ever:.0f} ever",),
    "spend": ("spent {net_spend_26w:,.2f} in {weeks} weeks", "spent {net_spend_ever:,.2f} ever"),
    "trend": ("orders at {pace_13w:.1f} times its usual pace",),
    "stage": (
        "{stage_code} for {days_in_stage:.0f} days, at {level_to_peak:.0%} of its peak level",
        "{stage_code} for {days_in_stage:.0f} days",
    ),
    "outlook": (
        "stays in regression unless it orders",
        "counts as silent in {days_to_silence:.0f} days unless it orders",
        "{stage_if_silent} a period later if it orders nothing",
    ),
    "basket": (
        "buys {lines_per_order_day:.1f} lines a day it orders",
        "different products bought so far: {products_ever:.0f}",
    ),
    "returns": ("lines returned in {weeks} weeks: {return_lines_26w:.0f}",),
    "price": ("pays {unit_price_26w:,.2f} a unit",),
    "beginning": ("lines of its first order: {first_lines:.0f}",),
    "season": ("ordered on {order_days_year_ago:.0f} days in the same period a year ago",),
    "shop": ("{shop_rate_13w:.2f} order-days a customer in the whole shop in {weeks} weeks",),
}
"""Of features made from the orders, by idea: the first that is true and whose numbers are known is said.

The fields are features of the default windows; of another set of windows the
nearest one is taken, and `{weeks}` is its length.
"""

Bounds = Mapping[str, tuple[float, float]]
"""The least and the most that features may be, inclusive."""

_IN_REGRESSION = (float(Stage.REGRESSION), float(Stage.REGRESSION))
TRUE: dict[str, Callable[[int], Bounds]] = {
    ORDERS["outlook"][0]: lambda _: {"stage_code": _IN_REGRESSION, "stage_if_silent": _IN_REGRESSION},
    ORDERS["outlook"][1]: lambda period: {"days_to_silence": (0.0, period)},
}
"""When a sentence is true, where it is not always; from the days of a period."""

EVENTS = (
    "{stem_count_26w:.0f} in {weeks} weeks, the last {stem_recency:.0f} days ago",
    "{stem_count_26w:.0f} in {weeks} weeks",
    "{stem_count_ever:.0f} ever",
    "the last {stem_recency:.0f} days ago",
)
VALUES = (
    "{stem_mean_26w:,.6g} on average in {weeks} weeks",
    "last value {stem_last:,.6g}",
    "{stem_sum_26w:,.6g} in all in {weeks} weeks",
    "{stem_mean_ever:,.6g} on average ever",
    "{stem_sum_ever:,.6g} in all ever",
)


@dataclass(frozen=True)
class Sentence:
    """Words round the numbers of one customer.

    Attributes:
        words: for `str.format`; its fields are numbered.
        needs: the features that fill them.
        where: features that must lie within bounds, inclusive, for the sentence to be true.
    """

    words: str
    needs: tuple[str, ...] = ()
    where: Bounds = field(default_factory=dict)

    def known(self, features: pd.DataFrame) -> Booleans:
        """The rows it can be said of, shape (n,): those of which it is true and whose numbers are known."""
        rows = np.ones(len(features), dtype=bool)
        for name in self.needs:
            rows &= np.isfinite(features[name].to_numpy())
        for name, (least, most) in self.where.items():
            values = features[name].to_numpy()
            rows &= (values >= least) & (values <= most)
        return rows

    def of(self, features: pd.DataFrame, rows: Places) -> list[str]:
        """The sentence for some rows, all of them `known`."""
        if not self.needs:
            return [self.words.format()] * len(rows)
        columns = (_values(name, features[name].to_numpy()[rows]) for name in self.needs)
        return [self.words.format(*row).replace(" 1 days", " 1 day") for row in zip(*columns, strict=True)]


def sentences(concept: Concept, names: tuple[str, ...], period_days: int) -> list[Sentence]:
    """What can be said of a concept, best first, in terms of the features among `names`."""
    subject = concept.subject.translate({ord("{"): "{{", ord("}"): "}}", ord(";"): ","})
    if concept.kind == "own orders":
        said = [_sentence(words, names, TRUE.get(words, _always)(period_days)) for words in ORDERS[concept.subject]]
    elif concept.kind == "profile":
        said = list(_of_profile(concept, subject))
    elif concept.kind == "own":
        said = [Sentence(subject.replace("_", " ") + ": {0:,.6g}", concept.columns)]
    else:
        several = EVENTS if concept.kind == "events" else VALUES
        said = [_sentence(f"{subject}: {words.replace('{stem', '{' + concept.stem)}", names) for words in several]
    return [one for one in said if one]


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


def _always(_: int) -> Bounds:
    return {}


def _sentence(words: str, names: tuple[str, ...], where: Bounds | None = None) -> Sentence | None:
    """The sentence in terms of the features among `names`, or None where one of them is missing."""
    if not (where or {}).keys() <= set(names):
        return None
    fields = [field for _, field, _, _ in Formatter().parse(words) if field and field != "weeks"]
    found = [name for field in fields if (name := nearest(field, names))]
    if len(found) < len(fields):
        return None
    windows = [window["weeks"] for name in found if (window := _WINDOW.fullmatch(name))]
    for place, asked in enumerate(fields):
        words = re.sub(rf"\{{{asked}(?=[:}}])", f"{{{place}", words)
    return Sentence(words.replace("{weeks}", "".join(windows[:1])), tuple(found), where or {})


def _of_profile(concept: Concept, subject: str) -> Iterator[Sentence]:
    for name in concept.columns:
        _, is_word, word = name.removeprefix(concept.stem).partition("_is_")
        if name == concept.stem:
            yield Sentence(subject + ": {0:,.6g}", (name,))
        elif is_word:
            yield Sentence(f"{subject}: {word.replace('_', ' ')}", where={name: (1.0, 1.0)})
        else:
            yield Sentence(subject + ": {0:.0f} days ago", (name,))


def _values(name: str, numbers: Floats) -> list[object]:
    """Numbers as they are; a stage by its name."""
    if name in ("stage_code", "stage_if_silent"):
        return [STAGES[code] for code in numbers.astype(int).tolist()]
    return list(numbers.tolist())
