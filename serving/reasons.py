"""Why a customer's risk is what it is, in the customer's own terms.

Each concept is a group of features. Its weight is what the log odds of
regression lose when the group is set to what is typical of customers who are
not in regression, all else kept; the strongest few become sentences.
"""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.fixed import Floats
from features.model.calibration import SMALLEST
from features.model.forecast import Model
from features.stages.moves import STAGES
from serving.concepts import CONCEPTS, Sentence

Row = Mapping[Hashable, Any]
"""The numbers of one customer, by feature; a stage by its name."""


def weights(model: Model, features: pd.DataFrame, threads: int = 0) -> dict[str, Floats]:
    """Weight of each concept on each customer's log odds of regression, shape (n,).

    Positive raises the risk above what it would be with typical values. Every
    feature of the model's contract belongs to one concept at most.
    """
    base = _log_odds(model.p_regression(features, threads))
    found = {}
    for name, concept in CONCEPTS.items():
        if columns := concept.columns(model.contract.features):
            typical = {column: model.typical.get(column, np.nan) for column in columns}
            found[name] = base - _log_odds(model.p_regression(features.assign(**typical), threads))
    return found


def reasons(model: Model, features: pd.DataFrame, most: int, threads: int = 0) -> list[str]:
    """The strongest reasons of each row, joined by "; ", strongest first.

    A reason whose numbers are not known for the customer is left out.
    """
    if features.empty or most == 0:
        return [""] * len(features)
    said = {name: concept.sentence(model.contract.features) for name, concept in CONCEPTS.items()}
    found = {name: weight for name, weight in weights(model, features, threads).items() if said[name]}
    if not found:
        return [""] * len(features)
    sentences = [sentence for name in found if (sentence := said[name])]
    table = np.column_stack(list(found.values()))
    strongest = np.argsort(-np.abs(table), axis=1, kind="stable")
    rows = _known(features, sentences).to_dict("records")
    return [_told(row, sentences, table[k], strongest[k], most) for k, row in enumerate(rows)]


def _known(features: pd.DataFrame, sentences: list[Sentence]) -> pd.DataFrame:
    """The numbers that sentences are made from; a stage by its name."""
    needed = features[sorted({column for sentence in sentences for column in sentence.needs})]
    if "stage_code" not in needed:
        return needed
    return needed.assign(stage_code=np.asarray(STAGES, dtype=object)[needed["stage_code"].astype(int)])


def _told(row: Row, sentences: list[Sentence], weight: Floats, strongest: np.ndarray, most: int) -> str:
    told: list[str] = []
    for k in strongest:
        if len(told) == most or weight[k] == 0:
            break
        if words := sentences[k].of(row):
            told.append(words if weight[k] > 0 else f"in its favour: {words}")
    return "; ".join(told)


def _log_odds(p: Floats) -> Floats:
    clipped = np.clip(p, SMALLEST, 1 - SMALLEST)
    return np.log(clipped) - np.log1p(-clipped)
