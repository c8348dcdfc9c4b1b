"""The ladder: what a model is judged beside, from no model at all to the classics.

Each rung that needs outcomes is fitted on the cut-offs the model was fitted and calibrated on, and
predicts the later ones. The models of repeat orders need none: they are fitted anew at each cut-off
on all that came before it, which favours them, since the model itself is not fitted again.
"""

from scipy.special import expit

from features.fixed import Floats
from features.stages.moves import Stage
from training.baselines import fitted, next_stage, shares, spend
from training.baselines.shares import Outcome
from training.table import USUAL_WEEKS, Table

MODEL = "stagecast"
"""Name of the model itself among the predictors."""

NO_MODEL = ("base rate", "stage table", "persistence", "transition table")
"""Baselines that anybody can have without a model: a model that loses to these must not be promoted."""

BINARY: dict[str, Outcome] = {
    "order": lambda table: table.labels.ordered,
    "regression": lambda table: table.labels.regression,
}
"""What happened, by target that either happens or not."""

_REPEAT_ORDERS = {"BG/NBD": "bgnbd", "MBG/NBD": "mbgnbd", "Pareto/NBD": "paretonbd"}


def binary_ladder(target: str, past: Table, later: Table, period_days: int) -> dict[str, Floats]:
    """Probability of a target of `BINARY` on the later snapshots, shape (n,), by baseline.

    Args:
        target: which.
        past: snapshots whose outcomes are known.
        later: snapshots to predict.
        period_days: length of the label window.
    """
    outcome = BINARY[target]
    return {
        "base rate": shares.base_rate(past, later, outcome),
        "stage table": shares.by_stage(past, later, outcome),
        "persistence": shares.persistence(past, later, outcome, _already(target, period_days)),
        "recency": fitted.recency_only(past, later, outcome),
        "hiatus rule": shares.hiatus_rule(past, later, outcome),
        **(_to_order(later, period_days) if target == "order" else {}),
        "logistic RFM": fitted.logistic_rfm(past, later, outcome),
        "logistic RFM + BTYD": fitted.logistic_rfm_btyd(past, later, outcome, period_days),
        "LightGBM RFM": fitted.lightgbm_rfm(past, later, outcome),
    }


def stage_ladder(past: Table, later: Table) -> dict[str, Floats]:
    """Distribution over the next stage on the later snapshots, shape (n, 4), by baseline."""
    return {
        "persistence": next_stage.persistence(past, later),
        "transition table": next_stage.transition_table(past, later),
    }


def spend_ladder(later: Table, period_days: int, past: Table | None = None) -> dict[str, Floats]:
    """Net spend in the period expected on the later snapshots, shape (n,), by baseline.

    Args:
        later: snapshots to predict.
        period_days: length of the label window.
        past: snapshots whose outcomes are known; without them, the rungs that need none.
    """
    classics = {
        f"{name} x Gamma-Gamma": spend.orders_times_value(later, period_days, model)
        for name, model in _REPEAT_ORDERS.items()
    }
    usual = {f"spend of {USUAL_WEEKS} weeks": spend.usual_spend(later, period_days)}
    if past is None:
        return usual | classics
    by_stage = {"stage table": shares.spend_by_stage(past, later)}
    return usual | by_stage | classics | {"LightGBM RFM": fitted.lightgbm_rfm_spend(past, later)}


def _to_order(later: Table, period_days: int) -> dict[str, Floats]:
    columns = later.btyd.columns(period_days)
    return {name: expit(columns[f"{model}_logit"].to_numpy()) for name, model in _REPEAT_ORDERS.items()}


def _already(target: str, period_days: int) -> Outcome:
    """The outcome of the period that ends at the cut-off."""
    if target == "order":
        return lambda table: (table.facts["recency"] <= period_days).to_numpy()
    return lambda table: table.now.stage == Stage.REGRESSION
