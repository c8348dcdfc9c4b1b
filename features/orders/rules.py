"""What an order line must be: small named rules, each with what is allowed and what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from features.orders.coded import Mask
from features.orders.contract import named
from features.orders.flags import NOT_A_FLAG
from features.orders.numbers import NOT_A_NUMBER
from features.orders.parse import Parsed
from features.orders.times import ISO, UNPARSED, UNZONED

_RETURN_WORDS = "true/false, yes/no, 1/0"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that may be wrong with a row: where `bad` says so, `column` `reason`."""

    column: str
    reason: str
    allowed: str
    remedy: str
    bad: Callable[[Parsed], Mask | None]

    def __str__(self) -> str:
        return f"{self.column} {self.reason}"


def _fault(column: str, reason: str) -> Callable[[Parsed], Mask | None]:
    return lambda parsed: parsed.faults.get((column, reason))


def _no_customer(parsed: Parsed) -> Mask:
    return parsed.text["customer_id"] < 0


def _no_time(parsed: Parsed) -> Mask:
    unread = [mask for (column, _), mask in parsed.faults.items() if column == "ordered_at"]
    return np.isnat(parsed.ordered_at) & ~np.any(unread, axis=0) if unread else np.isnat(parsed.ordered_at)


def _too_early(parsed: Parsed) -> Mask:
    return parsed.ordered_at < parsed.limits.earliest


def _in_future(parsed: Parsed) -> Mask:
    return parsed.ordered_at >= parsed.limits.latest


def _no_amount(parsed: Parsed) -> Mask | None:
    if "amount" not in parsed.numbers:
        return None
    missing = np.isnan(parsed.numbers["amount"])
    unread = parsed.faults.get(("amount", NOT_A_NUMBER))
    return missing if unread is None else missing & ~unread


def _too_large(column: str) -> Callable[[Parsed], Mask | None]:
    def bad(parsed: Parsed) -> Mask | None:
        values = parsed.numbers.get(column)
        return None if values is None else np.abs(values) > parsed.limits.largest

    return bad


def _number_rules(column: str) -> Iterator[Rule]:
    yield Rule(
        column,
        NOT_A_NUMBER,
        "digits with a decimal point, such as 1234.5 or -3; or nothing",
        "take currency signs, thousands separators and decimal commas out",
        _fault(column, NOT_A_NUMBER),
    )
    yield Rule(
        column,
        "is infinite or too large",
        "at most orders.largest_amount in absolute value",
        "correct the value, or raise orders.largest_amount if it is right",
        _too_large(column),
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "customer_id",
        "is missing",
        "any text that is not blank, and no stand-in such as NULL or nan",
        "leave out the orders nobody is known for, or raise orders.max_bad_share",
        _no_customer,
    ),
    Rule("ordered_at", "is missing", ISO, "fill the time in, or leave the row out", _no_time),
    Rule(
        "ordered_at",
        UNPARSED,
        ISO,
        'say how the text is written, for example orders.date_format = "%d/%m/%Y %H:%M"',
        _fault("ordered_at", UNPARSED),
    ),
    Rule(
        "ordered_at",
        UNZONED,
        "all times with an offset, or none",
        "write the offset into every row, or into none (then they are local times)",
        _fault("ordered_at", UNZONED),
    ),
    Rule(
        "ordered_at",
        "is too early",
        "orders.earliest or later",
        "correct the date, or set orders.earliest to an earlier day",
        _too_early,
    ),
    Rule("ordered_at", "is in the future", "today or tomorrow at the latest", "correct the date", _in_future),
    *(rule for column in named("number") for rule in _number_rules(column)),
    Rule(
        "amount",
        "is missing and cannot be computed",
        "an amount in every row, or quantity and unit_price in its place",
        "fill the amount in (0 for a gift), or leave the column out altogether",
        _no_amount,
    ),
    Rule("is_return", NOT_A_FLAG, _RETURN_WORDS, f"write {_RETURN_WORDS}", _fault("is_return", NOT_A_FLAG)),
)


def judge(parsed: Parsed) -> dict[Rule, Mask]:
    """The rules that are broken, each with the rows that break it."""
    masks = ((rule, rule.bad(parsed)) for rule in RULES)
    return {rule: mask for rule, mask in masks if mask is not None and mask.any()}
