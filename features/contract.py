"""The feature contract: what a model was made for, and what it therefore asks of the data."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Self

from features.errors import ModelError
from features.sets.declared import FeatureSet
from features.stages.moves import STAGES
from features.stages.spec import StageSpec
from features.strict import Strict


class FeatureContract(Strict):
    """Names and order of the features, and all that gives them their meaning.

    Raise `version` whenever a feature keeps its name and changes its meaning;
    adding or removing a feature changes `features` and so the hash by itself.

    Attributes:
        features: names in column order.
        dtypes: type of each feature in that order: float32 where all values
            are whole numbers, else float64.
        columns: optional order columns they are made from, in alphabetical
            order; a column more or less can change what an order is.
        declared: the feature set they belong to, as data.
        period_days: length of a period.
        stages: names of the stages in their order.
        spec_hash: hash of the stage spec.
    """

    version: int = 1
    features: tuple[str, ...]
    dtypes: tuple[str, ...]
    columns: tuple[str, ...]
    declared: FeatureSet
    period_days: int
    stages: tuple[str, ...] = STAGES
    spec_hash: str

    @classmethod
    def of(cls, dtypes: Mapping[str, str], has: Iterable[str], declared: FeatureSet, spec: StageSpec) -> Self:
        """Contract of a feature table, with the type of each column by name, made from the optional columns `has`."""
        return cls(
            features=tuple(dtypes),
            dtypes=tuple(dtypes.values()),
            columns=tuple(sorted(has)),
            declared=FeatureSet.of(declared),
            period_days=spec.hold_days,
            spec_hash=spec.hash,
        )

    def to_json(self) -> str:
        """Canonical JSON."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, indent=2) + "\n"

    @property
    def hash(self) -> str:
        """First 16 hex digits of the SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def demand(self, offered: "FeatureContract") -> None:
        """Check that the data offers what this contract asks for.

        Raises:
            ModelError: some part differs; both sides are named.
        """
        asked, given = self._parts(), offered._parts()
        for part in asked:
            if asked[part] != given[part]:
                raise ModelError(
                    f"the model and the data do not agree on '{part}'",
                    got=_shown(given[part], asked[part]),
                    allowed=_shown(asked[part], given[part]),
                    remedy="score orders with the same columns and settings as in training, or train anew on these",
                )

    def _parts(self) -> dict[str, object]:
        """Every part by name, those of the feature set first: from them all else follows."""
        parts = self.model_dump()
        declared: dict[str, object] = parts.pop("declared")
        return declared | parts


def _shown(side: object, other: object) -> str:
    if isinstance(side, tuple) and isinstance(other, tuple):
        own = [str(x) for x in side if x not in other]
        if own:
            return f"{len(side)} in all, of which only here: {', '.join(own[:8])}{', ...' if len(own) > 8 else ''}"
        moved = [f"{a} at place {k}" for k, (a, b) in enumerate(zip(side, other, strict=False)) if a != b]
        return f"{len(side)} in all" + (f", {moved[0]}" if moved else "")
    if isinstance(side, dict) and isinstance(other, dict):
        own = [f"{name}: {value}" for name, value in side.items() if other.get(name) != value]
        return ", ".join(own) or "nothing more"
    return str(side)
