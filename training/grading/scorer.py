"""Who scored a week, from the registry: the model, and what its run kept of the judgement before."""

from features.model.forecast import Model
from features.model.store import quiet
from training.gate.champions import version_of
from training.gate.shelf import evidence_of
from training.grading.week import Scorer


def scorer_of(name: str, version: int, model: Model) -> Scorer:
    """A registered version as its scores are graded; the store is open.

    Args:
        name: registered model.
        version: its number.
        model: in it, checked byte by byte.

    Raises:
        ModelError: there is no such version, or the forecasts that its run kept are damaged.
    """
    with quiet():
        evidence = evidence_of(version_of(name, version))
    judged = evidence.forecasts if evidence else None
    return Scorer(name, version, model.spec, model.contract.columns, judged)
