"""The canonical order columns: what each is called, how it is typed, and what it means.

One row is one line of an order. A source may hold more columns; only these are read.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "time", "number", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column.

    After cleaning a `text` is `str` (or null), a `time` is datetime64[us] of the
    business's naive local time, a `number` is float64 (or NaN), a `flag` is bool.
    """

    name: str
    kind: Kind
    required: bool
    meaning: str


COLUMNS: tuple[Column, ...] = (
    Column("customer_id", "text", True, "who bought; an id is kept letter for letter"),
    Column(
        "order_id",
        "text",
        False,
        "the line's order; lines without one are an order for each customer and time",
    ),
    Column("ordered_at", "time", True, "when the order was placed, in the business's local time"),
    Column("product_id", "text", False, "what was bought"),
    Column("category", "text", False, "the group the product belongs to"),
    Column("quantity", "number", False, "how many; negative for returns"),
    Column("unit_price", "number", False, "money for one"),
    Column("amount", "number", False, "money of the whole line; negative for returns"),
    Column("is_return", "flag", False, "whether the line takes goods back"),
    Column("discount", "number", False, "money off the line; positive"),
)

NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
REQUIRED: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.required)
LOOSE: tuple[str, ...] = ("order_id",)
"""Text columns of which only lines of one customer and day are compared: a log may hold their words several times."""
OPTIONAL: tuple[str, ...] = tuple(column.name for column in COLUMNS if not column.required)


def named(kind: Kind) -> tuple[str, ...]:
    """The names of all columns of one kind, in canonical order."""
    return tuple(column.name for column in COLUMNS if column.kind == kind)
