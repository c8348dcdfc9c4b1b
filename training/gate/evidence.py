"""What a training run keeps for the gate: what everybody said of the snapshots that judge, as one Parquet file.

No customer is named in it: each is known by its place among the customers of the
orders, which is the same in two runs exactly where the digest of the orders is.
"""

from dataclasses import asdict, dataclass, fields, replace
from io import BytesIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import ModelError
from training.forecasts import Forecasts, Said
from training.gate.compare import CHAMPION

FILE = "gate/forecasts.parquet"
"""Where a run keeps it."""

DIGEST_TAG = "forecasts_sha256"
"""Tag of the run and of the version: the SHA-256 of the file."""

_OURS = "stagecast."
_LABELS = ("cutoff", "customer", "stage", "sub_state", "order_days", "next_stage", "ordered")


@dataclass(frozen=True)
class Facts:
    """What the forecasts are of.

    Attributes:
        data_digest: of the orders.
        spec_hash: of the stage spec.
        until: cut-off that was asked for, YYYY-MM-DD; only orders before it were used.
        champion: version of the champion of the day; empty without one.
        champion_words: who that is and how it was judged, or why it could not be.
    """

    data_digest: str
    spec_hash: str
    until: str
    champion: str = ""
    champion_words: str = ""


@dataclass(frozen=True)
class Evidence:
    """Forecasts of the model, of the ladder and, where it could be judged, of the champion of the day."""

    forecasts: Forecasts
    facts: Facts

    def to_bytes(self) -> bytes:
        """As a Parquet file."""
        table = pa.Table.from_pandas(self.forecasts.frame(), preserve_index=False)
        facts = {f"{_OURS}{name}": value for name, value in asdict(self.facts).items()}
        out = BytesIO()
        pq.write_table(table.replace_schema_metadata({**(table.schema.metadata or {}), **facts}), out)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Evidence":
        """What `to_bytes` was given.

        Raises:
            ModelError: it is no such file.
        """
        try:
            table = pq.read_table(BytesIO(content))
            found = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
            facts = Facts(**{field.name: found[f"{_OURS}{field.name}"] for field in fields(Facts)})
            return cls(Forecasts.of_frame(table.to_pandas()), facts)
        except (pa.ArrowException, KeyError, ValueError) as error:
            raise ModelError("these are no kept forecasts", got=str(error), remedy="train again") from None

    def same_rows(self, other: "Evidence") -> bool:
        """Whether both speak of the same snapshots of the same orders with the same outcomes, in the same order."""
        if self.facts.spec_hash != other.facts.spec_hash or self.facts.data_digest != other.facts.data_digest:
            return False
        sides = ((getattr(self.forecasts, name), getattr(other.forecasts, name)) for name in _LABELS)
        return all(np.array_equal(mine, theirs) for mine, theirs in sides)

    def beside(self, said: Said | None) -> Forecasts:
        """The forecasts with a champion's, by target, in place of those of the champion of the day; None: with none."""
        forecasts = replace(
            self.forecasts, said={target: _others(said) for target, said in self.forecasts.said.items()}
        )
        return with_champion(forecasts, said) if said is not None else forecasts


def with_champion(forecasts: Forecasts, said: Said) -> Forecasts:
    """Forecasts beside those of the champion, of each target that it forecasts, too."""
    for target in forecasts.said:
        if target in said:
            forecasts = forecasts.beside(target, CHAMPION, said[target])
    return forecasts


def said_by(forecasts: Forecasts, predictor: str) -> Said | None:
    """What a predictor said, by target; None where it said nothing."""
    return {target: said[predictor] for target, said in forecasts.said.items() if predictor in said} or None


def _others(said: Said) -> Said:
    return {who: p for who, p in said.items() if who != CHAMPION}
