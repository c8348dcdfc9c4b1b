"""Read the sentence of a move back into numbers, and see whether they satisfy the rule that fired."""

import re
from typing import Any

import numpy as np
import pandas as pd

from features.stages.spec import StageSpec

_N = r"(-?[\d,]+(?:\.\d+)?(?:e[+-]?\d+)?)"
_DATE = r"(\d{4}-\d\d-\d\d)"
_RUN = r"(two|three|four|five|six|seven|eight|nine|ten)"
_LEVEL = rf"(?:spends|orders on) {_N} (?:a week|days a week)"
_LATE = (
    rf"no order for {_N} days, {_N} of its usual gaps of {_N} days; (.+) of the returning customers with (.+) are back "
    rf"within {_N} days at the shop's rhythm, {_N} at this customer's own"
    rf"(?:, and nobody with this rhythm is called so within {_N} days)?"
)
_FORMS = {
    "first order": rf"first order on {_DATE}",
    "enough orders": rf"{_N} order-days, where formative asks for {_N}; "
    rf"examination held for {_N} days, where a period is {_N}",
    "level held": rf"{_N} order-days, where stable asks for {_N}; {_LEVEL}, at least {_N} % of its peak of {_N} for "
    rf"{_RUN} weeks running; customer for {_N} days, {_N} of its usual gaps of {_N} days, where {_N} are asked for; "
    rf"formative held for {_N} days, where a period is {_N}",
    "fell off": rf"{_LEVEL}, at most {_N} % of its peak of {_N} for {_RUN} weeks running",
    "fell silent": _LATE,
    "long silent": _LATE,
    "ordered again": rf"ordered again on {_DATE}, for the first time since {_DATE}",
    "recovered": rf"ordered on {_DATE}, after regression began on {_DATE}, and was (?:neither silent nor falling off|"
    rf"(not silent)) for {_RUN} weeks running(?:; after {_N} weeks its present level counts as its own)?; regression "
    rf"held for {_N} days, where a period is {_N}; {_N} order-days? makes? it (\w+)",
}
_RUNS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_BANDS = {"1 order-day": 0, "2-3 order-days": 1, "4-7 order-days": 2, "8 order-days or more": 3}


def check(move: Any, ticks: pd.DataFrame, days: pd.Series, spec: StageSpec) -> None:
    """Every number of the sentence is the customer's own, and together they satisfy the rule."""
    found = re.fullmatch(_FORMS[move.cause], move.reason)
    assert found, f"not the sentence of '{move.cause}': {move.reason}"
    told = [_value(text) if text is not None else None for text in found.groups()]
    row = int(np.flatnonzero(ticks["tick"] == move.tick)[0])
    facts = Facts(ticks.iloc[: row + 1], days[days < move.tick], spec, move)
    _RULES[move.cause](facts, *told)


class Facts:
    """What the tables say at a move."""

    def __init__(self, ticks: pd.DataFrame, days: pd.Series, spec: StageSpec, move: Any) -> None:
        self.now, self.ticks, self.days, self.spec, self.move = ticks.iloc[-1], ticks, days, spec, move
        self.before = ticks.iloc[-2] if len(ticks) > 1 else self.now
        self.chosen = spec.constants

    def quantile(self, band: int) -> float:
        """Share of the returning that are back within the silence limit of a band."""
        late = (1 - self.chosen.quantile) * min(self.spec.typical_gap[band] / self.spec.typical_gap[0], 1)
        assert self.chosen.balance == 1
        return min(1 - late, self.chosen.lost_quantile)

    def running(self, told: str, count: int) -> pd.DataFrame:
        """The last so many weeks; the level of a move stands against the peak from before it."""
        assert told == _RUNS[count - 2]
        recent = self.ticks.iloc[-count:].copy()
        recent.iloc[-1, recent.columns.get_loc("peak")] = max(self.before["peak"], self.now["level"])
        return recent

    def held(self) -> int:
        """Days for which the stage of the tick before had been held."""
        stages = self.ticks["stage"].to_numpy()[:-1]
        other = np.flatnonzero(stages != stages[-1])
        return (self.move.tick - self.ticks["tick"].iloc[other[-1] + 1 if len(other) else 0]).days


def _first_order(facts: Facts, day: str) -> None:
    assert pd.Timestamp(day) == facts.days.min()


def _enough_orders(facts: Facts, count: float, needed: float, held: float, period: float) -> None:
    assert count == len(facts.days) >= needed == facts.chosen.formative_days
    assert held == facts.held() >= period == facts.spec.hold_days


def _level_held(facts: Facts, count: float, needed: float, *rest: float) -> None:
    level, percent, peak, run, known, gaps, gap, settled, held, period = rest
    assert count == len(facts.days) >= needed == facts.chosen.stable_days
    near(level, facts.now["level"])
    near(peak, facts.now["peak"])
    assert percent == 100 * facts.chosen.holds_up
    assert level >= percent / 100 * peak * (1 - 1e-3)
    weeks = facts.running(run, facts.chosen.running)
    assert (weeks["level"] >= percent / 100 * weeks["peak"] * (1 - 1e-5)).all(), "not so many weeks running"
    assert known == (facts.move.tick - facts.days.min()).days
    near(gap, facts.now["cadence"], 0.006)
    near(gaps, known / facts.now["cadence"], 0.006)
    assert gaps >= settled * (1 - 0.006)
    assert settled == facts.chosen.settled_gaps
    assert held == facts.held() >= period == facts.spec.hold_days


def _fell_off(facts: Facts, level: float, percent: float, peak: float, run: str) -> None:
    near(level, facts.now["level"])
    near(peak, facts.before["peak"])
    assert percent == 100 * facts.chosen.falls_off
    assert level <= percent / 100 * peak * (1 + 1e-3)
    weeks = facts.running(run, facts.chosen.running)
    assert (weeks["level"] <= percent / 100 * weeks["peak"] * (1 + 1e-5)).all(), "not so many weeks running"


def _late(facts: Facts, *told: Any) -> None:
    silence, gaps, gap, share, band, usual, own, floor = told
    lost = facts.move.cause == "long silent"
    waits = facts.spec.lost_after if lost else facts.spec.silent_after
    quantile = facts.chosen.lost_quantile if lost else facts.quantile(_BANDS[band])
    assert abs(_share(share) - quantile) < 6e-4
    assert silence == (facts.move.tick - facts.days.max()).days
    near(gap, facts.now["cadence"], 0.006)
    near(gaps, silence / facts.now["cadence"], 0.006)
    assert _BANDS[band] == np.searchsorted([1, 2, 4, 8], len(facts.days), side="right") - 1
    assert usual == int(waits[_BANDS[band]])
    near(own, waits[_BANDS[band]] * facts.now["cadence"] / facts.spec.typical_gap[_BANDS[band]], 0.006, 1)
    assert silence > (own if floor is None else floor) or lost
    assert facts.now["silence"] > 1


def _ordered_again(facts: Facts, again: str, last: str) -> None:
    earlier = facts.days[facts.days < facts.before["tick"]].max()
    assert pd.Timestamp(last) == earlier
    assert pd.Timestamp(again) == facts.days[facts.days > earlier].min()
    assert facts.before["silence"] > 1


def _recovered(facts: Facts, *told: Any) -> None:
    last, since, lower, run, weeks, held, period, count, stage = told
    assert pd.Timestamp(last) == facts.days.max() >= pd.Timestamp(since)
    assert (facts.move.tick - pd.Timestamp(since)).days == facts.held() == held >= period == facts.spec.hold_days
    assert count == len(facts.days)
    assert stage == ("formative" if count >= facts.chosen.formative_days else "examination") == facts.now["stage"]
    recent = facts.running(run, facts.chosen.steady)
    assert (recent["silence"] <= 1).all()
    assert (lower is None) == (weeks is None)
    if weeks is not None:
        assert held >= 7 * weeks == 7 * facts.chosen.fall_weeks
        return
    judged = recent[(recent["order_days"] >= facts.chosen.stable_days) & (recent["peak"] > 0)]
    assert (judged["level"] > facts.chosen.falls_off * (1 - 1e-5) * judged["peak"]).all(), "falling off"


def _share(words: str) -> float:
    """`three in four`, `39 in 40` or `82.3 %` as a number."""
    if words.endswith(" %"):
        return float(words[:-2]) / 100
    part, whole = (_RUNS.index(word) + 2 if word in _RUNS else float(word) for word in words.split(" in "))
    return part / whole


def near(told: float, true: float, relative: float = 6e-4, absolute: float = 0.0) -> None:
    """A number told with few digits."""
    np.testing.assert_allclose(told, true, rtol=relative, atol=absolute or 1e-6)


def _value(text: str) -> Any:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return text


_RULES = {
    "first order": _first_order,
    "enough orders": _enough_orders,
    "level held": _level_held,
    "fell off": _fell_off,
    "fell silent": _late,
    "long silent": _late,
    "ordered again": _ordered_again,
    "recovered": _recovered,
}
