"""The order log: clean order lines as coded columns, the form in which everything behind the door takes them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from features.fixed import Floats, Ints
from features.orders.arrow import to_arrow
from features.orders.coded import Coded, Mask, coded
from features.orders.contract import NAMES, named
from features.orders.times import Times


@dataclass(frozen=True)
class OrderLog:
    """Clean order lines, in the order of the input. Arrays are shared: change none of them.

    Attributes:
        text: `customer_id`, and `order_id`, `product_id`, `category` where given. Every word is used by some line.
            Words of `order_id` may stand several times (see `LOOSE` of the contract), those of the others are distinct.
        numbers: `quantity`, `unit_price`, `amount`, `discount` where given; NaN is missing.
        ordered_at: naive local times, datetime64[us], shape (lines,).
        is_return: which lines take goods back, shape (lines,).

    An optional column that holds nothing is not there.
    """

    text: dict[str, Coded]
    numbers: dict[str, Floats]
    ordered_at: Times
    is_return: Mask

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Self:
        """The log of a clean frame, as `frame` gives it; times may have any unit."""
        text = {name: coded(to_arrow(frame[name])) for name in named("text") if name in frame}
        numbers = {name: frame[name].to_numpy(np.float64, na_value=np.nan) for name in named("number") if name in frame}
        times = frame["ordered_at"].to_numpy().astype("datetime64[us]")
        return cls.filled(text, numbers, times, frame["is_return"].to_numpy(dtype=bool))

    @classmethod
    def filled(cls, text: dict[str, Coded], numbers: dict[str, Floats], ordered_at: Times, is_return: Mask) -> Self:
        """The log of these columns without the optional ones that hold nothing."""
        words = {name: column for name, column in text.items() if len(column.words) or name == "customer_id"}
        values = {name: column for name, column in numbers.items() if holds_something(column)}
        return cls(words, values, ordered_at, is_return)

    def __len__(self) -> int:
        return len(self.ordered_at)

    @property
    def has(self) -> frozenset[str]:
        """The optional columns that hold something, `is_return` apart."""
        return frozenset({*self.text, *self.numbers} - {"customer_id"})

    def text_of(self, name: str) -> Coded:
        """A text column; one that is not there is missing in every line."""
        if name in self.text:
            return self.text[name]
        return Coded(np.full(len(self), -1, dtype=np.int32), pa.array([], pa.large_string()))

    def numbers_of(self, name: str) -> Floats:
        """A column of numbers; one that is not there is missing in every line."""
        return self.numbers[name] if name in self.numbers else np.full(len(self), np.nan)

    def frame(self) -> pd.DataFrame:
        """The lines as a pandas frame: canonical columns and types, numbered from 0."""
        text = {name: column.series() for name, column in self.text.items()}
        found = {**text, **self.numbers, "ordered_at": self.ordered_at, "is_return": self.is_return}
        return pd.DataFrame({name: found[name] for name in NAMES if name in found})

    def rows(self, which: Mask | Ints) -> Self:
        """The lines where a mask is true, or at these positions."""
        text = {name: column.rows(which) for name, column in self.text.items()}
        numbers = {name: column[which] for name, column in self.numbers.items()}
        return self.filled(text, numbers, self.ordered_at[which], self.is_return[which])

    def before(self, day: int) -> Self:
        """The lines before the midnight that begins day number `day`."""
        earlier = self.ordered_at < np.datetime64(day, "D")
        return self if earlier.all() else self.rows(earlier)

    def only(self, columns: Collection[str]) -> Self:
        """The lines with these of the optional columns; `customer_id`, `ordered_at` and `is_return` always stay."""
        text = {name: column for name, column in self.text.items() if name in {"customer_id", *columns}}
        numbers = {name: column for name, column in self.numbers.items() if name in columns}
        return type(self)(text, numbers, self.ordered_at, self.is_return)


def holds_something(values: npt.NDArray[np.float64], step: int = 1 << 16) -> bool:
    """Whether any value is not NaN; as a rule the first few tell."""
    starts: Iterable[int] = range(0, len(values), step)
    return any(not np.isnan(values[start : start + step]).all() for start in starts)
