"""The stage spec in plain words: every rule with its numbers, and where each number comes from."""

import math
from fractions import Fraction

import numpy as np
import pandas as pd

from features.clock import Clock, stamps, weekday_name
from features.history import History
from features.stages.fit import balanced_quantiles
from features.stages.machine import run_stages
from features.stages.spec import BANDS, StageSpec

BAND_NAMES = ("1", "2-3", "4-7", "8+")
"""Order-days so far, of each band."""

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LARGEST_SHARE = 40


def explain(spec: StageSpec) -> list[str]:
    """The whole spec, a line at a time, as Markdown that reads well as plain text too.

    A person who never saw the code can say from it where a customer stands.
    """
    parts = [_head(spec), _rhythm(spec), _own_rhythm(spec), _terms(spec), _stages(spec), _moves(spec)]
    return [line for part in parts for line in [*part, ""]][:-1]


def fitted_bands(spec: StageSpec) -> tuple[bool, ...]:
    """Whether each band's gaps were found on orders, or are the default of a shop with too few of them.

    Default gaps are those of exponential waiting: their quantiles stand in one
    ratio, which gaps counted in days do not hit.
    """
    lost = math.log2(1 / (1 - spec.constants.lost_quantile))
    bands = zip(_shares(spec), spec.typical_gap, spec.silent_after, spec.lost_after, strict=True)
    return tuple(
        not (math.isclose(s, m * math.log2(1 / (1 - q))) and math.isclose(x, m * lost)) for q, m, s, x in bands
    )


def _shares(spec: StageSpec) -> list[float]:
    """Of each band, the share of the returning that a silent customer is later than."""
    return balanced_quantiles(list(spec.typical_gap), spec.constants)


def share(q: float) -> str:
    """A share in words: `four in five`; in per cent where it is no simple fraction."""
    fraction = Fraction(q).limit_denominator(_LARGEST_SHARE)
    if not math.isclose(float(fraction), q, abs_tol=1e-9):
        return _percent(q)
    few = fraction.denominator < len(_NUMBERS)
    part, whole = fraction.numerator, fraction.denominator
    return f"{_NUMBERS[part]} in {_NUMBERS[whole]}" if few else f"{part} in {whole}"


def _head(spec: StageSpec) -> list[str]:
    return [
        f"# Stage spec {spec.hash}, version {spec.version}",
        "",
        f"Made from the {spec.order_days:,} order-days before {spec.fitted_before}.",
        f"A customer's stage is found anew every {weekday_name(spec.week_starts)} at 00:00, from the orders before it.",
        f"A period is {spec.hold_days} days.",
    ]


def _rhythm(spec: StageSpec) -> list[str]:
    c = spec.constants
    columns = (BAND_NAMES, spec.typical_gap, spec.silent_after, _shares(spec), spec.lost_after, fitted_bands(spec))
    return [
        "## How long customers of this shop take to order again",
        "",
        "| order-days so far | typical gap | silent after | later than | lost after | where from |",
        "| ----------------: | ----------: | -----------: | ---------: | ---------: | :--------- |",
        *(
            f"| {name:>17} | {_days(m):>11} | {_days(s):>12} | {_percent(q, 2):>10} | {_days(x):>10} |"
            f" {_source(spec, fitted)} |"
            for name, m, s, q, x, fitted in zip(*columns, strict=True)
        ),
        "",
        "In days, for a customer who orders in the shop's typical rhythm:",
        "",
        f"- Of those who order again within {c.follow_up_weeks} weeks, half have done so by the typical gap.",
        f"- Silent, after the first order, is later than {share(c.quantile)} of them (stages.quantile = {c.quantile:g},"
        " the knob: a lower one warns earlier, a higher one gives fewer false alarms).",
        *_balance(spec),
        f"- Lost is later than {share(c.lost_quantile)} of them (stages.lost_quantile = {c.lost_quantile:g}), and at"
        f" least {c.lost_factor:g} times as late as silent.",
        "- Whoever has not ordered again yet counts as still waiting, not as gone. Orders that reach back less far"
        " show short gaps alone, so gaps found on them are stretched as they grew.",
    ]


def _balance(spec: StageSpec) -> list[str]:
    balance = spec.constants.balance
    if balance == 0:
        return ["- Silent is later than the same share of them after any number of orders (stages.balance = 0)."]
    return [
        "- Who orders more often has more chances to be late by mere chance, and is called silent only when later"
        f" than more of them, as the table has it (stages.balance = {balance:g})."
    ]


def _source(spec: StageSpec, fitted: bool) -> str:
    return f"orders before {spec.fitted_before}" if fitted else "default: too few orders"


def _own_rhythm(spec: StageSpec) -> list[str]:
    c = spec.constants
    days, limit = _example(spec)
    return [
        "## How that becomes a customer's own limit",
        "",
        "- A customer's own rhythm is the average of its own gaps (geometric), mixed with the typical gap of the"
        f" shop, which weighs as much as {c.shrinkage:g} gaps: with few orders the shop decides, with many the"
        " customer.",
        "- The limits stretch and shrink with it: who orders twice as often as is usual is silent twice as soon;"
        f" but nobody is silent within {c.shortest_silence} days.",
        f"- An example: after 8 order-days, one every {days} days, this customer is silent when {_days(limit)} days"
        " have passed without an order.",
    ]


def _terms(spec: StageSpec) -> list[str]:
    c, money = spec.constants, spec.level_measure == "net"
    unit = "net money (returns taken off) a week" if money else "order-days a week, since the orders have no money"
    return [
        "## The words",
        "",
        "- Order-day: a day with a purchase. A day whose returns take back all that was bought on it is none.",
        f"- Level: {unit}, over the last {c.level_gaps:g} gaps of the customer's own rhythm (at least"
        f" {c.level_periods * spec.hold_days:g} days, at most {c.level_weeks} weeks).",
        "- Peak: the customer's highest level so far; whoever comes back from regression begins a new one. Without a"
        " peak above zero nobody is stable or slipping.",
    ]


def _stages(spec: StageSpec) -> list[str]:
    c = spec.constants
    running = f"{in_letters(c.running)} weeks running"
    return [
        "## The stages",
        "",
        f"- Examination: fewer than {c.formative_days} order-days. Trial orders.",
        f"- Formative: {c.formative_days} order-days or more, and neither of the two below.",
        f"- Stable: {c.stable_days} order-days or more, a customer for at least {c.settled_gaps:g} gaps of its own"
        f" rhythm, and {running} at {_percent(c.holds_up)} of its peak or above.",
        "- Regression, from any stage, and told apart in three:",
        f"  - slipping: {c.stable_days} order-days or more, and {running} at {_percent(c.falls_off)} of its peak or"
        f" below, while still buying; after {c.fall_weeks} weeks the lower level counts as its own. Also who has"
        " ordered again after a silence and is not back yet;",
        "  - silent: no order for longer than its own silence limit;",
        "  - lost: no order for longer than its own limit of the lost.",
    ]


def _moves(spec: StageSpec) -> list[str]:
    return [
        "## The moves",
        "",
        "- Up one stage at a time: examination, formative, stable. A stage, regression too, is held for at least"
        f" {spec.hold_days} days before the next one up.",
        f"- Back from regression: after an order since it began, and {in_letters(spec.constants.steady)} weeks running"
        " neither silent nor fallen off. That leads to formative (to examination for who never got further), never"
        " straight to stable.",
        "- Nobody skips a stage. What has been said of a week is never changed by what comes later.",
    ]


def _example(spec: StageSpec) -> tuple[int, float]:
    """A customer twice as slow as is usual: its gap and its silence limit in days, as the machine has it."""
    gap = max(round(2 * spec.typical_gap[-1]), 1)
    days = gap * np.arange(BANDS[-1], dtype=np.int64)
    history = History.of(
        pd.DataFrame({"customer_id": "a", "ordered_at": stamps(days), "is_return": False, "amount": 1.0})
    )
    tick = Clock(spec.week_starts).after(int(days[-1]))
    state = run_stages(history, spec, np.zeros(1, dtype=np.int64), np.array([tick]))
    return gap, float((tick - days[-1]) / state.silence[0])


def in_letters(number: int) -> str:
    """A small number as a word."""
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def _days(days: float) -> str:
    return f"{days:,.0f}"


def _percent(part: float, digits: int = 4) -> str:
    return f"{100 * part:.{digits}g} %"
