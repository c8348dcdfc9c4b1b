"""Who moved since last week, and why."""

from typing import Annotated

from pydantic import StringConstraints

from features.config import Strict


class Change(Strict):
    """One customer whose risk changed much.

    Attributes:
        customer_id: who, as in the orders.
        stage_before: stage a week ago.
        stage: stage now.
        p_before: probability of regression a week ago.
        p: and now.
        value_at_risk: now; None without money.
        reasons_before: the reasons a week ago.
        reasons: and now.
    """

    customer_id: Annotated[str, StringConstraints(strip_whitespace=False)]
    stage_before: str
    stage: str
    p_before: float
    p: float
    value_at_risk: float | None
    reasons_before: str
    reasons: str


class Moved(Strict):
    """The difference between two weeks.

    Attributes:
        as_of: the later cut-off.
        before: the earlier one.
        flow: customers by stage then (outer) and now (inner).
        entered: customers that are in a stage now and were in another one, new ones included, by stage.
        left: customers that were in a stage and are in another now, those gone included, by stage.
        new: customers that were not there.
        gone: customers that are not there any more.
        risen: the largest rises of the probability of regression, largest first.
        fallen: the largest falls, largest first.
    """

    as_of: str
    before: str
    flow: dict[str, dict[str, int]]
    entered: dict[str, int]
    left: dict[str, int]
    new: int
    gone: int
    risen: tuple[Change, ...]
    fallen: tuple[Change, ...]
