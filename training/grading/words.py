"""A grade in plain words: the alarm, what a reader must know, what changed since it was graded before."""

from collections.abc import Iterable, Iterator

from features.grade import Counts, Grade, Promise
from training.forecasts import NEXT_STAGE, ORDER, REGRESSION
from training.grading.lately import LATELY
from training.grading.promise import LEVEL, REFERENCE

_CAME = {ORDER: "ordered", REGRESSION: "stood in regression at its end"}
_WORTH_TELLING = 0.01
"""Share of the scored customers from which on it is told that they could not be graded."""


def alarm(title: str, promises: Iterable[Promise]) -> str | None:
    """What is worse than promised beyond the interval, in words; None where nothing is."""
    worse = [promise_in_words(promise) for promise in promises if promise.verdict == "worse"]
    return f"{title} did worse than it had promised. " + " ".join(worse) if worse else None


def promise_in_words(promise: Promise) -> str:
    """One promise and what came, as a sentence."""
    if promise.metric == "log_loss_share":
        rung = REFERENCE[promise.target]
        return (
            f"{_title(promise.target)}: the log loss was {_below(promise.found)} that of the {rung};"
            f" promised was {_below(promise.promised)} it, {_below(promise.high)} at worst."
        )
    when = "over the last graded weeks together " if promise.metric == LATELY else ""
    if promise.target in _CAME:
        found, promised, low, high = (
            f"{100 * value:.1f} %" for value in (promise.found, promise.promised, promise.low, promise.high)
        )
        return (
            f"{_title(promise.target)}: {when}{found} {_CAME[promise.target]}, where {promised} were expected"
            f" and {low} to {high} would have been near enough."
        )
    return (
        f"{_title(promise.target)}: {when}{promise.found:,.2f} a customer came, where {promise.promised:,.2f} was"
        f" expected and {promise.low:,.2f} to {promise.high:,.2f} would have been near enough."
    )


def notes(counts: Counts, *, laddered: bool, promised: bool) -> Iterator[str]:
    """What a reader of a grade must know."""
    if counts.gone:
        yield (
            f"{counts.gone:,} of {counts.scored:,} scored customers are no longer in the orders"
            " (merged into another, or forgotten) and could not be graded."
        )
    if counts.unscored:
        yield f"{counts.unscored:,} customers with an order before the cut-off were not scored: their orders came late."
    if counts.restaged:
        share = counts.restaged / counts.scored
        many = " That is many: do orders come late, or have they been corrected?" if share > _WORTH_TELLING else ""
        yield (
            f"{counts.restaged:,} customers stood in another stage at the cut-off than was published, by the orders"
            f" as they are now, and were not graded.{many}"
        )
    if not laddered:
        yield "The orders begin too late to fit baselines on what was finished at the cut-off, so there is no ladder."
    if not promised:
        yield "The run of this model version kept no forecasts to be judged by, so nothing was promised."


def changed(before: Grade, now: Grade) -> str:
    """What is different from the grade that the week had before, as a sentence."""
    if before.model_version != now.model_version or before.model_name != now.model_name:
        return (
            f"{now.as_of} was scored again, by {now.model_name} version {now.model_version}"
            f" (before: version {before.model_version}), and is graded anew."
        )
    parts = [
        f"{name} {new:,} (before {old:,})"
        for name, old, new in (
            ("customers graded", before.counts.judged, now.counts.judged),
            ("ordered", before.counts.ordered, now.counts.ordered),
            ("in regression at the end", before.counts.regressed, now.counts.regressed),
        )
        if old != new
    ]
    told = ", ".join(parts) or "other customers in the same numbers, or an earlier week is graded anew"
    return f"{now.as_of} is graded anew: orders came late or were corrected, or its scores were replaced: {told}."


def how_sure() -> str:
    """How often there is an alarm although nothing has changed."""
    return f"If nothing has changed, {1 - LEVEL:.0%} of the weeks raise an alarm."


def _below(share: float) -> str:
    return f"{100 * abs(share):.1f} % {'below' if share <= 0 else 'above'}"


def _title(target: str) -> str:
    return "Next stage" if target == NEXT_STAGE else target.capitalize()
