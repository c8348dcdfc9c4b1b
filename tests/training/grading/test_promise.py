"""The interval of a promise: as wide as chance and the spread between weeks make it, and no wider."""

from dataclasses import replace

import numpy as np
import pytest
from made_forecasts import made_forecasts
from run_store import moved

from training.bootstrap import Clusters, Resampling
from training.config import Costs
from training.forecasts import ORDER, REGRESSION, SPEND, Forecasts
from training.gate.measures import LOSSES
from training.grading.promise import PRIOR, QUESTIONS, REFERENCE, Question, Seen, expected, promises
from training.ladder import MODEL

SHARE = next(question for question in QUESTIONS if not question.exact)
LEVEL = next(question for question in QUESTIONS if question.exact)


def named(forecasts: Forecasts) -> Forecasts:
    """Made-up forecasts whose baselines have the names of the references, and one row a customer and cut-off."""
    said = {target: dict(zip((MODEL, REFERENCE.get(target, "usual")), of.values(), strict=False))
            for target, of in forecasts.said.items()}  # fmt: skip
    return replace(forecasts, said=said, customer=np.arange(len(forecasts)))


@pytest.fixture(scope="module")
def judged() -> Forecasts:
    made = named(made_forecasts(4000, seed=1))
    return made.only(made.cutoff < 10_084)


def a_week(seed: int, rows: int = 2000) -> Forecasts:
    return replace(named(made_forecasts(rows, seed=seed)), cutoff=np.full(rows, 10_112))


@pytest.mark.parametrize("question", [SHARE, LEVEL], ids=["share", "level"])
@pytest.mark.parametrize("cutoffs", [1, 3, 8])
def test_it_holds_as_often_as_it_says(question: Question, cutoffs: int) -> None:
    """Weeks drawn as they are thought to be: spread between weeks from the prior, chance within each."""
    rng = np.random.default_rng(7)
    held = []
    for _ in range(1500):
        true = 0.0 if question.exact else 0.3
        spread = question.spread * np.sqrt(PRIOR / rng.chisquare(PRIOR))
        values = rng.normal(true, spread, cutoffs + 1)
        centre, room = expected(question, [Seen(value, 0.0, 100) for value in values[:-1]], 100, 0.95)
        held.append(abs(values[-1] - centre) <= room)
    assert 0.93 < np.mean(held) < 0.97


def test_a_small_week_has_more_room_and_a_calm_model_less() -> None:
    calm, wild = ([Seen(0.3 + by, 1e-4, 1000) for by in (-off, 0.0, off)] for off in (0.001, 0.1))
    assert expected(SHARE, calm, 10, 0.95)[1] > expected(SHARE, calm, 1000, 0.95)[1]
    assert expected(SHARE, calm, 2000, 0.95)[1] == expected(SHARE, calm, 1000, 0.95)[1]
    assert expected(SHARE, wild, 1000, 0.95)[1] > expected(SHARE, calm, 1000, 0.95)[1]
    assert expected(SHARE, calm, 1000, 0.99)[1] > expected(SHARE, calm, 1000, 0.95)[1]
    assert expected(SHARE, calm, 1000, 0.95)[0] == pytest.approx(0.3)
    assert expected(LEVEL, calm, 1000, 0.95)[0] == 0.0


@pytest.mark.parametrize("measure", LOSSES, ids=lambda measure: measure.target)
def test_the_chance_in_a_week_is_what_drawing_customers_anew_shows(measure: object) -> None:
    """The bootstrap as an oracle of the delta method."""
    week, target = a_week(3), measure.target  # type: ignore[attr-defined]
    (question,) = (one for one in QUESTIONS if one.target == target and not one.exact)
    seen = question.seen(week, target)
    assert seen is not None
    mine, theirs = (measure.values(week, week.said[target][who], Costs()) for who in (MODEL, REFERENCE[target]))  # type: ignore[attr-defined]
    clusters = Clusters.of(week.customer, Resampling(1000))
    draws = clusters.drawn(np.column_stack([clusters.sums(mine), clusters.sums(theirs)]))

    assert seen.value == pytest.approx(mine.mean() / theirs.mean() - 1)
    assert np.sqrt(seen.variance) == pytest.approx(np.std(draws[:, 0] / draws[:, 1]), rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("question", [one for one in QUESTIONS if one.exact], ids=lambda one: one.target)
def test_the_chance_of_a_level_is_what_other_weeks_show(question: Question) -> None:
    """Weeks made anew as an oracle: outcomes are drawn from what the model says."""
    seen = [question.seen(a_week(seed, 500), question.target) for seed in range(50)]
    values = np.array([one.value for one in seen if one])
    thought = np.sqrt(np.mean([one.variance for one in seen if one]))

    assert abs(values.mean()) < 4 * values.std() / np.sqrt(len(values)) + (0.02 if question.target == SPEND else 0)
    assert thought == pytest.approx(values.std(), rel=0.3)


def test_honest_weeks_seldom_raise_an_alarm(judged: Forecasts) -> None:
    """Nothing changes from week to week here, so the spread of real shops leaves ample room."""
    verdicts = [{one.verdict for one in promises(a_week(seed), judged)} for seed in range(10, 25)]
    assert sum("worse" in each for each in verdicts) <= 1


def test_worse_forecasts_are_found_and_better_ones_praised(judged: Forecasts) -> None:
    week = a_week(4)
    worse = {(one.target, one.metric): one.verdict for one in promises(moved(week, -0.25), judged)}
    better = {(one.target, one.metric): one.verdict for one in promises(moved(week, 0.5), judged)}

    for target in (ORDER, REGRESSION):
        assert worse[target, "log_loss_share"] == "worse"
        assert better[target, "log_loss_share"] == "better"


def test_another_level_is_worse_on_either_side(judged: Forecasts) -> None:
    week = a_week(5)
    for factor in (0.3, 3.0):
        said = week.beside(ORDER, MODEL, np.clip(week.said[ORDER][MODEL] * factor, 0, 1))
        said = said.beside(SPEND, MODEL, week.said[SPEND][MODEL] * factor)
        found = {(one.target, one.metric): one for one in promises(said, judged)}
        for target in (ORDER, SPEND):
            one = found[target, "observed"]
            assert one.verdict == "worse"
            assert not one.low <= one.found <= one.high
            assert one.promised == pytest.approx(said.said[target][MODEL].mean())


def test_what_cannot_be_asked_is_not(judged: Forecasts) -> None:
    week = a_week(6)
    moneyless = replace(week, said={target: said for target, said in week.said.items() if target != SPEND})
    bare = replace(week, said={target: {MODEL: said[MODEL]} for target, said in week.said.items()})
    nothing = replace(week, ordered=np.zeros(len(week), dtype=bool))

    assert SPEND not in {one.target for one in promises(moneyless, judged)}
    assert {one.metric for one in promises(bare, judged)} == {"observed"}
    assert ("order", "observed") not in {(one.target, one.metric) for one in promises(nothing, judged)}
