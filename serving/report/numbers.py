"""Numbers and dates as people read them."""

from collections.abc import Sequence
from datetime import date, datetime

from features.clock import WEEK

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MINUS = "\N{MINUS SIGN}"


def count(number: float) -> str:
    """A whole number with commas: 12,345."""
    return f"{round(number):,}".replace("-", _MINUS)


def money(amount: float | None, currency: str) -> str:
    """An amount in whole units: $1,234; a dash where there is none."""
    if amount is None:
        return "\N{EN DASH}"
    sign = _MINUS if round(amount) < 0 else ""
    return f"{sign}{currency}{abs(round(amount)):,}"


def more(amount: float, currency: str) -> str:
    """A change of an amount: +$12, a true minus, or "no change"."""
    return (
        money(amount, currency)
        if round(amount) < 0
        else f"+{money(amount, currency)}"
        if round(amount)
        else "no change"
    )


def percent(share: float) -> str:
    """A share in whole per cent; what is neither nothing nor all is never shown as such."""
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"


def off(share: float) -> str:
    """How far a forecast was off, as a share of what came: 2% too many, 13% too few."""
    return f"{percent(abs(share))} too {'much' if share > 0 else 'little'} said" if round(share, 3) else "just as said"


def precise(number: float) -> str:
    """A metric to three places, with a true minus."""
    return f"{number:.3f}".replace("-", _MINUS)


def signed(number: float) -> str:
    """A change: +12, a true minus, or "no change"."""
    whole = round(number)
    return f"{'+' if whole > 0 else _MINUS}{abs(whole):,}" if whole else "no change"


def day(text: str) -> str:
    """A date as in Monday, 29 June 1998."""
    return f"{(on := date.fromisoformat(text)):%A}, {on.day} {on:%B} {on.year}"


def short_day(text: str) -> str:
    """A date as in 29 Jun 1998."""
    return f"{(on := date.fromisoformat(text[:10])).day} {on:%b} {on.year}"


def moment(text: str) -> str:
    """A time in UTC, as in 29 Jun 1998, 06:00 UTC."""
    return f"{short_day(text)}, {datetime.fromisoformat(text):%H:%M} UTC"


def weeks(days: int) -> str:
    """A number of days that are whole weeks, in words: four weeks."""
    number = days // WEEK
    word = _WORDS[number] if number < len(_WORDS) else f"{number}"
    return f"{word} week{'' if number == 1 else 's'}"


def points(values: Sequence[float], width: float = 100, height: float = 24) -> str:
    """The points of a line through values, for an SVG of this size; an even line runs through the middle."""
    low, high = min(values), max(values)
    room, step = (high - low) or 1.0, width / max(len(values) - 1, 1)
    return " ".join(
        f"{place * step:.2f},{height / 2 if low == high else height - 2 - (value - low) / room * (height - 4):.2f}"
        for place, value in enumerate(values)
    )
