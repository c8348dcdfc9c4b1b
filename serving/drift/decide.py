"""The newest week beside training: what moved, and what is to be done."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from features.clock import WEEK
from features.grade import Grade
from features.model.reference import Reference
from serving.drift.config import DriftConfig
from serving.drift.distances import Then, unknown
from serving.drift.drift import Drift, Moved
from serving.drift.rules import Evidence, decide
from serving.gates.facts import WeekFacts

TOLD = 8
"""Features that are told."""

GRADES = 4
"""Grades that count: those of about one period."""

NOT_KNOWN = 0.1
"""Share of the customers of whom a feature is suddenly not known, from which on it has vanished."""

_SAID = {"p_regression": "probability of regression", "p_order": "probability of an order"}


def drift(
    reference: Reference,
    weeks: Sequence[WeekFacts],
    grades: Sequence[Grade] = (),
    words: Mapping[str, str] | None = None,
    config: DriftConfig | None = None,
) -> Drift:
    """What has moved since training, and what is to be done.

    Args:
        reference: of the model that scored the newest week.
        weeks: facts of weeks, oldest first; the newest is looked at, the one before it tells a jump.
        grades: of earlier weeks, oldest first; those of other model versions are not looked at.
        words: what features mean, by name.
        config: when drift is told.
    """
    config, now = config or DriftConfig(), weeks[-1]
    moved = list(_features(reference, now, words or {}, config))
    scores = tuple(_scores(reference, now, config))
    mine = [one for one in grades if f"{one.model_name}/{one.model_version}" == now.model][-GRADES:]
    jumped, vanished = _since_last(reference, weeks, config)
    share = sum(one.weight for one in moved if one.beyond)
    found = Evidence(share, jumped, vanished, _weeks(reference.cutoff, now.as_of), scores, mine)
    verdict, why = decide(found, config)
    return Drift(
        verdict=verdict,
        why=why,
        features=_strongest(moved),
        moved=round(share, 4),
        scores=scores,
        calibration=_calibration(mine),
    )


def _features(reference: Reference, now: WeekFacts, words: Mapping[str, str], config: DriftConfig) -> Iterator[Moved]:
    age, counted = _weeks(reference.cutoff, now.as_of), now.drift or {}
    for name, known in reference.features.items():
        if name in counted:
            yield Then(name, words.get(name, name), known, reference.lags).beside(counted[name], age, config)


def _scores(reference: Reference, now: WeekFacts, config: DriftConfig) -> Iterator[Moved]:
    age = _weeks(reference.cutoff, now.as_of)
    for name, known in reference.scores.items():
        counts = (*getattr(now.counts, name), 0)
        yield Then(name, _SAID[name], known, reference.lags).beside(counts, age, config)


def _since_last(reference: Reference, weeks: Sequence[WeekFacts], config: DriftConfig) -> tuple[float, float]:
    """Shares of the gain in features that jumped, and that vanished, since the week before of the same model."""
    now, before = weeks[-1], weeks[-2] if len(weeks) > 1 else weeks[-1]
    then, counted = before.drift or {}, now.drift or {}
    if before.model != now.model:
        return 0.0, 0.0
    jumped = vanished = 0.0
    for name in reference.features.keys() & then.keys() & counted.keys():
        known = reference.features[name].model_copy(update={"counts": then[name]})
        one = Then(name, name, known, reference.lags).beside(counted[name], _weeks(before.as_of, now.as_of), config)
        jumped += one.weight * one.beyond
        vanished += one.weight * (unknown(counted[name]) - unknown(then[name]) > NOT_KNOWN)
    return jumped, vanished


def _calibration(grades: Sequence[Grade]) -> str | None:
    levels = [promise for promise in grades[-1].promises if promise.metric == "observed"] if grades else []
    told = [f"{one.target} {one.found:.3g} where {one.promised:.3g} had been forecast" for one in levels]
    return f"{grades[-1].as_of}: {', '.join(told)}" if told else None


def _strongest(moved: Iterable[Moved]) -> tuple[Moved, ...]:
    beyond = [one for one in moved if one.beyond]
    return tuple(sorted(beyond, key=lambda one: (-one.weight * (one.size - one.normal), one.name))[:TOLD])


def _weeks(since: str, until: str) -> float:
    return (date.fromisoformat(until) - date.fromisoformat(since)).days / WEEK if since else 0.0
