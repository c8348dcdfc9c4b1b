"""What every section of the configuration is made from, and how any table is read."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Strict(BaseModel):
    """Base of every configuration section: unknown keys refused, values frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class SourceConfig(Strict):
    """How to read a table and what to do with bad rows.

    `columns` maps canonical names to the names in the file, for example
    `{"customer_id": "CustomerID"}`. Bad rows are set aside with their reasons
    as long as their share stays within `max_bad_share`; above it, or with
    `bad_rows = "reject"`, the input is refused. `table` (`schema.orders`) or
    `query` say what to read where the rows are in a database.
    """

    columns: dict[str, str] = Field(default_factory=dict)
    table: str | None = None
    query: str | None = None
    date_format: str | None = None
    bad_rows: Literal["quarantine", "reject"] = "quarantine"
    max_bad_share: float = Field(default=0.01, ge=0, le=1)
    quarantine: str = "quarantine"
    earliest: str = "1990-01-01"
    largest_amount: float = Field(default=1e9, gt=0)

    @property
    def names(self) -> tuple[str, ...]:
        """Canonical columns of the table; none stands for those of orders."""
        return ()

    @property
    def required(self) -> tuple[str, ...]:
        """Those of them that must be there."""
        return ()

    @property
    def section(self) -> str:
        """Where in the configuration this stands, for errors."""
        return "orders"
