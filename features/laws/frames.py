"""What is on trial sees frames; here they are cut at a cut-off, and given an arbitrary future."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.errors import UsageError

Frames = Mapping[str, pd.DataFrame]
"""`orders` and, by their names, other tables."""

TIMES = ("ordered_at", "happened_at", "known_at")
"""Columns that say when something happened or was known; a row is visible once all it has have passed."""

_MOST = 200
_FACTORS = (-1, 0, 3, 1000)


def midnight(cutoff: int) -> pd.Timestamp:
    """The instant of a cut-off given as a day number."""
    return pd.Timestamp(np.datetime64(cutoff, "D")).as_unit("us")


def visible(frame: pd.DataFrame, cutoff: int) -> np.ndarray:
    """Which rows are history at a cut-off: every time they carry lies before it."""
    times = [frame[name] < midnight(cutoff) for name in TIMES if name in frame]
    return np.asarray(np.all([np.asarray(time, dtype=bool) for time in times], axis=0))


def cut(frames: Frames, cutoff: int) -> Frames:
    """The frames as they were at a cut-off."""
    return {name: frame[visible(frame, cutoff)] for name, frame in frames.items()}


def with_future(frames: Frames, cutoff: int, seed: int) -> Frames:
    """The frames as they were at a cut-off, with arbitrary rows that came on or after it.

    The new rows are old ones with other numbers and words: half of them at the
    very instant of the cut-off, some of a new customer. Where a table has
    `known_at`, that alone is moved, so that they are late news of old events.
    """
    rng = np.random.default_rng(seed)
    return {
        name: pd.concat([known, _news(known, cutoff, rng)], ignore_index=True)
        for name, known in cut(frames, cutoff).items()
    }


def require_times(frames: Frames) -> None:
    """Check that every frame can be cut.

    Raises:
        UsageError: a frame has no time, or one that is not a naive local time.
    """
    for name, frame in frames.items():
        found = [time for time in TIMES if time in frame]
        wrong = [time for time in found if getattr(frame[time].dtype, "kind", "") != "M" or frame[time].dt.tz]
        if not found or wrong:
            raise UsageError(
                f"the table '{name}' cannot be cut at a cut-off",
                got=", ".join(f"{time}: {frame[time].dtype}" for time in wrong)
                or f"columns {', '.join(map(str, frame))}",
                allowed=f"naive local times in one or more of {', '.join(TIMES)}",
                remedy="rename the column, and turn it into datetime64 without a time zone",
            )


def _news(known: pd.DataFrame, cutoff: int, rng: np.random.Generator) -> pd.DataFrame:
    chosen = rng.permutation(len(known))[:_MOST]
    news = known.iloc[chosen].reset_index(drop=True)
    last = next(name for name in reversed(TIMES) if name in known)
    later = np.where(rng.random(len(news)) < 0.5, 0, rng.integers(0, 365 * 86_400, len(news)))
    moved = midnight(cutoff) + pd.to_timedelta(later, unit="s")
    columns = {str(name): _scrambled(news[name], rng) for name in news if name not in TIMES and name != "customer_id"}
    return news.assign(**columns, **{last: moved.astype(known[last].dtype)}, customer_id=_one_new(news["customer_id"]))


def _scrambled(column: pd.Series, rng: np.random.Generator) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return pd.Series(column * rng.choice(_FACTORS, len(column)), dtype=column.dtype)
    return column.iloc[rng.permutation(len(column))].set_axis(column.index)


def _one_new(ids: pd.Series) -> pd.Series:
    """The ids, every tenth replaced by one that nobody has (a category cannot be new)."""
    if isinstance(ids.dtype, pd.CategoricalDtype):
        return ids
    new = ids.max() + 1 if pd.api.types.is_numeric_dtype(ids) else "~ a customer of the future"
    return ids.where(np.arange(len(ids)) % 10 != 9, new)
