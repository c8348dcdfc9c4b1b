"""Why a customer's risk is what it is, in the customer's own terms.

Each concept is a group of features. Its weight is what the log odds of
regression lose when the group is set to what is typical in training, all else
kept; the strongest few become sentences.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.families import family_of
from features.fixed import Floats
from features.model.calibration import SMALLEST
from features.model.forecast import Model
from features.stages.moves import STAGES

Row = dict[str, float]


@dataclass(frozen=True)
class Concept:
    """A group of features under one idea.

    Attributes:
        families: families whose features belong to it.
        needs: the feature the sentence is made from.
        sentence: from a row's features to words.
    """

    families: frozenset[str]
    needs: str
    sentence: Callable[[Row], str]


def _silence(row: Row) -> str:
    return f"silent for {row['silence_in_cadences']:.1f} of its usual gaps"


def _frequency(row: Row) -> str:
    return f"{row['order_days_26w']:.0f} order-days in 26 weeks, {row['order_days_ever']:.0f} ever"


def _spend(row: Row) -> str:
    return f"spent {row['net_spend_26w']:,.2f} in 26 weeks"


def _trend(row: Row) -> str:
    return f"orders at {row['pace_13w']:.1f} times its usual pace"


def _stage(row: Row) -> str:
    stage = STAGES[int(row["stage_code"])]
    return f"{stage} for {row['days_in_stage'] / 7:.0f} weeks, at {row['level_to_peak']:.0%} of its peak level"


def _basket(row: Row) -> str:
    return f"{row['lines_per_order_day']:.1f} lines an order-day"


def _returns(row: Row) -> str:
    return f"{row['return_lines_26w']:.0f} returned lines in 26 weeks"


def _price(row: Row) -> str:
    return f"pays {row['unit_price_26w']:,.2f} a unit"


def _beginning(row: Row) -> str:
    return f"began with an order-day of {row['first_lines']:.0f} lines"


def _shop(row: Row) -> str:
    return f"{row['shop_rate_13w']:.2f} order-days a customer in the whole shop in 13 weeks"


CONCEPTS: dict[str, Concept] = {
    "silence": Concept(frozenset({"recency", "rhythm"}), "silence_in_cadences", _silence),
    "frequency": Concept(frozenset({"counts"}), "order_days_26w", _frequency),
    "spend": Concept(frozenset({"spend"}), "net_spend_26w", _spend),
    "trend": Concept(frozenset({"trend"}), "pace_13w", _trend),
    "stage": Concept(frozenset({"stage"}), "level_to_peak", _stage),
    "basket": Concept(frozenset({"basket"}), "lines_per_order_day", _basket),
    "returns": Concept(frozenset({"returns"}), "return_lines_26w", _returns),
    "price": Concept(frozenset({"price"}), "unit_price_26w", _price),
    "beginning": Concept(frozenset({"first"}), "first_lines", _beginning),
    "shop": Concept(frozenset({"shop", "season"}), "shop_rate_13w", _shop),
}


def weights(model: Model, features: pd.DataFrame, threads: int = 0) -> dict[str, Floats]:
    """Weight of each concept on each customer's log odds of regression, shape (n,).

    Positive raises the risk above what it would be with a typical value.
    """
    base = _log_odds(model.p_regression(features, threads))
    found = {}
    for name, concept in CONCEPTS.items():
        columns = [c for c in model.contract.features if family_of(c) in concept.families]
        if columns and concept.needs in columns:
            typical = {column: model.typical.get(column, np.nan) for column in columns}
            found[name] = base - _log_odds(model.p_regression(features.assign(**typical), threads))
    return found


def reasons(model: Model, features: pd.DataFrame, most: int, threads: int = 0) -> list[str]:
    """The strongest reasons of each row, joined by "; ", strongest first.

    A reason whose number is not known for the customer is left out.
    """
    if features.empty or most == 0:
        return [""] * len(features)
    found = weights(model, features, threads)
    names, table = list(found), np.column_stack(list(found.values()))
    strongest = np.argsort(-np.abs(table), axis=1, kind="stable")
    needed = features.loc[:, sorted(_SENTENCE_FEATURES & set(features.columns))]
    rows = needed.to_dict("records")
    return [_sentences(row, names, table[k], strongest[k], most) for k, row in enumerate(rows)]


_SENTENCE_FEATURES = {
    "silence_in_cadences",
    "order_days_26w",
    "order_days_ever",
    "net_spend_26w",
    "pace_13w",
    "stage_code",
    "days_in_stage",
    "level_to_peak",
    "lines_per_order_day",
    "return_lines_26w",
    "unit_price_26w",
    "first_lines",
    "shop_rate_13w",
}


def _sentences(row: Row, names: list[str], weight: Floats, strongest: np.ndarray, most: int) -> str:
    said: list[str] = []
    for k in strongest:
        concept = CONCEPTS[names[k]]
        if len(said) == most or weight[k] == 0:
            break
        if np.isfinite(row[concept.needs]):
            said.append(f"{concept.sentence(row)} ({'raises' if weight[k] > 0 else 'lowers'} the risk)")
    return "; ".join(said)


def _log_odds(p: Floats) -> Floats:
    clipped = np.clip(p, SMALLEST, 1 - SMALLEST)
    return np.log(clipped) - np.log1p(-clipped)
