"""What a run of the job came to, for machines."""

from typing import Literal, Self

from features.config import Strict
from features.errors import StagecastError
from features.model.address import shown
from features.orders import InputReport
from serving.drift import Drift
from serving.gates import Finding
from serving.job.week import Done, HeldBackError


class Taken(Strict):
    """What became of the rows of the orders: read = kept + set aside; and the first and last time in them."""

    read: int
    kept: int
    set_aside: int
    first: str
    last: str

    @classmethod
    def of(cls, report: InputReport) -> Self:
        """From the report on them."""
        first, last = report.first.isoformat(), report.last.isoformat()
        return cls(
            read=report.rows_read, kept=report.rows_kept, set_aside=report.rows_set_aside, first=first, last=last
        )


class Failure(Strict):
    """An error in its parts: what is wrong, what was got, what is allowed, what to do."""

    problem: str
    got: str | None = None
    allowed: str | None = None
    remedy: str | None = None


class Summary(Strict):
    """How a run ended.

    Attributes:
        status: `published`; `unchanged` where the same rows stood there before; `held back` by a gate; or `failed`.
        exit_code: that of the command.
        as_of: the cut-off.
        store: where the week stands, without a password.
        rows: customers in it.
        version: of the store.
        content: SHA-256 of the rows, `scored_at` left out.
        scoring_id: the job that published it.
        model: that scored it, as NAME/VERSION.
        spec_hash: of its stage spec.
        scored_at: when it was scored, UTC.
        orders: what became of the rows of the orders.
        stages: customers in each stage.
        findings: what the gates say.
        drift: whether the model still fits: `fine`, `recalibrate`, `retrain` or `investigate`; and why.
        parts: partitions of customers.
        parts_found: those of them that an earlier, killed run had scored.
        report: file of the week's report.
        missed: what could not be done once the week stood.
        error: what went wrong.
    """

    status: Literal["published", "unchanged", "held back", "failed"]
    exit_code: int = 0
    as_of: str | None = None
    store: str | None = None
    rows: int | None = None
    version: int | None = None
    content: str | None = None
    scoring_id: str | None = None
    model: str | None = None
    spec_hash: str | None = None
    scored_at: str | None = None
    orders: Taken | None = None
    stages: dict[str, int] | None = None
    findings: list[Finding] | None = None
    drift: Drift | None = None
    parts: int | None = None
    parts_found: int | None = None
    report: str | None = None
    missed: tuple[str, ...] = ()
    error: Failure | None = None

    @classmethod
    def of(cls, done: Done, store: str, report: InputReport) -> Self:
        """Of a week that stands."""
        receipt = done.published.receipt
        return cls(
            status="published" if done.published.new else "unchanged",
            store=shown(store),
            model=done.facts.model,
            orders=Taken.of(report),
            stages=done.facts.counts.stages,
            findings=done.findings,
            drift=done.drift,
            parts=done.parts[0],
            parts_found=done.parts[1],
            **receipt.model_dump(
                include={"as_of", "rows", "version", "content", "scoring_id", "spec_hash", "scored_at"}
            ),
        )

    @classmethod
    def of_error(cls, error: StagecastError) -> Self:
        """Of a run that ended with an error."""
        held = error if isinstance(error, HeldBackError) else None
        got, allowed = (None if side is None else str(side) for side in (error.got, error.allowed))
        return cls(
            status="held back" if held else "failed",
            exit_code=error.exit_code,
            as_of=held.as_of if held else None,
            findings=held.findings if held else None,
            error=Failure(problem=error.problem, got=got, allowed=allowed, remedy=error.remedy),
        )
