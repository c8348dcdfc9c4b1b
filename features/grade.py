"""How good a week's scores turned out: made by `training`, which alone may look ahead; read by whoever tells it.

A grade is data: the score store keeps it beside the week as `model_dump(mode="json")`.
"""

from typing import Literal

from features.config import Strict

KIND = "grade"
"""What the score store calls the document."""

Verdict = Literal["as promised", "better", "worse"]


class Scored(Strict):
    """How good the forecast of one target was in one group.

    Attributes:
        target: `order`, `regression`, `next stage` or `spend`.
        group: of `training.groups`: `all`, a stage, `slipping`, `silent`, `lost`, `without the lost`, ...
        snapshots: customers in it.
        metrics: by name, as in `docs/judging.md`: `observed`, `predicted`, `log_loss`, `auroc`,
            `calibration_error`, `bias`, `gini`, ...; those that say nothing here are left out.
    """

    target: str
    group: str
    snapshots: int
    metrics: dict[str, float]


class Decile(Strict):
    """About a tenth of the customers, by forecast, lowest first: what was said of them, and what came.

    Attributes:
        target: `order`, `regression` (means are probabilities and shares) or `spend` (money a customer).
        customers: how many; equal forecasts are never parted, so there may be fewer and larger ones.
        predicted: mean forecast.
        observed: mean outcome.
    """

    target: str
    customers: int
    predicted: float
    observed: float


class Beside(Strict):
    """The model beside the best baseline, which was fitted on what was known at the cut-off.

    Attributes:
        target: of the forecast.
        metric: `log_loss` (less is better), or `gini` of spend (more is).
        ours: the model's.
        baseline: name of the best of the ladder.
        theirs: its score.
        low: of the 95 % interval of `ours - theirs` over customers.
        high: its upper end.
    """

    target: str
    metric: str
    ours: float
    baseline: str
    theirs: float
    low: float
    high: float


class Promise(Strict):
    """What the model's own judgement, made before it was let out, leads to expect of a week; and what came.

    Attributes:
        target: of the forecast.
        metric: `log_loss_share`: the log loss over that of a plain table of shares, less 1 (-0.2: lower by a
            fifth); `observed`: the share of the customers to whom it happened, or their mean spend, where
            `promised` is what the model said of them; or `observed_lately`: the same of this week and those
            of the quarter before it together, averaged in log odds (log spend).
        promised: the expected value.
        low: of the interval in which a week lies if nothing has changed; all of a week's hold together with 95 %.
        high: its upper end.
        found: this week's.
        verdict: `worse` and `better` are outside the interval.
    """

    target: str
    metric: str
    promised: float
    low: float
    high: float
    found: float
    verdict: Verdict


class Counts(Strict):
    """Who was graded, and who could not be.

    Attributes:
        scored: customers in the published week.
        judged: those that are graded.
        gone: scored, but no longer in the orders: merged into another customer, or forgotten.
        unscored: known before the cut-off in the orders as they are now, but not scored then.
        restaged: of another stage at the cut-off in the orders as they are now; not graded either.
        ordered: graded customers who ordered in the period.
        regressed: graded customers who stood in regression at its end.
        spend: their net spend in it; None without money.
    """

    scored: int
    judged: int
    gone: int = 0
    unscored: int = 0
    restaged: int = 0
    ordered: int
    regressed: int
    spend: float | None = None


class Grade(Strict):
    """How good the scores of one week turned out, once its period had passed.

    Attributes:
        as_of: cut-off of the week, YYYY-MM-DD.
        until: end of its period: the first day whose orders no longer count.
        graded_at: when this was first found, ISO 8601, UTC.
        model_name: registered model that scored the week.
        model_version: its version.
        spec_hash: of the stage spec.
        digest: of the scores and the outcomes that were graded: the same digest, the same grade.
        counts: who was graded.
        scores: of every target in every group; `group == "all"` first.
        deciles: of order, regression and spend, lowest first.
        ladder: the model beside the best baseline, by target.
        promises: what was promised, and whether it was kept; none where the model's run kept no forecasts.
        alarm: in words, when it is worse than promised beyond the interval.
        notes: what a reader must know, a sentence or two each.
        content: digest of the published scores.
    """

    as_of: str
    until: str
    graded_at: str
    model_name: str
    model_version: int
    spec_hash: str
    digest: str
    counts: Counts
    scores: list[Scored]
    deciles: list[Decile]
    ladder: list[Beside]
    promises: list[Promise]
    alarm: str | None = None
    notes: tuple[str, ...] = ()
    content: str = ""

    def metric(self, target: str, name: str, group: str = "all") -> float | None:
        """One number of the model; None where it is not known."""
        found = [one.metrics.get(name) for one in self.scores if (one.target, one.group) == (target, group)]
        return found[0] if found else None

    def promise(self, target: str, name: str) -> Promise | None:
        """What was promised of one metric; None where nothing was."""
        found = [one for one in self.promises if (one.target, one.metric) == (target, name)]
        return found[0] if found else None
