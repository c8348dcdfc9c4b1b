"""The ladder: what a model is judged beside, from no model at all to the classics."""

from collections.abc import Callable

from features.fixed import Floats
from training.baselines import simple
from training.table import USUAL_WEEKS, Table

MODEL = "stagecast"
"""Name of the model itself among the predictors."""

NO_MODEL = ("base rate", "stage table", "persistence", "transition table")
"""Baselines that anybody can have without a model: a model that loses to these must not be promoted."""

BINARY: dict[str, simple.Outcome] = {
    "order": lambda table: table.labels.ordered,
    "regression": lambda table: table.labels.regression,
}
"""What happened, by target that either happens or not."""

_RUNGS: dict[str, Callable[[Table, Table, simple.Outcome], Floats]] = {
    "base rate": simple.base_rate,
    "stage table": simple.by_stage,
    "recency": simple.recency_only,
    "logistic RFM": simple.logistic_rfm,
}


def binary_ladder(target: str, past: Table, later: Table, period_days: int) -> dict[str, Floats]:
    """Probability of a target of `BINARY` on the later snapshots, shape (n,), by baseline."""
    ladder = {name: rung(past, later, BINARY[target]) for name, rung in _RUNGS.items()}
    if target == "order":
        ladder["BG/NBD"] = simple.bgnbd_to_order(later, period_days)
    return ladder


def stage_ladder(past: Table, later: Table) -> dict[str, Floats]:
    """Distribution over the next stage on the later snapshots, shape (n, 4), by baseline."""
    return {"persistence": simple.persistence(past, later), "transition table": simple.transition_table(past, later)}


def spend_ladder(later: Table, period_days: int) -> dict[str, Floats]:
    """Net spend in the period expected on the later snapshots, shape (n,), by baseline."""
    return {f"spend of {USUAL_WEEKS} weeks": simple.usual_spend(later, period_days)}
