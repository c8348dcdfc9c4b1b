"""What came next: the labels of a snapshot, known once its period has passed.

A label is a feature one period later: the stage at `t + P` comes from the same
machine, the orders and the spend in `[t, t + P)` from the same totals.
"""

from dataclasses import dataclass

import numpy as np

from features.clock import to_date
from features.errors import DataError
from features.fixed import UNIT, Floats
from features.history import History
from features.past import Snapshots
from features.stages.machine import run_stages
from features.stages.moves import Booleans, Stage, Stages
from features.stages.spec import StageSpec


@dataclass(frozen=True)
class Labels:
    """Outcomes of snapshots, each of shape (n,).

    Attributes:
        next_stage: stage at `t + P`.
        ordered: whether there is an order-day in `[t, t + P)`.
        spend: net spend in it; NaN without money.
    """

    next_stage: Stages
    ordered: Booleans
    spend: Floats

    @property
    def regression(self) -> Booleans:
        """Whether the customer stands in regression at `t + P`."""
        return np.asarray(self.next_stage == Stage.REGRESSION)

    @property
    def yes_or_no(self) -> dict[str, Booleans]:
        """The outcomes that either happen or not, by the part of the model that predicts them."""
        return {"regression": self.regression, "order": self.ordered}


def label(history: History, snapshots: Snapshots, spec: StageSpec, end: int) -> Labels:
    """Labels of snapshots under a stage spec; the period is the spec's.

    Args:
        history: all orders.
        snapshots: customers at cut-offs.
        spec: the frozen stage spec.
        end: tick up to which orders are known.

    Raises:
        DataError: a label window goes beyond `end`, so its outcome is not known yet.
    """
    later = snapshots.cutoff + spec.hold_days
    if len(snapshots) and later.max() > end:
        raise DataError(
            "the label window of a cut-off is not finished",
            got=f"cut-off {to_date(int(snapshots.cutoff.max()))} with a period of {spec.hold_days} days",
            allowed=f"cut-offs up to {to_date(end - spec.hold_days)}, since orders are known up to {to_date(end)}",
            remedy="leave out that cut-off, or wait until its period has passed",
        )
    now = history.before(snapshots.customer, snapshots.cutoff)
    then = history.before(snapshots.customer, later)
    next_stage = run_stages(history, spec, snapshots.customer, later).stage
    order_days = history.totals("order_day")
    spend = np.full(len(snapshots), np.nan)
    if "amount" in history.has:
        net = history.totals("net")
        spend = (net[then] - net[now]) / float(UNIT)
    return Labels(next_stage, order_days[then] > order_days[now], spend)
