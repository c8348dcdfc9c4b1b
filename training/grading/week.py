"""A published week as it is graded, and who scored it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.clock import to_date
from features.errors import DataError
from features.fixed import Floats, Ints
from features.model.forecast import P_STAGES
from features.stages.moves import STAGES, Stages
from features.stages.spec import StageSpec
from training.forecasts import NEXT_STAGE, ORDER, REGRESSION, SPEND, Forecasts

COLUMNS = ("customer_id", "stage", *P_STAGES, "p_order", "expected_spend")
"""Columns of the score table that are graded."""


@dataclass(frozen=True)
class Scorer:
    """The model version that scored a week.

    Attributes:
        name: registered model.
        version: its number.
        spec: its stage spec, which says what came next.
        columns: optional order columns it knows; another one could change what an order is.
        judged: what it and its ladder said of the snapshots that judged it, before it scored
            anything: its promise; None where its run kept nothing.
    """

    name: str
    version: int
    spec: StageSpec
    columns: tuple[str, ...]
    judged: Forecasts | None = None

    @property
    def title(self) -> str:
        """As it stands in sentences."""
        return f"{self.name} version {self.version}"


@dataclass(frozen=True)
class Week:
    """The published scores of one cut-off.

    Attributes:
        day: the cut-off, a tick.
        scorer: who scored it: one version, for the whole week.
        content: digest of what was published.
        scores: the columns `COLUMNS`, ids ascending, each once.
    """

    day: int
    scorer: Scorer
    content: str
    scores: pd.DataFrame

    def __post_init__(self) -> None:
        """Raise DataError for what is no week of scores: nobody in it, somebody twice, a stage or a column missing."""
        missing = [name for name in COLUMNS if name not in self.scores]
        if missing or not len(self.scores):
            got = f"no {', '.join(missing)}" if missing else "no customer"
            raise DataError(f"the scores of {self.as_of} cannot be graded", got=got, allowed=", ".join(COLUMNS))
        if not self.scores["customer_id"].is_unique:
            twice = int(self.scores["customer_id"].duplicated().sum())
            raise DataError(f"the scores of {self.as_of} hold customers twice", got=twice, allowed="each once")
        if unknown := set(self.scores["stage"]) - set(STAGES):
            got = ", ".join(sorted(map(repr, unknown))[:3])
            raise DataError(f"the scores of {self.as_of} name a stage that is none", got=got, allowed=", ".join(STAGES))

    @property
    def as_of(self) -> str:
        """The cut-off, YYYY-MM-DD."""
        return to_date(self.day).isoformat()

    @property
    def until(self) -> int:
        """The tick at which its period is over."""
        return self.day + self.scorer.spec.hold_days

    @property
    def stage(self) -> Stages:
        """Stage of each customer as it was published."""
        return np.asarray(pd.Index(STAGES).get_indexer(pd.Index(self.scores["stage"])), dtype=np.int8)

    def said(self, places: Ints) -> dict[str, Floats]:
        """What was said of the customers at some places, by target; spend where there is money."""
        rows = self.scores.iloc[places]
        stages = rows[list(P_STAGES)].to_numpy(np.float64)
        said = {ORDER: rows["p_order"].to_numpy(np.float64), REGRESSION: stages[:, -1], NEXT_STAGE: stages}
        spend = rows["expected_spend"].to_numpy(np.float64)
        return {**said, SPEND: spend} if np.isfinite(spend).all() else said
