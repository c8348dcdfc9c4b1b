"""What became of the customers of a published week: the join of scores and orders."""

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.clock import to_date
from features.errors import DataError
from features.fixed import Ints
from features.grade import Counts
from features.history import History
from features.past import Snapshots
from training.grading.lately import Earlier
from training.grading.week import Week
from training.sampling import drawn, share_at
from training.table import Table

LAYOUT = 2
"""Of grades: raise it when a grade says more or other things, so that weeks are graded anew."""


@dataclass(frozen=True)
class Outcome:
    """What came of the graded customers of a week.

    Attributes:
        table: where they stood and what came, in order of the ids.
        places: their rows in the week's scores, shape (n,).
        counts: who was graded, and who could not be.
    """

    table: Table
    places: Ints
    counts: Counts

    def digest(self, week: Week, earlier: Earlier | None = None) -> str:
        """Of the scores and the outcomes, and of the weeks before: the same digest, the same grade."""
        labels, now = self.table.labels, self.table.now
        running = hashlib.sha256(
            f"{LAYOUT} {week.content} {week.scorer.title} {self.counts!r} {earlier or Earlier({})}".encode()
        )
        for part in (self.places, now.stage, now.sub_state, labels.next_stage, labels.ordered, labels.spend):
            running.update(np.ascontiguousarray(part).tobytes())
        return running.hexdigest()


def outcome(week: Week, history: History, end: int) -> Outcome:
    """Find each scored customer in the orders, and see what it did in the period.

    Who is scored but no longer there was merged into somebody else, or
    forgotten. Whose stage at the cut-off is another by now had orders that
    came late or were corrected: the score spoke of somebody who stood
    elsewhere, so it is counted and not graded.

    Args:
        week: what was published.
        history: the orders up to `end`, of the columns that the scorer knows.
        end: tick up to which orders are known.

    Raises:
        DataError: the period is not over by `end`, or nobody can be graded.
    """
    known, chosen = history.known(week.day), drawn(history.customers, share_at(history, [week.day]))
    where = pd.Index(week.scores["customer_id"]).get_indexer(pd.Index(history.customers[known]))
    scored = where >= 0
    both = known[scored] if chosen is None else known[scored & np.isin(known, chosen)]
    if not len(both):
        raise _nobody(week)
    snapshots = Snapshots(both, np.full(len(both), week.day, dtype=np.int64))
    table = Table.of(history, snapshots, week.scorer.spec, [], end)
    places = np.asarray(where[np.isin(known, both)], dtype=np.int64)
    same = table.now.stage == week.stage[places]
    if not same.any():
        raise _nobody(week)
    graded = table.at(np.flatnonzero(same))
    labels = graded.labels
    counts = Counts(
        scored=len(week.scores),
        judged=len(graded),
        gone=len(week.scores) - int(scored.sum()),
        unscored=int((~scored).sum()),
        restaged=int((~same).sum()),
        ordered=int(labels.ordered.sum()),
        regressed=int(labels.regression.sum()),
        spend=float(labels.spend.sum()) if np.isfinite(labels.spend).all() else None,
    )
    return Outcome(graded, places[same], counts)


def _nobody(week: Week) -> DataError:
    return DataError(
        f"nobody who was scored at {week.as_of} is found in the orders",
        got=f"{len(week.scores):,} scored customers",
        allowed=f"orders before {to_date(week.until)} of the same customers, with the same ids",
        remedy="give the orders of the shop that was scored, with the same column mapping",
    )
