"""What the judgement of a model leads to expect of a week, and whether it came.

Before a model scores anybody it was judged on a few cut-offs, a period apart, each later than all
it had learnt from: its promise. A week is another such cut-off. Two things make it differ from
those although nothing has changed: chance, of which there is more the fewer customers there are,
and that no month is like another. The second shows in how far the judged cut-offs lie apart; three
of them say little of that, so what four real shops have shown weighs as much as `PRIOR` cut-offs.
Put together as normal with a scaled inverse chi-squared variance, the next cut-off follows
Student's t (Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.3). The intervals of a week,
and of the weeks before it together, are widened until all of them hold together (Bonferroni's inequality).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from scipy.stats import t as student

from features.fixed import Floats
from features.grade import Promise, Verdict
from features.stages.moves import Stage
from training.config import Costs
from training.forecasts import NEXT_STAGE, ORDER, REGRESSION, SPEND, Forecasts
from training.gate.measures import LOSSES
from training.grading.lately import Earlier
from training.ladder import MODEL

LEVEL = 0.95
"""Share of the weeks in which nothing has changed that lie inside all of their intervals."""

PRIOR = 6.0
"""Cut-offs that the spread seen on four real shops weighs."""

REFERENCE = {ORDER: "stage table", REGRESSION: "stage table", NEXT_STAGE: "transition table"}
"""What a log loss is measured by: no month is as hard to foretell as another, and this rung feels it too."""


@dataclass(frozen=True)
class Seen:
    """A number of one cut-off, the variance that chance gives it, and the customers it is of."""

    value: float
    variance: float
    customers: int


@dataclass(frozen=True)
class Question:
    """One number by which a promise is held.

    Attributes:
        target: of the forecast.
        metric: its name in a `Promise`.
        spread: standard deviation from one cut-off to the next that real shops have shown.
        seen: the number of one cut-off; None where it is not known.
        shown: that number as it is told, in the words of the week.
        exact: whether 0 is promised, and either side is worse; else what the judgement found, and more is worse.
    """

    target: str
    metric: str
    spread: float
    seen: Callable[[Forecasts, str], Seen | None]
    shown: Callable[[float, Forecasts, str], float]
    exact: bool = False


def promises(week: Forecasts, judged: Forecasts, earlier: Earlier | None = None) -> list[Promise]:
    """Each question that both can answer, with the interval of the week and what came; then its levels lately.

    Args:
        week: what the model and its ladder said of one cut-off, and what came.
        judged: the same of the cut-offs that judged the model before.
        earlier: the graded weeks before this one.
    """
    earlier = earlier or Earlier({})
    cutoffs = [judged.only(judged.cutoff == cutoff) for cutoff in judged.cutoffs]
    before = {question: _answers(question, cutoffs) for question in QUESTIONS}
    now = {question: _answers(question, [week]) for question in QUESTIONS}
    asked = [question for question in QUESTIONS if before[question] and now[question]]
    again = [question for question in asked if question.exact and earlier.levels(question.target)]
    level = 1 - (1 - LEVEL) / max(len(asked) + len(again), 1)
    held = {one: expected(one, before[one], now[one][0].customers, level) for one in asked}
    kept = {one: _kept(one, now[one][0].value, held[one], week) for one in asked}
    return [*kept.values(), *(earlier.together(kept[one], int(week.cutoffs[0]), held[one][1]) for one in again)]


def _answers(question: Question, cutoffs: Sequence[Forecasts]) -> list[Seen]:
    found = [question.seen(part, question.target) for part in cutoffs if question.target in part.said]
    return [one for one in found if one is not None]


def _kept(question: Question, value: float, held: tuple[float, float], week: Forecasts) -> Promise:
    centre, room = held
    found, promised, low, high = (
        question.shown(one, week, question.target) for one in (value, centre, centre - room, centre + room)
    )
    return Promise(
        target=question.target,
        metric=question.metric,
        promised=promised,
        low=low,
        high=high,
        found=found,
        verdict=_verdict(question, value - centre, room),
    )


def expected(question: Question, before: list[Seen], customers: int, level: float) -> tuple[float, float]:
    """Middle and half-width of the interval in which the next cut-off lies with a probability of `level`.

    How much chance there is in it follows from the judged cut-offs and the number of customers alone: forecasts
    that went wrong must not widen the interval they are held against.

    Args:
        question: which number.
        before: of the cut-offs that judged the model.
        customers: of the next one.
        level: a probability.
    """
    values, chance = np.array([one.value for one in before]), float(np.mean([one.variance for one in before]))
    centre = 0.0 if question.exact else float(values.mean())
    free = PRIOR + len(values) - (0 if question.exact else 1)
    spread = (PRIOR * (question.spread**2 + chance) + float(((values - centre) ** 2).sum())) / free
    then = float(np.mean([one.variance * one.customers for one in before])) / customers
    next_one = spread * (1 if question.exact else 1 + 1 / len(values)) + max(then - chance, 0.0)
    return centre, float(student.ppf((1 + level) / 2, free) * np.sqrt(next_one))


def _verdict(question: Question, off: float, room: float) -> Verdict:
    if abs(off) <= room:
        return "as promised"
    return "worse" if question.exact or off > 0 else "better"


def _share(forecasts: Forecasts, target: str) -> Seen | None:
    """Log loss over that of the reference, less 1: a ratio of means, by the delta method."""
    said, reference = forecasts.said[target], REFERENCE[target]
    if reference not in said:
        return None
    (measure,) = (one for one in LOSSES if one.target == target)
    mine, theirs = (measure.values(forecasts, said[who], Costs()) for who in (MODEL, reference))
    ratio = mine.sum() / theirs.sum()
    return Seen(float(ratio - 1), float(((mine - ratio * theirs) ** 2).sum() / theirs.sum() ** 2), len(mine))


def _log_odds(forecasts: Forecasts, target: str) -> Seen | None:
    """Log odds of what came less those of what was said; None where all or none did."""
    happened, said = _happened(forecasts, target), forecasts.said[target][MODEL]
    rate, n = happened.mean(), len(said)
    if not 0 < happened.sum() < n:
        return None
    chance = (said * (1 - said)).sum() / (n * rate * (1 - rate)) ** 2
    return Seen(float(logit(rate) - logit(said.mean())), float(chance), n)


def _log_total(forecasts: Forecasts, target: str) -> Seen | None:
    """Logarithm of the spend that came over the spend expected; None where returns took it all."""
    came, said = forecasts.spend, forecasts.said[target][MODEL]
    if came.sum() <= 0 or said.sum() <= 0:
        return None
    chance = ((came - said) ** 2).sum() / came.sum() ** 2
    return Seen(float(np.log(came.sum() / said.sum())), float(chance), len(came))


def _as_share(value: float, _: Forecasts, __: str) -> float:
    return value


def _as_rate(value: float, forecasts: Forecasts, target: str) -> float:
    return float(expit(logit(forecasts.said[target][MODEL].mean()) + value))


def _as_money(value: float, forecasts: Forecasts, target: str) -> float:
    return float(forecasts.said[target][MODEL].mean() * np.exp(value))


def _happened(forecasts: Forecasts, target: str) -> Floats:
    came = forecasts.ordered if target == ORDER else forecasts.next_stage == Stage.REGRESSION
    return came.astype(np.float64)


QUESTIONS = (
    Question(ORDER, "log_loss_share", 0.015, _share, _as_share),
    Question(REGRESSION, "log_loss_share", 0.05, _share, _as_share),
    Question(NEXT_STAGE, "log_loss_share", 0.04, _share, _as_share),
    Question(ORDER, "observed", 0.15, _log_odds, _as_rate, exact=True),
    Question(REGRESSION, "observed", 0.05, _log_odds, _as_rate, exact=True),
    Question(SPEND, "observed", 0.2, _log_total, _as_money, exact=True),
)
"""By what a week is held against its promise. The spreads: `docs/weekly.md`."""
