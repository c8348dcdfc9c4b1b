"""`stagecast grade`."""

from collections.abc import Iterator

from features.errors import GateError
from features.grade import Grade
from features.orders.sql import shown
from stagecast import grading
from stagecast.commands.common import keep_quarantine, show
from stagecast.config import Config
from stagecast.progress import steps


def grade(store: str, orders: str, as_of: str | None, config: Config, strict: bool) -> None:
    """Grade what can be graded, and say how good it was.

    Raises:
        GateError: `strict`, and a week that was graded now did worse than promised.
    """
    with steps("grade"):
        found = grading.grade(store, orders, as_of, config)
    keep_quarantine(found.clean, config)
    show([*map(in_short, found.grades), *by_version(found.grades)])
    show([*found.skipped, *found.changed])
    show([note for one in found.grades if one.as_of in found.new for note in told(one)])
    print(last_line(found, store))
    if strict and found.alarms:
        raise GateError("published scores were worse than promised", got=", ".join(one.as_of for one in found.alarms))


def in_short(one: Grade) -> str:
    """A week in one line: who scored it, its log losses, and whether they are as promised."""
    parts = []
    for target in ("order", "regression", "next stage"):
        loss, promise = one.metric(target, "log_loss"), one.promise(target, "log_loss_share")
        beside = f" ({promise.found:+.1%}, {promise.verdict})" if promise else ""
        parts.append(f"{target} {loss:.4f}{beside}")
    return f"{one.as_of}  version {one.model_version}, {one.counts.judged:,} customers, log loss: {', '.join(parts)}"


def by_version(grades: list[Grade]) -> Iterator[str]:
    """A line a model version: its weeks together."""
    for name, version in dict.fromkeys((one.model_name, one.model_version) for one in grades):
        mine = [one for one in grades if (one.model_name, one.model_version) == (name, version)]
        alarms = sum(one.alarm is not None for one in mine)
        yield f"{name} version {version}: weeks {len(mine)}, with an alarm {alarms}"


def told(one: Grade) -> Iterator[str]:
    """The alarm of a week and what else must be known of it."""
    if one.alarm:
        yield f"ALARM {one.as_of}: {one.alarm}"
    yield from (f"{one.as_of}: {note}" for note in one.notes)


def last_line(found: grading.Graded, store: str) -> str:
    """What was made, and where it is."""
    counts = {
        "graded for the first time": len(found.new),
        "graded anew": len(found.changed),
        "with a grade": len(found.grades),
        "waiting for the end of their period": len(found.waiting),
    }
    told = ", ".join(f"{name} {count}" for name, count in counts.items())
    return f"Weeks: {told}; the grades are beside the scores in {shown(store)}"
