"""A week from its orders to the store: score, look at it, publish it whole or not at all."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from features.clock import to_date
from features.engine import Engine, Local
from features.errors import GateError
from serving.drift import Drift
from serving.gates import FACTS, Finding, WeekFacts, judge
from serving.job.after import keep_drift, keep_moved
from serving.job.bench import Bench
from serving.job.intake import Intake
from serving.job.parts import Made, Parts, key_of
from serving.score import nobody_known
from serving.scorer import Scorer, stamps_of
from serving.store import Published, Receipt, Stamp, Store


@dataclass(frozen=True)
class Job:
    """What a week is made with.

    Attributes:
        scorer: the model at the cut-off.
        store: where the week goes.
        bench: where it lies meanwhile.
        tell: hears what is being done.
        engine: where partitions are scored.
    """

    scorer: Scorer
    store: Store
    bench: Bench
    tell: Callable[[str], None]
    engine: Engine = field(default_factory=Local)

    @property
    def as_of(self) -> str:
        """The cut-off."""
        return to_date(self.scorer.day).isoformat()


@dataclass(frozen=True)
class Done:
    """What became of a week.

    Attributes:
        published: its receipt, and whether it is new.
        facts: the week in numbers.
        findings: what the gates say of it.
        drift: how far it is from training, and what follows from it.
        parts: partitions of customers, and how many of them an earlier, killed job had scored.
    """

    published: Published
    facts: WeekFacts
    findings: list[Finding]
    drift: Drift
    parts: tuple[int, int]


class HeldBackError(GateError):
    """A gate held a week back; `findings` are those of all gates."""

    def __init__(self, as_of: str, findings: Sequence[Finding]) -> None:
        self.as_of, self.findings = as_of, list(findings)
        said = [f for f in findings if f.verdict == "stop"]
        super().__init__(
            f"the week {as_of} is held back; the weeks before stay as they are",
            got="; ".join(f"{f.gate}: {f.saw}" for f in said),
            allowed="; ".join(f.normal for f in said),
            remedy="; ".join(f.remedy for f in said if f.remedy) or None,
        )


def score_week(job: Job, intake: Intake) -> Done:
    """Score a week and publish it.

    Args:
        job: what it is made with.
        intake: the orders, all taken in.

    Raises:
        DataError: no customer is known, or the orders lack a column that the model has learnt from.
        ModelError: the tables or the code do not offer what the model asks for, or it cannot score the orders.
        HeldBackError: a gate says no; nothing was published.
        BusyError: somebody else is publishing the week, or took the lock away.
        StagecastError: the scores cannot be written; what stood there still does.
    """
    if not intake.lines:
        raise nobody_known(job.scorer.day, 0)
    features = job.scorer.features(intake.has)  # refuses before the first part what no part could be scored with
    share = intake.share(job.engine, features)
    folder = job.bench.parts(key_of(job.scorer, intake)).resolve()
    parts = Parts.made(Made(job.scorer, share, folder), job.engine, job.tell)
    if not parts.told.counts.rows:
        raise nobody_known(job.scorer.day, intake.lines)
    facts = _facts(job, parts, intake.sources)
    earlier = _earlier(job)
    weeks = [found for receipt in earlier if (found := WeekFacts.kept_in(receipt.facts))]
    findings = _judged(job, facts, weeks)
    published = _published(job, parts, facts)
    job.tell("look at what has changed")
    if published.new or job.store.kept("moved", job.as_of) is None:
        keep_moved(job.store, published.receipt, earlier[-1] if earlier else None)
    words = {feature.name: feature.meaning for feature in features}
    model, config = job.scorer.registered.model, job.scorer.config.drift
    drift = keep_drift(job.store, [*weeks, facts], (model.reference, words), config)
    job.bench.clear()
    return Done(published, facts, findings, drift, (len(parts.parts), parts.found))


def _earlier(job: Job) -> list[Receipt]:
    """Receipts of the weeks before, as many as gates look at, oldest first."""
    weeks = [week for week in job.store.weeks() if week < job.as_of][-job.scorer.config.gates.weeks :]
    return [receipt for week in weeks if (receipt := job.store.receipt(week))]


def _published(job: Job, parts: Parts, facts: WeekFacts) -> Published:
    job.tell("publish the week")
    job.bench.require_lock()
    now = datetime.now(UTC)
    rows = parts.rows(stamps_of(job.scorer.registered, job.scorer.day, now.replace(tzinfo=None)))
    return job.store.publish(rows, _stamp(job, now, facts))


def _facts(job: Job, parts: Parts, sources: dict[str, tuple[int, ...]]) -> WeekFacts:
    registered, told = job.scorer.registered, parts.told
    return WeekFacts(
        as_of=job.as_of,
        model=f"{registered.name}/{registered.version}",
        spec_hash=registered.model.spec.hash,
        counts=told.counts,
        lost=told.lost,
        orders=told.orders.model_copy(update={"sources": sources}),
        drift=told.drift,
    )


def _judged(job: Job, facts: WeekFacts, weeks: Sequence[WeekFacts]) -> list[Finding]:
    """What the gates say; kept beside the week, whether it passes or not.

    Raises:
        HeldBackError: one of them says stop.
    """
    job.tell("look at the week")
    findings = judge(facts, weeks, job.scorer.config.gates)
    job.store.keep("gates", job.as_of, {"findings": [finding.model_dump(mode="json") for finding in findings]})
    if any(finding.verdict == "stop" for finding in findings):
        raise HeldBackError(job.as_of, findings)
    return findings


def _stamp(job: Job, now: datetime, facts: WeekFacts) -> Stamp:
    registered = job.scorer.registered
    return Stamp(
        as_of=job.as_of,
        scoring_id=uuid.uuid4().hex,
        model_name=registered.name,
        model_version=registered.version,
        spec_hash=registered.model.spec.hash,
        contract_hash=registered.model.contract.hash,
        bundle_digest=registered.digest,
        scored_at=now.isoformat(timespec="microseconds"),
        facts={FACTS: facts.model_dump(mode="json"), "period_days": registered.model.contract.period_days},
    )
