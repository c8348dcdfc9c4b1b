"""A made-up week as the report tells it: every part of the page is there, or none that may be missing."""

from features.grade import Beside, Counts, Decile, Grade, Promise, Scored
from features.stages.moves import STAGES
from serving.drift import Drift
from serving.drift import Moved as Shift
from serving.gates import Finding
from serving.moved import Change, Moved
from serving.report.input import Band, Customer, ReportInput, Sums, Week

FLOW = {
    "examination": {"examination": 570, "formative": 12, "regression": 22},
    "formative": {"formative": 1840, "stable": 31, "regression": 44},
    "stable": {"stable": 940, "regression": 29},
    "regression": {"regression": 20010, "formative": 38, "examination": 6},
}
NOW = {"examination": 607, "formative": 1890, "stable": 971, "regression": 20105}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "../../x",
    "{{ 7 * 7 }}{% raw %}",
    "a\x00b\x1b[31m\u202eevil",
    "\u00e9\u2603" * 5_000,
)
"""Ids that no page may carry out, leave behind unescaped, or be torn apart by."""


def full_report(customer: str = "20316", said: str = "silent for 1.0 of its usual gaps") -> ReportInput:
    """A week with everything: one customer's id, and one text of what others say, wherever the page shows any."""
    return bare_report(customer, said).model_copy(
        update={
            "shop": said[:80],
            "currency": "$",
            "before": Week(as_of="1998-06-22", stages={stage: NOW[stage] - 9 for stage in STAGES}, at_risk=90_000.0),
            "past": tuple(
                Week(as_of=f"1998-06-{day:02}", stages={stage: NOW[stage] - day for stage in STAGES})
                for day in (1, 8, 15, 22)
            ),
            "moved": _moved(customer, said),
            "checks": (
                *(Finding(gate=gate, verdict="pass", saw=said, normal=said) for gate in ("fresh", "customers", "spec")),
                Finding(gate="stages", verdict="warn", saw=said, normal=said, remedy=said),
                Finding(gate="orders", verdict="stop", saw=said, normal=said, remedy=said),
            ),
            "drift": _drift(said),
            "graded": _grade(said),
            "notes": (said,),
        }
    )


def bare_report(customer: str = "20316", said: str = "silent for 1.0 of its usual gaps") -> ReportInput:
    """A first week: nothing before it, nothing graded, no gates."""
    listed = Customer(
        customer=customer,
        stage="stable",
        since="1998-05-18",
        risk=0.831,
        p_order=0.844,
        spend_52w=1112.0,
        at_risk=1209.7,
        reasons=f"{said}; in its favour: {said}",
    )
    return ReportInput(
        as_of="1998-06-29",
        stages={stage: _sums(stage) for stage in STAGES},
        model_name="stagecast",
        model_version=3,
        spec_hash="781502f9e1e68d57",
        scored_at="1998-06-29T06:00:12",
        period_days=28,
        bands=tuple(
            Band(low=low, high=high, customers=100, at_risk=5.0) for low, high in ((0.0, 0.05), (0.05, 0.5), (0.5, 1.0))
        ),
        keep=(listed,),
        win_back=(listed.model_copy(update={"stage": "regression"}),),
    )


def _sums(stage: str) -> Sums:
    customers = NOW[stage]
    later = {other: customers * (0.85 if other == stage else 0.05) for other in STAGES}
    return Sums(customers=customers, next_stages=later, ordering=customers / 10, spend=customers * 2.0, at_risk=9e3)


def _moved(customer: str, said: str) -> Moved:
    change = Change(
        customer_id=customer,
        stage_before="formative",
        stage="stable",
        p_before=0.1,
        p=0.7,
        value_at_risk=12.0,
        reasons_before=said,
        reasons=said,
    )
    return Moved(
        as_of="1998-06-29",
        before="1998-06-22",
        flow=FLOW,
        new={"examination": 31, "formative": 0, "stable": 0, "regression": 0},
        gone={"examination": 0, "formative": 0, "stable": 0, "regression": 2},
        risen=(change,),
        fallen=(change,),
    )


def _drift(said: str) -> Drift:
    shift = Shift(name="recency", words=said, size=0.4, normal=0.1, weight=0.3, how=said)
    score = shift.model_copy(update={"name": "p_order", "weight": 0.0})
    return Drift(verdict="retrain", why=said, features=(shift,), moved=0.3, scores=(score,), calibration=said)


def _grade(said: str) -> Grade:
    means = {"order": 0.06, "regression": 0.85, "spend": 2.8}
    return Grade(
        as_of="1998-05-25",
        until="1998-06-22",
        graded_at="1998-06-29T06:00:00",
        model_name="stagecast",
        model_version=2,
        spec_hash="781502f9e1e68d57",
        digest="d",
        counts=Counts(scored=20_001, judged=20_000, gone=1, ordered=1_000, regressed=17_100, spend=61_234.0),
        scores=[
            Scored(target=target, group="all", snapshots=20_000, metrics={"predicted": mean, "observed": mean})
            for target, mean in means.items()
        ],
        deciles=[
            Decile(target=target, customers=2_000, predicted=means[target] * k / 4.5, observed=k / 90)
            for target in means
            for k in range(10)
        ],
        ladder=[
            Beside(target="order", metric="log_loss", ours=0.17, baseline=said, theirs=0.18, low=-0.02, high=-0.01)
        ],
        promises=[
            Promise(
                target="order", metric="observed", promised=0.06, low=0.055, high=0.065, found=0.05, verdict="worse"
            ),
            Promise(
                target="order",
                metric="log_loss_share",
                promised=-0.2,
                low=-0.22,
                high=-0.18,
                found=-0.21,
                verdict="as promised",
            ),
        ],
        alarm=said,
        notes=(said,),
    )
