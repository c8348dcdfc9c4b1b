"""`stagecast score`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from features.errors import StagecastError, UsageError
from features.files import write_whole
from features.model.address import shown
from features.orders.digest import digest
from serving.job.summary import Summary
from stagecast import scoring
from stagecast.commands.common import keep_rows, show
from stagecast.config import Config
from stagecast.progress import steps
from stagecast.told import notes, other_spec


@dataclass(frozen=True)
class Target:
    """Where the week goes, which model scores, and the file of the summary, if any."""

    out: str
    model: str | None = None
    summary: Path | None = None


def score(orders: str, as_of: str | None, config: Config, target: Target) -> None:
    """Score and publish a week."""
    with _told_of_failure(target.summary):
        with steps("score"):
            scores = scoring.publish(orders, as_of, target.out, config, target.model)
        if len(scores.quarantine):
            keep_rows(scores.quarantine, scores.report, config, digest(scores.quarantine))
        made = Summary.of(scores.done, scores.where, scores.report)
        page = str(scores.page) if scores.page else None
        _keep(made.model_copy(update={"report": page, "missed": scores.missed}), target.summary)
    _tell(scores)


def _tell(scores: scoring.Stored) -> None:
    spec, receipt = scores.registered.model.spec, scores.done.published.receipt
    show(notes(scores.report, scores.day, spec))
    show([f"Note: gate '{f.gate}': {f.saw}; normal: {f.normal}" for f in scores.done.findings if f.verdict == "warn"])
    if scores.done.drift.verdict != "fine":
        print(f"Note: {scores.done.drift.verdict}: {scores.done.drift.why}")
    show([f"Note: {what}" for what in scores.missed])
    if scores.page:
        print(f"The report is in {scores.page}")
    print(f"Scored with {receipt.model_name} version {receipt.model_version}.")
    if scores.unlike:
        print(other_spec(scores.unlike, scores.as_of, spec.hash))
    state = "are in" if scores.new else "were there already, nothing changed:"
    print(f"Scores of {receipt.rows:,} customers at {scores.as_of} {state} {shown(scores.where)}")


@contextmanager
def _told_of_failure(file: Path | None) -> Iterator[None]:
    if file is not None:
        _require_place(file)
    try:
        yield
    except StagecastError as error:
        _keep(Summary.of_error(error), file)
        raise


def _require_place(file: Path) -> None:
    """Check before the work that the summary can be kept; one of an earlier run says nothing of this one.

    Raises:
        UsageError: it is a folder, or lies in none.
    """
    if file.is_dir() or not file.parent.is_dir():
        raise UsageError(
            "the summary cannot be kept there", got=str(file), remedy="name a file in a folder that exists"
        )
    file.unlink(missing_ok=True)


def _keep(summary: Summary, file: Path | None) -> None:
    if file is None:
        return
    try:
        write_whole(file, (summary.model_dump_json(indent=2) + "\n").encode())
    except OSError as error:
        raise StagecastError(
            "the summary cannot be written",
            got=f"{file}: {error.strerror}",
            remedy="name another file with --summary; the week itself is not concerned",
        ) from error
