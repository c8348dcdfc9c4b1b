"""A challenger less champion and ladder, by paired intervals over customers.

Each question of the gate is answered by several differences at once, and one in
twenty of them would look settled by chance alone. So the intervals of a question
are widened until all of them hold together with 95 % (Bonferroni's inequality).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features.fixed import Floats
from features.stages.moves import STAGES, Booleans
from training.bootstrap import Clusters
from training.forecasts import Forecasts
from training.gate.measures import ALL, LOSSES, Measure, measured
from training.groups import ALL as EVERYBODY
from training.judge import Judging
from training.ladder import MODEL

CHAMPION = "champion"
"""Name of the champion among the predictors."""

OVERALL, BY_STAGE, LADDER = "champion", "champion by stage", "ladder"
"""The questions of the gate."""

BETTER, WORSE, OPEN, FEW = "better", "worse", "not told apart", "too few customers"
"""What an interval says of the challenger."""


def compare(forecasts: Forecasts, judging: Judging, fewest: int) -> pd.DataFrame:
    """Hold the challenger against everybody else.

    Args:
        forecasts: of the challenger (`MODEL`), the ladder and, where there is one, `CHAMPION`.
        judging: how to draw customers, and the costs of a campaign.
        fewest: customers whom a stage must have, for it to be judged.

    Returns:
        `question`, `target`, `metric`, `group`, `against`, `customers`, `ours`,
        `theirs`, `difference` (ours less theirs), `low`, `high` and `outcome`.
    """
    clusters = Clusters.of(forecasts.customer, judging.resampling)
    pairs = list(_pairs(forecasts, judging, fewest))
    draws = _draws(clusters, [pair for pair in pairs if pair.enough])
    return pd.DataFrame([_row(pair, draws.get(id(pair)), clusters, pairs) for pair in pairs])


@dataclass(frozen=True)
class _Pair:
    """One difference: what both said on the snapshots that count."""

    question: str
    measure: Measure
    against: str
    group: str
    inside: Booleans
    customers: int
    enough: bool
    ours: Floats
    theirs: Floats

    @property
    def counted(self) -> Booleans:
        return np.asarray(self.inside & ~np.isnan(self.ours) & ~np.isnan(self.theirs))


def _pairs(forecasts: Forecasts, judging: Judging, fewest: int) -> Iterator[_Pair]:
    groups = _groups(forecasts)
    everybody = groups[EVERYBODY]
    for measure in measured(forecasts, ALL):
        said = forecasts.said[measure.target]
        ours = measure.values(forecasts, said[MODEL], judging.costs)
        for against in (name for name in said if name != MODEL):
            if against != CHAMPION and measure not in LOSSES:
                continue
            theirs = measure.values(forecasts, said[against], judging.costs)
            question = OVERALL if against == CHAMPION else LADDER
            yield _Pair(question, measure, against, EVERYBODY, *everybody, True, ours, theirs)
            if against == CHAMPION and measure in LOSSES:
                for stage in (name for name in STAGES if name in groups):
                    inside, customers = groups[stage]
                    yield _Pair(BY_STAGE, measure, against, stage, inside, customers, customers >= fewest, ours, theirs)


def _groups(forecasts: Forecasts) -> dict[str, tuple[Booleans, int]]:
    """Everybody, and each stage in which anybody stands: who is inside, and how many customers."""
    named = {EVERYBODY: np.ones(len(forecasts), dtype=bool)}
    named |= {name: forecasts.stage == code for code, name in enumerate(STAGES)}
    return {
        name: (inside, len(np.unique(forecasts.customer[inside]))) for name, inside in named.items() if inside.any()
    }


def _draws(clusters: Clusters, pairs: list[_Pair]) -> dict[int, Floats]:
    """The mean difference of each pair in every draw, all from the same draws; where it is defined."""
    sums = [clusters.sums(np.where(pair.counted, pair.ours - pair.theirs, 0.0)) for pair in pairs]
    rows = [clusters.sums(pair.counted.astype(np.float64)) for pair in pairs]
    totals = clusters.drawn(np.column_stack([*sums, *rows]))
    with np.errstate(divide="ignore", invalid="ignore"):
        means = totals[:, : len(pairs)] / totals[:, len(pairs) :]
    return {id(pair): means[:, k] for k, pair in enumerate(pairs)}


def _row(pair: _Pair, draws: Floats | None, clusters: Clusters, pairs: list[_Pair]) -> dict[str, object]:
    counted = pair.counted
    ours, theirs = (float(side[counted].mean()) if counted.any() else np.nan for side in (pair.ours, pair.theirs))
    low = high = np.nan
    if draws is not None:
        together = sum(other.question == pair.question and other.enough for other in pairs)
        share = (1 - clusters.resampling.level) / together
        interval = replace(clusters.resampling, level=1 - share).interval(ours - theirs, draws)
        low, high = interval.low, interval.high
    return {
        "question": pair.question,
        "target": pair.measure.target,
        "metric": pair.measure.name,
        "group": pair.group,
        "against": pair.against,
        "customers": pair.customers,
        "ours": ours,
        "theirs": theirs,
        "difference": ours - theirs,
        "low": low,
        "high": high,
        "outcome": _outcome(low, high, pair.measure.better) if pair.enough else FEW,
    }


def _outcome(low: float, high: float, better: int) -> str:
    if low > 0 or high < 0:
        return BETTER if (low > 0) == (better > 0) else WORSE
    return OPEN
