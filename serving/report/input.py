"""What the weekly report is made from: plain values, all of them optional but the week itself."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from features.config import Strict

Verdict = Literal["pass", "warn", "stop"]


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


class Past(Strict):
    """An earlier week in a few figures: what trends are drawn from."""

    as_of: str
    stages: Mapping[str, int]
    at_risk: float | None = None


class Reason(Strict):
    """One reason in the customer's own terms, and whether it raises the risk or lowers it."""

    words: str
    raises: bool


class Customer(Strict):
    """One customer as the score table has it; `risk` is the probability of regression one period later."""

    customer: str
    stage: str
    since: str
    risk: float
    p_order: float
    spend_52w: float | None = None
    at_risk: float | None = None
    reasons: tuple[Reason, ...] = ()


class Mover(Strict):
    """A customer whose risk of regression changed much since the week before."""

    customer: str
    stage_before: str
    stage: str
    risk_before: float
    risk: float
    at_risk: float | None = None
    reasons: tuple[Reason, ...] = ()


class Moves(Strict):
    """What changed since the week before.

    Attributes:
        since: cut-off of the week before.
        flow: customers of both weeks by stage then and stage now.
        new: customers of this week alone, by stage.
        gone: customers of the week before alone.
        risen: the largest rises of risk, largest first.
        fallen: the largest falls.
    """

    since: str
    flow: Mapping[str, Mapping[str, int]]
    new: Mapping[str, int] = Field(default_factory=dict)
    gone: int = 0
    risen: tuple[Mover, ...] = ()
    fallen: tuple[Mover, ...] = ()


class Check(Strict):
    """A gate before publishing: what it saw, what is normal, what to do."""

    name: str
    verdict: Verdict
    saw: str
    normal: str
    remedy: str = ""


class Shift(Strict):
    """A feature that moved against training: its name in words, and how far it moved."""

    feature: str
    words: str
    size: float
    share: float


class Standing(Strict):
    """Whether the model still fits the shop: fine, recalibrate, retrain or investigate, why, and what moved most."""

    verdict: Literal["fine", "recalibrate", "retrain", "investigate"]
    why: str
    moved: tuple[Shift, ...] = ()


class Kept(Strict):
    """One promise beside what came: `said` was forecast, `came` happened; in customers, or in money.

    Attributes:
        what: what was promised, as in "customers who order".
        money: whether the two are amounts.
        low: of the interval that `said` had, if it had one.
        high: likewise.
    """

    what: str
    said: float
    came: float
    money: bool = False
    low: float | None = None
    high: float | None = None


class Decile(Strict):
    """A tenth of the customers by a forecast probability: mean said, and share that came."""

    decile: int
    customers: int
    said: float
    came: float


class Graded(Strict):
    """How good the newest week was whose period has passed.

    Attributes:
        as_of: the week that was graded.
        until: end of its period, exclusive.
        customers: how many were graded.
        promises: what was said beside what came.
        deciles: of the probability to order, lowest first; empty where unknown.
        better: against the ladder, in words.
        alarm: what is worse than promised, in words; None where nothing is.
    """

    as_of: str
    until: str
    customers: int
    promises: tuple[Kept, ...] = ()
    deciles: tuple[Decile, ...] = ()
    better: str = ""
    alarm: str | None = None


class ReportInput(Strict):
    """A week as the report tells it. What is None or empty is left out, in words where somebody may miss it.

    Attributes:
        as_of: the cut-off.
        period_days: length of the period that is looked ahead.
        stages: what the customers of each stage come to, in the order of the stages.
        model_name: registered model that scored.
        model_version: its version.
        spec_hash: of the stage spec.
        scored_at: when, UTC.
        scoring_id: the job that published the week.
        shop: whose customers these are; a title.
        currency: put before amounts, as in "$".
        before: the week before, whose spec is the same.
        past: earlier weeks, oldest first, this one left out.
        bands: customers who are still here by their risk.
        keep: the most value at risk among those not in regression.
        win_back: the same among those in regression.
        moves: what changed since the week before.
        checks: what the gates found; None where there were none.
        standing: of the model against training.
        graded: how good an earlier week was.
        notes: what the reader should know first: a changed stage spec, a report that had to leave something out.
    """

    as_of: str
    period_days: int
    stages: Mapping[str, Sums]
    model_name: str
    model_version: int
    spec_hash: str
    scored_at: str
    scoring_id: str = ""
    shop: str = ""
    currency: str = ""
    before: Past | None = None
    past: tuple[Past, ...] = ()
    bands: tuple[Band, ...] = ()
    keep: tuple[Customer, ...] = ()
    win_back: tuple[Customer, ...] = ()
    moves: Moves | None = None
    checks: tuple[Check, ...] | None = None
    standing: Standing | None = None
    graded: Graded | None = None
    notes: tuple[str, ...] = ()
