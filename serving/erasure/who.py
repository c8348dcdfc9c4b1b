"""A customer, in all the ways in which a file may call somebody."""

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from serving.report import spelt

ID = "customer_id"
LONG = 8
"""Bytes from which on an id is not found by chance among other bytes."""


@dataclass(frozen=True)
class Who:
    """A customer who is to be found.

    Attributes:
        customer: the id, as in the orders.
        hashed: the name under which reports and MLflow know the id, where ids are hashed.
    """

    customer: str
    hashed: str | None = None

    @cached_property
    def names(self) -> frozenset[str]:
        """The id as it is, the id as exports write it (an apostrophe before a formula), and the hashed name."""
        return frozenset({self.customer, f"'{self.customer}", *([self.hashed] if self.hashed else [])})

    def named(self, text: object) -> bool:
        """Whether a cell or a value is one of the names."""
        return isinstance(text, str) and text in self.names

    def within(self, text: str) -> bool:
        """Whether a longer text holds one of the names, as a word of its own; short ones stand there by chance."""
        return bool(self._word and self._word.search(text))

    def among(self, data: bytes) -> bool:
        """Whether bytes hold the id: long ones anywhere, short ones where Parquet's plain encoding writes them."""
        return self.long_among(data) or len(self._raw).to_bytes(4, "little") + self._raw in data

    def long_among(self, data: bytes) -> bool:
        """Whether bytes hold the id, if it is long: short ones stand everywhere."""
        return len(self._raw) >= LONG and self._raw in data

    def shown(self, page: str) -> bool:
        """Whether a page of HTML shows one of the names between two tags, or a long one anywhere."""
        plain = html.unescape(page)
        between = "|".join(re.escape(one) for name in self.names for one in (name, spelt(name)))
        return bool(re.search(rf">\s*({between})\s*<", plain)) or self.within(plain)

    def columns(self, names: Sequence[str]) -> list[str]:
        """Those columns of a table that may hold the id as a cell: a product of the same name is no customer."""
        return [ID] if ID in names else list(names)

    @cached_property
    def _raw(self) -> bytes:
        return self.customer.encode("utf-8", "surrogatepass")

    @cached_property
    def _word(self) -> "re.Pattern[str] | None":
        forms = {form for name in self.names for form in (name, json.dumps(name)[1:-1])}
        long = sorted(form for form in forms if len(form.encode("utf-8", "surrogatepass")) >= LONG)
        return re.compile("|".join(rf"(?<!\w){re.escape(form)}(?!\w)" for form in long)) if long else None
