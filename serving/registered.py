"""A model that was fetched from the registry; whoever scores with it needs no registry any more."""

from dataclasses import dataclass

from features.model.forecast import Model


@dataclass(frozen=True)
class Registered:
    """A model with its place in the registry."""

    model: Model
    name: str
    version: int
    run_id: str
    digest: str
