"""What the weekly report is made from; all of it may be missing but the week itself."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints

from features.config import Strict
from features.grade import Grade
from serving.drift import Drift
from serving.gates import Finding
from serving.moved import Moved

Id = Annotated[str, StringConstraints(strip_whitespace=False)]
"""An id as it is: blanks at its ends are a part of it."""


class Sums(Strict):
    """What the customers of one stage come to.

    Attributes:
        customers: how many stand there.
        next_stages: how many of them are expected in each stage one period later.
        ordering: how many are expected to order in the period.
        spend: net spend expected of them in the period; None without money.
        at_risk: their value at risk; None without money.
    """

    customers: int
    next_stages: Mapping[str, float]
    ordering: float
    spend: float | None = None
    at_risk: float | None = None


class Band(Strict):
    """Customers not in regression whose risk of it is in [`low`, `high`), and their value at risk."""

    low: float
    high: float
    customers: int
    at_risk: float | None = None


class Week(Strict):
    """An earlier week in a few figures: what trends are drawn from.

    Attributes:
        as_of: its cut-off.
        stages: customers in each stage.
        at_risk: value at risk of those not in regression; None where it is not known.
    """

    as_of: str
    stages: Mapping[str, int]
    at_risk: float | None = None


class Customer(Strict):
    """One customer as the score table has it; `risk` is the probability of regression one period later."""

    customer: Id
    stage: str
    since: str
    risk: float
    p_order: float
    spend_52w: float | None = None
    at_risk: float | None = None
    reasons: str = ""


class ReportInput(Strict):
    """A week as the report tells it. What is None or empty is left out, in words where somebody may miss it.

    Attributes:
        as_of: the cut-off.
        stages: what the customers of each stage come to, in the order of the stages.
        model_name: registered model that scored.
        model_version: its version.
        spec_hash: of the stage spec.
        scored_at: when, UTC, ISO 8601.
        scoring_id: the job that published the week.
        period_days: length of the period that is looked ahead, where it is known.
        shop: whose customers these are; a title.
        currency: put before amounts, as in "$".
        before: the week before, where its stages follow the same spec.
        past: earlier weeks of the same spec, oldest first, this one left out.
        bands: customers who are still here by their risk.
        keep: the most value at risk among those not in regression.
        win_back: the same among those in regression.
        moved: what changed since the week before.
        checks: what the gates found; None where nothing is known of them.
        drift: whether the model still fits.
        graded: how good the newest week was whose period has passed.
        notes: what the reader should know first, such as a changed stage spec.
    """

    as_of: str
    stages: Mapping[str, Sums]
    model_name: str
    model_version: int
    spec_hash: str
    scored_at: str
    scoring_id: str = ""
    period_days: int | None = None
    shop: str = ""
    currency: str = ""
    before: Week | None = None
    past: tuple[Week, ...] = ()
    bands: tuple[Band, ...] = ()
    keep: tuple[Customer, ...] = ()
    win_back: tuple[Customer, ...] = ()
    moved: Moved | None = None
    checks: tuple[Finding, ...] | None = None
    drift: Drift | None = None
    graded: Grade | None = None
    notes: tuple[str, ...] = ()
