"""The laws, one function each. A `Trial` is what is on trial, with the data and the cut-offs it is tried at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features.laws.agree import Law, agree
from features.laws.frames import Frames, cut, with_future

Build = Callable[[Frames, Sequence[int]], pd.DataFrame]
"""From frames and cut-offs (day numbers) to a table: `customer_id`, `cutoff`, then values."""


@dataclass(frozen=True)
class Trial:
    """What is on trial.

    Attributes:
        build: makes the table.
        frames: `orders`, and other tables by name.
        cutoffs: day numbers, ascending.
        shop: columns that may look at other customers.
        tolerance: relative difference that rounding may make; 0 asks for the same bits.
    """

    build: Build
    frames: Frames
    cutoffs: Sequence[int]
    shop: frozenset[str] = frozenset()
    tolerance: float = 0.0

    def table(self, frames: Frames | None = None, cutoffs: Sequence[int] | None = None) -> pd.DataFrame:
        """The table of other frames or at other cut-offs than one's own."""
        return self.build(frames or self.frames, self.cutoffs if cutoffs is None else cutoffs)

    def agree(self, law: Law, one: pd.DataFrame, two: pd.DataFrame) -> None:
        """Check that two tables agree. Raises `LeakError` where they do not."""
        agree(law, one, two, self.tolerance)


NO_FUTURE = Law(
    "no future",
    "what comes on or after a cut-off changes nothing at it",
    ("with all rows", "with the rows before the cut-off alone"),
    "use only rows with ordered_at < cutoff (for other tables: happened_at and known_at < cutoff), also in every"
    " total, mean, rank or list that is made over the whole table",
)
ANY_FUTURE = Law(
    "whatever the future",
    "rows on or after a cut-off change nothing at it, whatever they say",
    ("with the rows before the cut-off alone", "with arbitrary rows added on and after it"),
    "end every window before the cut-off: ordered_at < cutoff, not <=; and use a late record from known_at on",
)
ROW_ORDER = Law(
    "row order",
    "the order of the rows changes nothing",
    ("as given", "with the rows shuffled"),
    "sort by something that decides ties, and sum what is exact",
)
EACH_ALONE = Law(
    "each cut-off alone",
    "a row does not depend on which other cut-offs are asked for",
    ("with all cut-offs at once", "with this cut-off alone"),
    "compute every value from its own cut-off",
)
OTHERS = Law(
    "other customers",
    "a customer's row does not depend on other customers",
    ("with all customers", "with a part of them"),
    "leave out what is made over all customers (a mean, a rank, an encoding), or say shop=True where it is meant",
)
AS_BUILT = Law(
    "as it is built",
    "where the table is built in parts, typed, and repeats what cannot have changed, the values are the same",
    ("computed at every snapshot at once", "as the table is built"),
    "ask the Past alone, compute each snapshot by itself, and say the right unit: days, count, code are whole numbers",
)
TWICE = Law("twice", "the same again gives the same", ("at first", "the second time"), "keep no state, draw no numbers")
UNTOUCHED = Law("input untouched", "the input stays as it was", ("before", "afterwards"), "work on a copy")


def no_future(trial: Trial) -> None:
    """Rows cut off at a cut-off give the same there as all rows do."""
    table = trial.table()
    for cutoff in trial.cutoffs:
        trial.agree(NO_FUTURE, at(table, cutoff), trial.table(cut(trial.frames, cutoff), [cutoff]))


def any_future(trial: Trial, seed: int) -> None:
    """Arbitrary rows on or after a cut-off, with late news of old events, change nothing at it."""
    for cutoff in trial.cutoffs:
        one = trial.table(cut(trial.frames, cutoff), [cutoff])
        trial.agree(ANY_FUTURE, one, trial.table(with_future(trial.frames, cutoff, seed), [cutoff]))


def row_order(trial: Trial, seed: int) -> None:
    """The order of the rows does not matter, nor does their index."""
    rng = np.random.default_rng(seed)
    shuffled = {name: frame.iloc[rng.permutation(len(frame))] for name, frame in trial.frames.items()}
    trial.agree(ROW_ORDER, trial.table(), trial.table(shuffled))


def input_untouched(trial: Trial) -> None:
    """The frames are as they were."""
    copies = {name: frame.copy(deep=True) for name, frame in trial.frames.items()}
    trial.table(copies)
    for name, frame in trial.frames.items():
        if not frame.equals(copies[name]):
            changed = [str(c) for c in frame if c not in copies[name] or not frame[c].equals(copies[name][c])]
            raise UNTOUCHED.broken(
                f"the table '{name}'", ", ".join(changed) or "rows or columns", "as given", "changed"
            )


def each_alone(trial: Trial) -> None:
    """All cut-offs at once give what each gives alone, in whatever order they are asked: training equals scoring."""
    table = trial.table(cutoffs=list(reversed(trial.cutoffs)))
    for cutoff in trial.cutoffs:
        trial.agree(EACH_ALONE, at(table, cutoff), trial.table(cutoffs=[cutoff]))


def other_customers(trial: Trial, parts: Sequence[Sequence[str]]) -> None:
    """Parts of the customers give the same rows as all of them, except for what looks at the whole shop."""
    table = trial.table().drop(columns=list(trial.shop), errors="ignore")
    for part in parts:
        frames = {name: frame[frame["customer_id"].isin(part)] for name, frame in trial.frames.items()}
        mine = table[table["customer_id"].isin(part)].reset_index(drop=True)
        trial.agree(OTHERS, mine, trial.table(frames).drop(columns=list(trial.shop), errors="ignore"))


def twice(trial: Trial) -> None:
    """The same run again, with another in between, gives the same."""
    table = trial.table()
    half = replace(trial, frames={**trial.frames, "orders": trial.frames["orders"].iloc[::2]})
    half.table(cutoffs=trial.cutoffs[-1:])
    trial.agree(TWICE, table, trial.table())


def at(table: pd.DataFrame, cutoff: int) -> pd.DataFrame:
    """The rows of one cut-off."""
    return table[table["cutoff"] == cutoff].reset_index(drop=True)
