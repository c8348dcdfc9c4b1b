"""The scorecard: every number that a judgement of forecasts comes to, as tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from features.fixed import Floats
from features.stages.moves import STAGES, Stage, legal_moves
from training import metrics
from training.bootstrap import Clusters, Resampling
from training.compared import Means
from training.config import Costs
from training.forecasts import NEXT_STAGE, Forecasts
from training.groups import ALL, groups
from training.profit import profit_curve
from training.ranked import Ranked
from training.targets import Said, SaidToHappen, SaidToRegress, said_of

STEPS = np.linspace(0, 1, 101)
"""Shares of the customers at which gain and profit are drawn."""

Row = dict[str, object]


@dataclass(frozen=True)
class Scorecard:
    """How good forecasts were; one row a thing judged, one column a metric, NaN where it says nothing.

    Attributes:
        scores: by `target`, `group` (of `training.groups`) and `predictor`:
            `snapshots`, `observed` and `predicted` (mean outcome and forecast), metrics.
        differences: by `target`, `group` and `baseline`: the model less the
            baseline, with paired intervals over customers; see
            `training.targets.COMPARISONS`.
        by_cutoff: scores by `cutoff` (a tick), `target` and `predictor`.
        spread: by `target`, `predictor` and `metric`: `mean`, `std`, `min` and
            `max` over the `cutoffs` where it is known.
        moves: by `from`, `to` and `predictor`: each legal move as a yes or no
            among those who stand in `from`.
        reliability: by `target` and `predictor`, a row a bin: `predicted`, `observed`, `count`.
        gains: by `target`, `predictor` and `share` of the customers, ranked
            highest: the share of all that happened which they hold.
        profits: by `predictor` and `share` of the customers not in regression:
            profit by customer of contacting them.
    """

    scores: pd.DataFrame
    differences: pd.DataFrame
    by_cutoff: pd.DataFrame
    spread: pd.DataFrame
    moves: pd.DataFrame
    reliability: pd.DataFrame
    gains: pd.DataFrame
    profits: pd.DataFrame


def score(forecasts: Forecasts, costs: Costs, resampling: Resampling, model: str) -> Scorecard:
    """Score what everybody said, over all rows, in groups and cut-off by cut-off.

    Args:
        forecasts: of one cut-off or of many, together.
        costs: of a retention campaign.
        resampling: of the intervals.
        model: the predictor whose differences from all others are worked out.
    """
    book = _Book(forecasts, Means(Clusters.of(forecasts.customer, resampling)))
    for target, predictor in forecasts.each():
        book.enter(target, predictor, said_of(forecasts, target, predictor, costs))
    for cutoff in forecasts.cutoffs:
        book.enter_cutoff(cutoff, forecasts.only(forecasts.cutoff == cutoff), costs)
    return book.closed(model)


@dataclass
class _Book:
    """Where rows of the tables are entered, predictor by predictor."""

    forecasts: Forecasts
    means: Means
    scores: list[Row] = field(default_factory=list)
    by_cutoff: list[Row] = field(default_factory=list)
    moves: list[Row] = field(default_factory=list)
    reliability: list[pd.DataFrame] = field(default_factory=list)
    gains: list[pd.DataFrame] = field(default_factory=list)
    profits: list[pd.DataFrame] = field(default_factory=list)

    def enter(self, target: str, predictor: str, said: Said) -> None:
        for group, inside in groups(self.forecasts):
            part = said if group == ALL else said.only(inside)
            head: Row = {"target": target, "group": group, "predictor": predictor, "snapshots": int(inside.sum())}
            self.scores.append(head | part.scores())
            self.means.add((target, group), predictor, part, np.flatnonzero(inside))
        self._draw(target, predictor, said)

    def enter_cutoff(self, cutoff: int, part: Forecasts, costs: Costs) -> None:
        for target, predictor in part.each():
            head: Row = {"cutoff": cutoff, "target": target, "predictor": predictor, "snapshots": len(part)}
            self.by_cutoff.append(head | said_of(part, target, predictor, costs).scores())

    def _draw(self, target: str, predictor: str, said: Said) -> None:
        """Enter the points of the curves, and the moves."""
        if isinstance(said, SaidToRegress):
            if said.kept.any():
                profits = profit_curve(said.addressed(), said.costs, STEPS)
                self.profits.append(pd.DataFrame({"predictor": predictor, "share": STEPS, "profit": profits}))
            said = said.said
        if isinstance(said, SaidToHappen):
            head = {"target": target, "predictor": predictor}
            curve = metrics.reliability(said.ranked)
            points = {"predicted": curve.predicted, "observed": curve.observed, "count": curve.count}
            self.reliability.append(pd.DataFrame({**head, **points}))
            self.gains.append(pd.DataFrame({**head, "share": STEPS, "gain": gain_curve(said.ranked)}))
        if target == NEXT_STAGE:
            self.moves.extend(_moves(self.forecasts, predictor))

    def closed(self, model: str) -> Scorecard:
        by_cutoff = pd.DataFrame(self.by_cutoff)
        return Scorecard(
            pd.DataFrame(self.scores),
            self.means.differences(model),
            by_cutoff,
            _spread(by_cutoff),
            pd.DataFrame(self.moves),
            *(_joined(curves) for curves in (self.reliability, self.gains, self.profits)),
        )


def gain_curve(ranked: Ranked) -> Floats:
    """Share of all that happened among the share `STEPS` of the rows ranked highest; NaN where nothing happened."""
    rows, ones = ranked.found_upto
    return np.asarray(np.interp(STEPS * rows[-1], rows, ones) / (ones[-1] or np.nan))


def _moves(forecasts: Forecasts, predictor: str) -> Iterator[Row]:
    p = forecasts.said[NEXT_STAGE][predictor]
    legal = legal_moves(np.arange(len(Stage), dtype=np.int8), np.zeros(len(Stage), dtype=bool))
    for origin, destination in zip(*np.nonzero(legal), strict=True):
        inside = forecasts.stage == origin
        if inside.any():
            moved, said = forecasts.next_stage[inside] == destination, p[inside, destination]
            yield {
                "from": STAGES[origin],
                "to": STAGES[destination],
                "predictor": predictor,
                "snapshots": int(inside.sum()),
                "observed": float(moved.mean()),
                "predicted": float(said.mean()),
                "log_loss": metrics.log_loss(moved, said),
                "auroc": Ranked.of(moved, said).auroc,
            }


def _spread(by_cutoff: pd.DataFrame) -> pd.DataFrame:
    """Mean, standard deviation, least and most over cut-offs."""
    keys = ["target", "predictor"]
    long = by_cutoff.drop(columns=["cutoff", "snapshots"]).melt(keys, var_name="metric").dropna(subset="value")
    found = long.groupby([*keys, "metric"], sort=False)["value"]
    return found.agg(cutoffs="count", mean="mean", std="std", min="min", max="max").reset_index()


def _joined(curves: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(curves, ignore_index=True) if curves else pd.DataFrame()
