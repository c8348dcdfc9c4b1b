"""Drift: the rules one by one, and what is put down to chance, to time, or to the data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_grades import a_grade
from made_shop import Shop

from features.grade import Grade, Promise
from features.model.reference import Distribution, Reference, by_chance, distance
from serving.drift import Drift, drift
from serving.gates import WeekFacts

SHOP = Shop()
AGES = (4, 8, 26, 52)
TENTHS = (1000,) * 10
EVEN = (*TENTHS, 0)
REFERENCE = Reference(
    cutoff="2014-01-06",
    lags=AGES,
    features={
        "steady": Distribution(edges=tuple(range(9)), counts=EVEN, normal=(0.02, 0.02, 0.02, 0.02), gain=0.5),
        "ageing": Distribution(edges=tuple(range(9)), counts=EVEN, normal=(0.1, 0.2, 0.4, 0.6), gain=0.3),
        "faint": Distribution(edges=tuple(range(9)), counts=EVEN, normal=(0.02,) * 4, gain=0.2),
    },
)


def tilted(by: float) -> tuple[int, ...]:
    return (*np.rint(1000 * np.linspace(1 - by, 1 + by, 10)).astype(int).tolist(), 0)


def week(as_of: str = "2014-02-03", model: str = "stagecast/1", **drifted: tuple[int, ...]) -> WeekFacts:
    counts = {"steady": EVEN, "ageing": EVEN, "faint": EVEN} | drifted
    return SHOP.facts(60).model_copy(update={"as_of": as_of, "model": model, "drift": counts})


def grade(as_of: str, verdict: str, metric: str = "log_loss_share", version: int = 1, found: float = 0.5) -> Grade:
    promise = Promise(target="order", metric=metric, promised=0.2, low=0.1, high=0.3, found=found, verdict=verdict)
    return a_grade(as_of, version).model_copy(update={"model_name": "stagecast", "promises": [promise]})


def told(*weeks: WeekFacts, grades: tuple[Grade, ...] = (), reference: Reference = REFERENCE) -> Drift:
    return drift(reference, weeks, grades)


def test_nothing_moved() -> None:
    found = told(week())

    assert found.verdict == "fine"
    assert (found.moved, found.features) == (0, ())
    assert "no week of this model has been graded yet" in found.why


def test_much_of_what_the_model_uses_is_far_from_training() -> None:
    found = told(week(steady=tilted(0.9)))

    assert found.verdict == "retrain"
    assert found.moved == 0.5
    assert [one.name for one in found.features] == ["steady"]
    assert found.features[0].how == "higher than in training"
    assert "50%" in found.why


def test_a_feature_that_the_model_hardly_uses_alarms_nobody() -> None:
    found = told(week(faint=tilted(0.9)))

    assert found.verdict == "fine"
    assert [one.name for one in found.features] == ["faint"]


def test_what_moved_as_far_within_training_is_no_drift() -> None:
    moved = tilted(0.7)

    assert told(week("2014-02-03", ageing=moved)).features[0].name == "ageing"
    assert told(week("2014-07-07", ageing=moved)).features == ()


def test_it_goes_on_at_its_pace_after_more_weeks_than_were_seen() -> None:
    moved = (*(0,) * 7, 3000, 3000, 4000, 0)

    assert told(week("2014-06-02", ageing=moved)).features[0].normal < 0.7
    assert told(week("2018-01-01", ageing=moved)).features == ()


def test_a_jump_within_a_week_is_to_be_looked_at_first() -> None:
    before, now = week("2014-01-27"), week(steady=tilted(0.9))

    assert told(before, now).verdict == "investigate"
    assert "within a week" in told(before, now).why
    assert told(now.model_copy(update={"as_of": "2014-01-27"}), now).verdict == "retrain"
    assert told(before.model_copy(update={"model": "stagecast/2"}), now).verdict == "retrain"


def test_amounts_in_cents_are_a_jump_although_most_of_the_model_does_not_see_them() -> None:
    before, now = week("2014-01-27"), week(faint=(*(0,) * 9, 10_000, 0))

    assert told(now).verdict == "fine"
    assert told(before, now).verdict == "investigate"


def test_features_that_are_suddenly_not_known() -> None:
    gone = (*(800,) * 10, 2000)
    found = told(week("2014-01-27"), week(steady=gone))

    assert found.verdict == "investigate"
    assert "not known" in found.why
    assert found.features[0].how == "not known of 20% of the customers, 0% in training"


def test_grades_worse_than_promised_ask_for_a_new_model() -> None:
    worse = [grade(day, "worse") for day in ("2014-01-06", "2014-01-13")]

    assert told(week(), grades=(worse[0],)).verdict == "fine"
    assert told(week(), grades=(*worse,)).verdict == "retrain"
    assert (
        told(week(), grades=(*worse, *(grade(f"2014-01-{d}", "as promised") for d in (14, 15, 16)))).verdict == "fine"
    )


def test_grades_of_another_version_say_nothing() -> None:
    other = tuple(grade(day, "worse", version=2) for day in ("2014-01-06", "2014-01-13"))

    assert told(week(), grades=other).verdict == "fine"


def test_a_level_that_is_off_in_one_direction_asks_for_calibration() -> None:
    high = [grade(day, "worse", "observed") for day in ("2014-01-06", "2014-01-13")]
    low = grade("2014-01-20", "worse", "observed", found=0.01)

    found = told(week(), grades=(*high,))
    assert found.verdict == "recalibrate"
    assert "0.5 came where 0.2 had been forecast" in found.why
    assert found.calibration == "2014-01-13: order 0.5 where 0.2 had been forecast"
    assert told(week(), grades=(high[0], low)).verdict == "fine"


def test_a_level_that_is_off_over_several_weeks_asks_for_it_too() -> None:
    found = told(week(), grades=tuple(grade(day, "worse", "observed_lately") for day in ("2014-01-06", "2014-01-13")))
    assert found.verdict == "recalibrate"
    assert "were off, each together with those before it; 0.5 came where" in found.why


def test_an_old_model() -> None:
    assert told(week("2015-03-02")).verdict == "retrain"
    assert "60 weeks old" in told(week("2015-03-02")).why


def test_probabilities_that_moved_alone() -> None:
    scores = {
        "p_order": Distribution(
            edges=tuple(k / 20 for k in range(1, 20)), counts=(*(0,) * 19, 9000, 0), normal=(0.05,) * 4
        )
    }
    reference = REFERENCE.model_copy(update={"scores": scores})
    found = told(week(), reference=reference)

    assert found.verdict == "investigate"
    assert found.scores[0].beyond
    assert "probability of an order moved further" in found.why


def test_a_model_without_a_reference_has_nothing_to_say() -> None:
    assert told(week(), reference=Reference()).verdict == "fine"


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.integers(50, 5000), st.integers(2, 15))
def test_two_samples_of_one_shop_are_apart_by_chance_alone(seed: int, customers: int, bins: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(bins, 5.0))
    one, other = (rng.multinomial(customers, p) for _ in range(2))

    assert distance(one, other) <= 1.25 * by_chance(one.tolist(), customers)


def test_chance_is_as_large_as_it_is_said_to_be() -> None:
    rng, p = np.random.default_rng(3), np.full(11, 1 / 11)
    apart = [distance(rng.multinomial(1000, p), rng.multinomial(500, p)) for _ in range(2000)]

    assert np.quantile(apart, 0.999) == pytest.approx(by_chance([91] * 11, 500), rel=0.1)
