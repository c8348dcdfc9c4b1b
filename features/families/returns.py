"""What came back: returned lines and money."""

from collections.abc import Iterator

from features.families.spend import MONEY
from features.feature import Feature, ratio
from features.snapshots import weeks


def returns(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Return lines in each window, and the share of spend that was returned."""
    for w in (*windows, None):
        tail, days = (f"{w}w", weeks(w)) if w else ("ever", None)
        span = f"in the last {w} weeks" if w else "ever"
        yield Feature(
            f"return_lines_{tail}", f"returned lines {span}", "count", lambda p, d=days: p.count("return_lines", d)
        )
        yield Feature(
            f"returned_share_{tail}",
            f"money returned over money spent {span}",
            "share",
            lambda p, d=days: ratio(p.total("returned", d), p.total("gross", d)),
            MONEY,
        )
