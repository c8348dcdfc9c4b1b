"""What is known of a published week: its receipt, and the stamp a job hands over for it."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from features.errors import UsageError
from features.strict import Strict


def a_date(text: str) -> str:
    """The text, if it is a calendar date as YYYY-MM-DD and nothing else: it becomes part of paths and of SQL.

    Raises:
        UsageError: it is none.
    """
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise UsageError("a week is named by its cut-off", got=repr(text)[:80], allowed="a date as YYYY-MM-DD")


def a_time(text: str) -> str:
    """The text, if it is a time as ISO 8601. Raises `ValueError`."""
    datetime.fromisoformat(text)
    return text


AsOf = Annotated[str, AfterValidator(a_date)]
File = Annotated[str, Field(pattern=r"^as_of=[0-9-]{10}/part-[0-9a-f]{32}\.parquet$")]
Time = Annotated[str, AfterValidator(a_time)]


class Stamp(Strict):
    """What a job hands over with the rows of a week.

    Attributes:
        as_of: the cut-off, YYYY-MM-DD.
        scoring_id: id of the job (uuid4, hex).
        model_name: registered model that scored.
        model_version: its version.
        spec_hash: hash of its stage spec.
        contract_hash: hash of its feature contract.
        bundle_digest: SHA-256 of the model's manifest.
        scored_at: UTC, ISO 8601.
        facts: what later weeks are compared with; JSON, names no customer, opaque to the store.
    """

    as_of: AsOf
    scoring_id: str = Field(pattern="^[0-9a-f]{32}$")
    model_name: str
    model_version: int
    spec_hash: str
    contract_hash: str
    bundle_digest: str
    scored_at: Time
    facts: dict[str, Any] = Field(default_factory=dict)


class Receipt(Stamp):
    """Proof that a week stands: written last, so a week without one is not done.

    Attributes:
        rows: customers in the week.
        version: the table's version that brought the week (Delta), or the number of the publication (PostgreSQL).
        content: SHA-256 of the rows in their order, `scored_at` left out.
        files: where the rows lie, as names in the store; none in a database.
    """

    rows: int = Field(ge=1)
    version: int = Field(ge=0)
    content: str = Field(pattern="^[0-9a-f]{64}$")
    files: tuple[File, ...] = ()


class Published(Strict):
    """A week that stands now; `new` is False where the same rows stood there before."""

    receipt: Receipt
    new: bool


def superseded(versions: Sequence[Receipt], since: datetime) -> list[int]:
    """Of the versions of a week, oldest first, those that were replaced by another before a time."""
    return [old.version for old, new in pairwise(versions) if _when(new) <= since]


def _when(receipt: Receipt) -> datetime:
    when = datetime.fromisoformat(receipt.scored_at)
    return when if when.tzinfo else when.replace(tzinfo=UTC)
