"""The catalogue: every feature on one page, written from what the features say of themselves."""

import sys
from collections.abc import Iterator

from features.families import FAMILIES
from features.feature import Feature
from features.sets.declared import FeatureSet
from features.sets.features import EVERY_COLUMN, features_of

_ANY = 977
"""A window in the place of all windows: `net_spend_977w` becomes the one row of `net_spend_{w}w`."""


_HEAD = """# The features

<!-- Generated, do not edit: stagecast features --catalogue > docs/features.md -->

{number} features are made from orders with all optional columns, {bare} from customers and times alone.
`{{w}}` in a name is the length of a window in weeks: {windows} (`[features] windows`).

**Signs.** `t` is the cut-off; only what happened before it counts. `w` is the window `[t - w, t)`, `w before` the
equally long one before it, `ever` all history; `26w` is a window of 26 weeks whatever the settings. `P` is the period.
An order-day is a day with a purchase that was not taken back on the spot: `d_1, ..., d_n` are the order-days, `n(w)`
is their number, `v_i` the spend of an order-day and `g_i = d_i - d_(i-1)` the gap before it. `sum`, `mean`, `max` and
`sd` (the standard deviation of the population) are over the window, `slope` is a least-squares slope, and
`change(a, b) = (a - b) / (|a| + |b|)`. `G`, `L` and `M` are cadence, level and peak of the stages: see `stages.md`.
A ratio without a denominator is NaN.

**Needs** are the optional order columns without which the feature is left out. At a cut-off before the first value of
such a column it is NaN. **Empty** is its value where the window holds nothing; "-" says that there always is something.
Whole numbers are float32, which holds them exactly; all others are float64. What begins with `shop_` looks at other
customers too; every other feature is made from the customer's own orders.
"""

_TABLE = """
## {family}: {about}

| feature | meaning | unit | formula | needs | empty | type |
|---|---|---|---|---|---|---|
"""


def catalogue(declared: FeatureSet | None = None) -> str:
    """The catalogue of a declared feature set, or of the default one, as Markdown.

    Raises:
        UsageError: the set names a family or a feature that does not exist.
    """
    declared = declared or FeatureSet()
    features = features_of(declared.model_copy(update={"windows": (_ANY,)}), EVERY_COLUMN)
    families = dict.fromkeys(feature.family for feature in features)
    head = _HEAD.format(
        number=len(features_of(declared, EVERY_COLUMN)),
        bare=len(features_of(declared, frozenset())),
        windows=", ".join(map(str, declared.windows)),
    )
    return head + "".join(part for family in families for part in _section(family, features))


def _section(family: str, features: list[Feature]) -> Iterator[str]:
    yield _TABLE.format(family=family.capitalize() or "Tables", about=_about(family))
    yield from (_row(feature) for feature in features if feature.family == family)


def _about(family: str) -> str:
    if family not in FAMILIES:
        return "as the settings declare them"
    words = str(sys.modules[FAMILIES[family].__module__].__doc__).splitlines()[0].rstrip(".")
    return words[0].lower() + words[1:]


def _row(feature: Feature) -> str:
    name = feature.name.replace(f"{_ANY}w", "{w}w")
    meaning = feature.meaning.replace(str(_ANY), "w")
    formula = feature.formula.replace(f"{_ANY}w", "w")
    empty = "-" if feature.empty is None else f"{feature.empty:g}".replace("nan", "NaN")
    needs = ", ".join(sorted(feature.needs)) or "-"
    meaning, formula = (words.replace("|", "\\|") for words in (meaning, formula))
    return f"| `{name}` | {meaning} | {feature.unit} | `{formula}` | {needs} | {empty} | {feature.dtype} |\n"
