"""Every concept can be said, in numbers that are known, about what the model knows."""

from string import Formatter

import numpy as np
import pandas as pd
import pytest

from features.families import all_features
from features.history.since import OPTIONAL
from features.model.concepts import IDEAS, Concept
from serving.sentences import ORDERS, Sentence, nearest, sentences

EVERYTHING = tuple(feature.name for feature in all_features((4, 8, 13, 26, 52), frozenset(OPTIONAL)))
OTHER = tuple(feature.name for feature in all_features((3, 20), frozenset(OPTIONAL)))


def idea(name: str) -> Concept:
    return Concept("own orders", name, ())


def told(concept: Concept, **values: float | str) -> str | None:
    """What is said of a customer with these numbers."""
    row = pd.DataFrame({name: [value] for name, value in values.items()})
    known = [one for one in sentences(concept, tuple(values), 28) if one.known(row).all()]
    return known[0].of(row, np.array([0]))[0] if known else None


def test_there_are_words_for_every_idea() -> None:
    assert set(ORDERS) == set(IDEAS)


@pytest.mark.parametrize("name", ORDERS)
def test_a_sentence_takes_the_nearest_window_there_is(name: str) -> None:
    ours, others = (sentences(idea(name), names, 28) for names in (EVERYTHING, OTHER))
    assert len(ours) == len(others) == len(ORDERS[name])
    assert sentences(idea(name), (), 28) == []
    for sentence in others:
        fields = [field for _, field, _, _ in Formatter().parse(sentence.words) if field is not None]
        assert sorted(fields) == [str(place) for place in range(len(sentence.needs))]
        assert set(sentence.needs) <= set(OTHER)


def test_the_words_name_the_window_they_speak_of() -> None:
    assert told(idea("spend"), net_spend_3w=1.0, net_spend_20w=1234.5) == "spent 1,234.50 in 20 weeks"


def test_what_is_not_known_is_said_in_other_words_or_not_at_all() -> None:
    stage = {"stage_code": 1.0, "days_in_stage": 30.0}
    assert told(idea("stage"), **stage, level_to_peak=0.5) == "formative for 30 days, at 50% of its peak level"
    assert told(idea("stage"), **stage, level_to_peak=np.nan) == "formative for 30 days"
    assert told(idea("spend"), net_spend_20w=np.nan) is None
    assert told(idea("spend"), net_spend_20w=np.inf) is None


@pytest.mark.parametrize(("days", "said"), [(1.0, "1 day"), (21.0, "21 days"), (101.0, "101 days")])
def test_one_day_is_a_day(days: float, said: str) -> None:
    assert told(idea("silence"), recency=days) == f"silent for {said}"


@pytest.mark.parametrize(
    ("name", "names", "found"),
    [
        ("x_26w", ("x_26w", "x_25w"), "x_26w"),
        ("x_26w", ("x_22w", "x_30w", "y_26w"), "x_22w"),
        ("x_26w", ("x_ever",), None),
        ("x_ever", ("x_26w",), None),
    ],
)
def test_the_nearest_window_is_the_shorter_of_two(name: str, names: tuple[str, ...], found: str | None) -> None:
    assert nearest(name, names) == found


def test_events_are_spoken_of_by_table_and_kind() -> None:
    web = Concept("events", "visits, {web}; all", (), "visits_web")
    counts = {"visits_web_count_4w": 3.0, "visits_web_count_13w": 7.0, "visits_web_count_ever": 9.0}
    assert told(web, **counts, visits_web_recency=12.0) == "visits, {web}, all: 7 in 13 weeks, the last 12 days ago"
    assert told(web, **counts) == "visits, {web}, all: 7 in 13 weeks"
    assert told(web, visits_web_count_ever=9.0) == "visits, {web}, all: 9 ever"
    assert told(web, visits_web_recency=12.0) == "visits, {web}, all: the last 12 days ago"


def test_values_of_events_are_spoken_of() -> None:
    rating = Concept("values", "rating", (), "rating")
    assert told(rating, rating_mean_26w=4.25) == "rating: 4.25 on average in 26 weeks"
    assert told(rating, rating_mean_26w=np.nan, rating_last=3.0) == "rating: last value 3"
    assert told(rating, rating_sum_ever=1234.0) == "rating: 1,234 in all ever"


def test_attributes_are_spoken_of() -> None:
    def attribute(name: str, *columns: str) -> Concept:
        return Concept("profile", f"person, {name}", columns, f"person_{name}")

    assert told(attribute("age", "person_age"), person_age=34.0) == "person, age: 34"
    joined = attribute("joined", "person_days_since_joined")
    assert told(joined, person_days_since_joined=120.0) == "person, joined: 120 days ago"
    channels = ("person_channel_is_online", "person_channel_is_high_street")
    channel = attribute("channel", *channels)
    assert told(channel, **dict(zip(channels, (0.0, 1.0), strict=True))) == "person, channel: high street"
    assert told(channel, **dict(zip(channels, (0.0, 0.0), strict=True))) is None
    assert told(channel, **dict.fromkeys(channels, np.nan)) is None


def outlook(**values: float) -> str | None:
    return told(idea("outlook"), **values)


def test_the_outlook_says_what_is_to_be_done() -> None:
    later = {"stage_code": 2.0, "stage_if_silent": 3.0}
    assert outlook(**later, days_to_silence=12.4) == "counts as silent in 12 days unless it orders"
    assert outlook(**later, days_to_silence=28.5) == "regression a period later if it orders nothing"  # it falls off
    stays = {"stage_code": 3.0, "stage_if_silent": 3.0}
    assert outlook(**stays, days_to_silence=-40.0) == "stays in regression unless it orders"
    assert outlook(**stays, days_to_silence=9.0) == "stays in regression unless it orders"
    recovers = {"stage_code": 3.0, "stage_if_silent": 1.0}
    assert outlook(**recovers, days_to_silence=60.0) == "formative a period later if it orders nothing"
    assert outlook(stage_if_silent=1.0) == "formative a period later if it orders nothing"


def test_own_features_are_spoken_of_by_their_names() -> None:
    assert told(Concept("own", "spend_per_day", ("spend_per_day",)), spend_per_day=12.5) == "spend per day: 12.5"


def test_only_the_rows_asked_for_are_said() -> None:
    table = pd.DataFrame({"x": [1.0, 2.0, np.nan]})
    sentence = Sentence("{0:.0f}", ("x",))
    assert sentence.known(table).tolist() == [True, True, False]
    assert sentence.of(table, np.array([1])) == ["2"]
    assert Sentence("so", where={"x": (1.0, 2.0)}).of(table, np.array([0, 1])) == ["so", "so"]
    assert sentence.of(table, np.array([], dtype=np.intp)) == []
