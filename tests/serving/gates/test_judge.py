"""Gates: a normal week passes them all, and each planted fault is caught by the gate that is there for it."""

from functools import cache

import numpy as np
import pytest
from made_shop import Shop, respoilt

from serving.gates import GATES, Finding, GatesConfig, WeekFacts, judge

SHOP, WEEK = Shop(), 80


def verdicts(now: WeekFacts, before: list[WeekFacts], config: GatesConfig | None = None) -> dict[str, Finding]:
    return {finding.gate: finding for finding in judge(now, before, config or GatesConfig())}


def failed(now: WeekFacts, before: list[WeekFacts] | None = None) -> dict[str, str]:
    found = verdicts(now, before_week() if before is None else before)
    return {name: one.verdict for name, one in found.items() if one.verdict != "pass"}


@cache
def before_week() -> list[WeekFacts]:
    return SHOP.before(WEEK)


@cache
def the_week() -> WeekFacts:
    return SHOP.facts(WEEK)


def scaled(days: tuple[int, ...], last: int, share: float) -> tuple[int, ...]:
    counts = np.array(days, dtype=float)
    counts[len(counts) - last :] *= share
    return tuple(np.rint(counts).astype(int).tolist())


def test_a_normal_week_passes_every_gate_and_says_what_it_saw() -> None:
    found = judge(the_week(), before_week(), GatesConfig())

    assert [one.gate for one in found] == list(GATES)
    assert {one.verdict for one in found} == {"pass"}
    assert all(one.saw and one.normal and not one.remedy for one in found)


def test_half_a_year_of_normal_weeks_with_a_closed_new_year() -> None:
    weeks = [SHOP.facts(week) for week in range(48, 76)]
    alarms = {
        now.as_of: names
        for place, now in enumerate(weeks[1:], 1)
        if (names := failed(now, weeks[max(place - 26, 0) : place]))
    }

    assert alarms == {}


def test_the_first_week_passes_with_a_word() -> None:
    found = verdicts(the_week(), [])

    assert {one.verdict for one in found.values()} == {"pass"}
    assert found["past"].normal == "not known: there is no week before it"


def test_the_first_weeks_of_a_shop_pass() -> None:
    for week in range(1, 8):
        assert failed(SHOP.facts(week), SHOP.before(week)) == {}, week


def test_orders_that_stop_a_week_early() -> None:
    now = the_week()
    spoilt = {name: scaled(getattr(now.orders, name), 7, 0) for name in ("lines", "customers", "newcomers")}
    found = verdicts(respoilt(now, **spoilt), before_week())

    assert found["fresh"].verdict == found["orders"].verdict == "stop"
    assert "8 days without one" in found["fresh"].saw  # the Sunday before is one of them
    assert "up to" in found["fresh"].normal
    assert 'fresh = "warn"' in found["fresh"].remedy


@pytest.mark.parametrize("source", ["web", "shop", "fair"])
def test_a_source_that_is_missing_for_three_days(source: str) -> None:
    now = the_week()
    lines = np.array(now.orders.sources[source])
    lines[-6:-3] = 0
    sources = {**now.orders.sources, source: tuple(lines.tolist())}
    found = verdicts(
        now.model_copy(update={"orders": now.orders.model_copy(update={"sources": sources})}), before_week()
    )

    assert found["sources"].verdict == "stop"
    assert f"'{source}'" in found["sources"].saw


def test_three_days_that_are_missing() -> None:
    now = the_week()
    days = np.ones(len(now.orders.lines))
    days[-6:-3] = 0
    spoilt = {
        name: tuple((days * getattr(now.orders, name)).astype(int).tolist())
        for name in ("lines", "customers", "newcomers")
    }

    assert failed(respoilt(now, **spoilt)).items() >= {"hole": "warn", "customers": "stop"}.items()


def test_half_of_the_lines_of_the_week_are_lost() -> None:
    now = the_week()

    assert failed(respoilt(now, lines=scaled(now.orders.lines, 7, 0.5))) == {"basket": "stop"}


def test_the_lines_of_the_week_came_twice() -> None:
    now = the_week()

    assert failed(respoilt(now, lines=scaled(now.orders.lines, 7, 2))) == {"basket": "stop"}


def test_amounts_in_cents() -> None:
    now = the_week()

    assert failed(respoilt(now, spend=scaled(now.orders.spend, 7, 100))) == {"money": "stop"}
    assert verdicts(respoilt(now, spend=()), before_week())["money"].saw == "orders without money"


def test_half_of_all_lines_are_lost() -> None:
    now = the_week()

    assert failed(respoilt(now, lines=scaled(now.orders.lines, len(now.orders.lines), 0.5))) == {"past": "stop"}


def test_the_lines_of_one_source_came_twice_all_along() -> None:
    now = the_week()
    fair = scaled(now.orders.sources["fair"], len(now.orders.lines), 2)
    twice = now.orders.model_copy(update={"sources": {**now.orders.sources, "fair": fair}})
    found = verdicts(now.model_copy(update={"orders": twice}), before_week())

    assert found["past"].verdict == "stop"
    assert "source 'fair'" in found["past"].saw


def test_the_file_of_another_shop() -> None:
    other = SHOP.with_(seed=2).facts(WEEK)

    assert failed(other)["past"] == "stop"


def test_customers_that_are_dropped() -> None:
    now = the_week()
    fewer = now.model_copy(update={"counts": now.counts.model_copy(update={"rows": now.counts.rows - 400})})

    assert failed(fewer) == {"customers": "stop"}


def test_a_few_who_were_forgotten() -> None:
    now = the_week()
    fewer = now.model_copy(update={"counts": now.counts.model_copy(update={"rows": now.counts.rows - 5})})

    assert failed(fewer) == {}


def test_a_week_that_was_missed_is_made_up_for() -> None:
    assert failed(the_week(), SHOP.before(WEEK - 2)) == {}


def test_a_stage_mix_that_shifted() -> None:
    shifted = SHOP.with_(stages=(0.3, 0.15, 0.05, 0.5), lost=0.45).facts(WEEK)

    assert failed(shifted) == {"stages": "stop"}


def test_probabilities_that_shifted() -> None:
    found = verdicts(SHOP.with_(pull=1.0).facts(WEEK), before_week())

    assert found["scores"].verdict == "warn"
    assert "in [serving.gates]" not in found["scores"].remedy


def test_another_stage_spec_is_told_and_compared_with_nothing() -> None:
    other = SHOP.with_(stages=(0.1, 0.1, 0.1, 0.7)).facts(WEEK, version=2, spec="bbbb")

    assert failed(other) == {"spec": "warn"}


def test_closed_where_nobody_was_last_year() -> None:
    now = SHOP.facts(72)
    closed = np.ones(len(now.orders.lines))
    closed[-5:] = 0
    spoilt = {
        name: tuple((closed * getattr(now.orders, name)).astype(int).tolist())
        for name in ("lines", "customers", "newcomers")
    }

    assert failed(respoilt(now, **spoilt), SHOP.before(72)).items() >= {"fresh": "stop", "hole": "warn"}.items()


def test_settings_decide_what_follows() -> None:
    other = SHOP.with_(seed=2).facts(WEEK)
    config = GatesConfig(past="warn", customers="off")
    found = verdicts(other, before_week(), config)

    assert found["past"].verdict == "warn"
    assert "customers" not in found


def test_only_earlier_weeks_count_in_whatever_order() -> None:
    later = SHOP.with_(seed=2).facts(WEEK + 1)

    assert judge(the_week(), [later, *before_week()[::-1], the_week()], GatesConfig()) == judge(
        the_week(), before_week(), GatesConfig()
    )


def test_a_gate_that_is_not_there_is_no_setting() -> None:
    named = set(GatesConfig.model_fields) - {"source", "width", "rewritten", "weeks"}

    assert named == set(GATES)
