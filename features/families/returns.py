"""What came back: returned lines and money."""

from collections.abc import Iterator

from features.families.spend import MONEY
from features.feature import Feature, ratio
from features.past.rows import last_day_with
from features.windows import Window, and_ever


def returns(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Return lines in each window, and the share of spend that was returned."""
    for window in and_ever(windows):
        yield from _within(window)
    yield Feature(
        "days_since_return",
        "days since the last day with a returned line",
        "days",
        lambda p: p.cutoff - p.walk(last_day_with, "return_lines"),
        formula="t - (last day with a return line)",
    )


def _within(window: Window) -> Iterator[Feature]:
    tail, words, days = window.tail, window.words, window.days
    yield Feature(
        f"return_lines_{tail}",
        f"returned lines {words}",
        "count",
        lambda p: p.count("return_lines", days),
        formula=f"sum(return lines, {tail})",
        empty=0,
    )
    yield Feature(
        f"returned_share_{tail}",
        f"money returned over money spent {words}",
        "share",
        lambda p: ratio(p.total("returned", days), p.total("gross", days)),
        MONEY,
        formula=f"sum(returned, {tail}) / sum(spend, {tail})",
    )
