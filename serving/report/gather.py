"""The report of a published week, from what stands in the score store."""

from collections.abc import Callable, Iterable, Iterator

from features.config import Strict
from features.errors import DataError
from features.grade import KIND, Grade
from serving.drift import Drift
from serving.gates import Finding, WeekFacts
from serving.moved import Change, Moved
from serving.report import sums, top
from serving.report.config import ReportConfig
from serving.report.input import Customer, ReportInput, Week
from serving.report.sums import Totals, totals
from serving.report.top import Top
from serving.store import Receipt, Store, document

Naming = Callable[[str], str]


class _Findings(Strict):
    findings: tuple[Finding, ...]


def gather(store: Store, as_of: str, config: ReportConfig, naming: Naming = str) -> ReportInput:
    """All that the report of a week tells.

    Args:
        store: the score store.
        as_of: a published week.
        config: what the report shows.
        naming: from a customer's id to the name that is shown.

    Raises:
        DataError: the week is not published.
    """
    receipt = store.receipt(as_of)
    if receipt is None:
        raise DataError(
            "this week is not published",
            got=as_of,
            allowed=", ".join(store.weeks()[-5:]) or "no week is",
            remedy="score it first: stagecast score ORDERS --as-of DATE --out STORE",
        )
    earlier = [found for week in store.weeks() if week < as_of and (found := store.receipt(week))]
    alike = [other for other in earlier if other.spec_hash == receipt.spec_hash][-config.weeks :]
    comparable = bool(earlier) and earlier[-1].spec_hash == receipt.spec_hash
    findings = document(store, "gates", as_of, _Findings)
    total, keep, win_back = _read(store, as_of, config)
    return ReportInput(
        **receipt.model_dump(include={"as_of", "model_name", "model_version", "spec_hash", "scored_at", "scoring_id"}),
        period_days=receipt.facts.get("period_days"),
        **config.model_dump(include={"shop", "currency"}),
        stages=total.stages(),
        bands=total.bands(),
        keep=_named(keep.customers(), naming),
        win_back=_named(win_back.customers(), naming),
        before=_week(store, earlier[-1].as_of) if comparable else None,
        past=tuple(_past(alike)),
        moved=_moved(store, as_of, naming, (config.top + 1) // 2) if comparable else None,
        checks=findings.findings if findings else None,
        drift=document(store, "drift", as_of, Drift),
        graded=_newest_grade(store, as_of),
        notes=_notes(receipt, earlier[-1] if earlier else None),
    )


def _read(store: Store, as_of: str, config: ReportConfig) -> tuple[Totals, Top, Top]:
    columns = dict.fromkeys((*sums.COLUMNS, *top.COLUMNS))
    found = Totals(), Top(config.top, regression=False), Top(config.top, regression=True)
    for batch in store.read(as_of, list(columns)):
        for one in found:
            one.add(batch)
    return found


def _week(store: Store, as_of: str) -> Week:
    """The week before, read anew: its receipt does not say who of it was at risk."""
    stages = totals(store.read(as_of, sums.COLUMNS)).stages()
    amounts = [found.at_risk for stage, found in stages.items() if stage != "regression" and found.at_risk is not None]
    customers = {stage: found.customers for stage, found in stages.items()}
    return Week(as_of=as_of, stages=customers, at_risk=sum(amounts) if amounts else None)


def _past(receipts: Iterable[Receipt]) -> Iterator[Week]:
    for receipt in receipts:
        if facts := WeekFacts.kept_in(receipt.facts):
            yield Week(as_of=receipt.as_of, stages=facts.counts.stages)


def _newest_grade(store: Store, as_of: str) -> Grade | None:
    """The grade of the newest week that was graded by this one."""
    weeks = (week for week in reversed(store.weeks()) if week < as_of)
    grades = (document(store, KIND, week, Grade) for week in weeks)
    return next((grade for grade in grades if grade and grade.until <= as_of), None)


def _moved(store: Store, as_of: str, naming: Naming, most: int) -> Moved | None:
    moved = document(store, "moved", as_of, Moved)
    if moved is None:
        return None
    risen, fallen = (tuple(_renamed(one, naming) for one in several[:most]) for several in (moved.risen, moved.fallen))
    return moved.model_copy(update={"risen": risen, "fallen": fallen})


def _renamed(change: Change, naming: Naming) -> Change:
    return change.model_copy(update={"customer_id": naming(change.customer_id)})


def _named(customers: tuple[Customer, ...], naming: Naming) -> tuple[Customer, ...]:
    return tuple(one.model_copy(update={"customer": naming(one.customer)}) for one in customers)


def _notes(now: Receipt, before: Receipt | None) -> tuple[str, ...]:
    if before is None:
        return ("This is the first week: there is nothing to compare it with yet.",)
    if before.spec_hash != now.spec_hash:
        return (
            f"Since {before.as_of} the stages are defined anew ({before.spec_hash} before, {now.spec_hash} now):"
            " stages and scores of earlier weeks cannot be compared with these.",
        )
    if (before.model_name, before.model_version) != (now.model_name, now.model_version):
        was, made = before.model_version, f"{now.model_name} version {now.model_version}"
        return (f"These scores are the first by {made}; those of {before.as_of} were by version {was}.",)
    return ()
