"""From a published week and the orders that came after it to its grade."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from features.clock import to_date
from features.grade import Beside, Decile, Grade, Promise, Scored
from features.history import History
from training import metrics
from training.config import TrainingConfig
from training.forecasts import ORDER, REGRESSION, SPEND, Forecasts
from training.grading.known import known_then
from training.grading.lately import Earlier
from training.grading.outcome import Outcome, outcome
from training.grading.promise import promises
from training.grading.week import Week
from training.grading.words import alarm, notes
from training.groups import everybody
from training.judge import Judging, judge_forecasts
from training.ladder import MODEL
from training.rungs import best_rungs
from training.scorecard import Scorecard
from training.table import Table

_HEAD = ("target", "group", "predictor", "snapshots")


@dataclass(frozen=True)
class Truth:
    """The orders by which weeks are graded.

    Attributes:
        history: of the columns that the scorer knows, up to `end`.
        end: tick up to which orders are known.
    """

    history: History
    end: int


def grade(
    week: Week, truth: Truth, config: TrainingConfig, judging: Judging, graded: Mapping[str, Grade] | None = None
) -> Grade:
    """Grade the scores of a week whose period is over.

    Args:
        week: what was published.
        truth: the orders since.
        config: of training: how far baselines look back.
        judging: how to draw customers for the intervals, and what a campaign costs.
        graded: grades by cut-off: the week's own, if any, is given back where scores and outcomes are the same,
            and those of the same version before it tell whether its level was off for long.

    Raises:
        DataError: the period is not over, or nobody who was scored is found in the orders.
    """
    came, known = outcome(week, truth.history, truth.end), (graded or {}).get(week.as_of)
    earlier = Earlier.of(_same_version(week, graded or {}), week.day, week.scorer.spec.hold_days)
    digest = came.digest(week, earlier)
    if known is not None and known.digest == digest:
        return known
    past = known_then(week, truth.history, config)
    forecasts = _forecasts(week, came, past)
    card, kept = judge_forecasts(forecasts, judging), _promises(week, forecasts, earlier)
    return Grade(
        as_of=week.as_of,
        until=to_date(week.until).isoformat(),
        graded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        model_name=week.scorer.name,
        model_version=week.scorer.version,
        spec_hash=week.scorer.spec.hash,
        digest=digest,
        counts=came.counts,
        scores=list(_scored(card)),
        deciles=list(_deciles(card, forecasts)),
        ladder=list(_ladder(card)),
        promises=kept,
        alarm=alarm(week.scorer.title, kept),
        notes=tuple(notes(came.counts, laddered=past is not None, promised=week.scorer.judged is not None)),
        content=week.content,
    )


def _forecasts(week: Week, came: Outcome, past: Table | None) -> Forecasts:
    """What the model said of the graded customers, and the ladder beside it where there is a past to learn from."""
    said = week.said(came.places)
    if past is None:
        return Forecasts.about(came.table, {target: {MODEL: p} for target, p in said.items()})
    return Forecasts.laddered(said, past, came.table, week.scorer.spec.hold_days)


def _same_version(week: Week, graded: Mapping[str, Grade]) -> list[Grade]:
    mine = week.scorer.name, week.scorer.version
    return [one for one in graded.values() if (one.model_name, one.model_version) == mine]


def _promises(week: Week, forecasts: Forecasts, earlier: Earlier) -> list[Promise]:
    return [] if week.scorer.judged is None else promises(forecasts, week.scorer.judged, earlier)


def _scored(card: Scorecard) -> Iterator[Scored]:
    """The model's own numbers in every group; those that say nothing are left out."""
    for row in card.scores[card.scores["predictor"] == MODEL].to_dict("records"):
        numbers = {str(name): float(value) for name, value in row.items() if name not in _HEAD}
        found = {name: value for name, value in numbers.items() if np.isfinite(value)}
        yield Scored(target=row["target"], group=row["group"], snapshots=row["snapshots"], metrics=found)


def _deciles(card: Scorecard, forecasts: Forecasts) -> Iterator[Decile]:
    curves = card.reliability[card.reliability["predictor"] == MODEL]
    for target in (ORDER, REGRESSION):
        for row in curves[curves["target"] == target].itertuples():
            yield _decile(target, row.count, row.predicted, row.observed)
    if SPEND in forecasts.said:
        curve = metrics.deciles(forecasts.spend, forecasts.said[SPEND][MODEL])
        for count, predicted, observed in zip(curve.count, curve.predicted, curve.observed, strict=True):
            yield _decile(SPEND, count, predicted, observed)


def _decile(target: str, customers: object, predicted: object, observed: object) -> Decile:
    return Decile.model_validate(
        {"target": target, "customers": customers, "predicted": predicted, "observed": observed}
    )


def _ladder(card: Scorecard) -> Iterator[Beside]:
    """The best of the ladder, target by target: by log loss, and by Gini of spend."""
    if card.differences.empty:
        return
    both = _All(everybody(card.scores), everybody(card.differences))
    for rung in best_rungs(both):
        yield Beside(
            target=rung.target,
            metric="log_loss",
            ours=rung.ours,
            baseline=rung.baseline,
            theirs=rung.theirs,
            low=rung.low,
            high=rung.high,
        )
    if (spend := both.spend()) is not None:
        yield spend


@dataclass(frozen=True)
class _All:
    """What a scorecard says of all rows; a `training.rungs.Judged`."""

    scores: pd.DataFrame
    differences: pd.DataFrame

    def spend(self) -> Beside | None:
        """The Gini of spend beside the best of the ladder; None without money."""
        if SPEND not in set(self.scores["target"]):
            return None
        scores = self.scores[self.scores["target"] == SPEND].set_index("predictor")["gini"].dropna()
        if MODEL not in scores or len(scores) < 2:
            return None
        best = str(scores.drop(MODEL).idxmax())
        rows = self.differences
        row = rows[(rows["target"] == SPEND) & (rows["baseline"] == best)].iloc[0]
        return Beside(
            target=SPEND,
            metric="gini",
            ours=float(scores[MODEL]),
            baseline=best,
            theirs=float(scores[best]),
            low=float(row["gini_low"]),
            high=float(row["gini_high"]),
        )
