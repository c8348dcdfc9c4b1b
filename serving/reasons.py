"""Why a customer's risk is what it is, in the customer's own terms.

Each concept weighs on the log odds of regression, against a typical customer
who is not in regression (`features.model.risk.risk_weights`); the strongest
few become sentences.
"""

from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.fixed import Floats
from features.model.concepts import concepts
from features.model.forecast import Model
from features.model.risk import risk_weights
from serving.contract import FAVOUR
from serving.sentences import Places, Sentence, sentences

ROWS = 1 << 16
"""Rows of a batch: the sentences of so many fit into some megabytes."""

WORTH_SAYING = 0.02
"""Smallest weight that is told: it moves a probability by half a point at most."""


def reasons(model: Model, features: pd.DataFrame, most: int, threads: int = 0) -> list[str]:
    """The strongest reasons of each row, joined by "; ", strongest first.

    A reason whose numbers are not known for the customer is left out, and so
    is one that hardly moves the risk.

    Raises:
        ModelError: the features are not those of the model's contract.
    """
    if features.empty or most == 0:
        return [""] * len(features)
    weights = risk_weights(model, features, threads).to_numpy()
    said = [
        sentences(concept, model.contract.features, model.contract.period_days) for concept in concepts(model.contract)
    ]
    parts = (slice(begin, begin + ROWS) for begin in range(0, len(features), ROWS))
    return [told for part in parts for told in _Told(features.iloc[part], weights[part], said).reasons(most)]


@dataclass(frozen=True)
class _Told:
    """Some rows, their weights, and what can be said of each concept, best first."""

    features: pd.DataFrame
    weights: Floats
    said: list[list[Sentence]]

    def reasons(self, most: int) -> list[str]:
        choice = np.column_stack([self._first_known(several) for several in self.said])
        size = np.where(choice < 0, 0.0, np.abs(self.weights))
        strongest = np.argsort(-size, axis=1, kind="stable")[:, :most]
        strongest[np.take_along_axis(size, strongest, axis=1) < WORTH_SAYING] = -1
        told = np.full(strongest.shape, "", dtype=object)
        for concept, several in enumerate(self.said):
            for place, sentence in enumerate(several):
                here = (strongest == concept) & (choice[:, concept] == place)[:, None]
                told[here] = self._signed(sentence, concept, np.nonzero(here)[0])
        return ["; ".join(filter(None, row)) for row in told.tolist()]

    def _first_known(self, several: list[Sentence]) -> npt.NDArray[np.int8]:
        """Which of several sentences is said of each row; -1 for none."""
        none = np.full(len(self.features), -1, dtype=np.int8)
        places = reversed(list(enumerate(several)))
        return reduce(lambda chosen, one: np.where(one[1].known(self.features), one[0], chosen), places, none)

    def _signed(self, sentence: Sentence, concept: int, rows: Places) -> list[str]:
        raises = self.weights[rows, concept] > 0
        words = zip(sentence.of(self.features, rows), raises.tolist(), strict=True)
        return [one if up else FAVOUR + one for one, up in words]
