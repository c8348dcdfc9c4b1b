"""Fit a model: the boosters on older cut-offs, the calibration on newer ones."""

from collections.abc import Callable

import lightgbm as lgb
import numpy as np
import pandas as pd

from features.config import FeatureConfig
from features.contract import FeatureContract
from features.errors import DataError
from features.fixed import Floats
from features.model.forecast import Calibration, Model
from features.stages.moves import Booleans, Stage
from features.stages.spec import StageSpec
from training.calibrate import fit_map, spend_scale
from training.config import TrainingConfig
from training.table import Table

Step = Callable[[str], None]


def fit_model(
    fit: Table, calibrate: Table, spec: StageSpec, config: tuple[FeatureConfig, TrainingConfig], step: Step
) -> Model:
    """Fit all parts of a model.

    Args:
        fit: table the boosters are fitted on.
        calibrate: later table the calibration maps are fitted on.
        spec: stage spec of both tables.
        config: of the features and of training.
        step: told, in words, what is being done.

    Raises:
        DataError: too few customers or outcomes to learn from.
    """
    features, training = config
    require_enough(fit, training)
    boosters = {}
    for part, rows, target in _parts(fit):
        step(f"fit {part}")
        boosters[part] = _booster(part, fit.features.loc[rows], target, training)
    contract = FeatureContract.of(list(fit.features.columns), features, spec.hold_days, spec.hash)
    plain = Model(boosters, Calibration(), contract, spec, _typical(fit))
    step("calibrate")
    return Model(boosters, _calibration(plain, calibrate, training), contract, spec, plain.typical)


def require_enough(table: Table, config: TrainingConfig) -> None:
    """Refuse to learn from too little.

    Raises:
        DataError: fewer customers, or fewer outcomes of either kind, than the configuration asks for.
    """
    customers = len(np.unique(table.snapshots.customer))
    if customers < config.fewest_customers:
        raise DataError(
            "too few customers to train on",
            got=f"{customers} customers",
            allowed=f"at least {config.fewest_customers}",
            remedy="give more orders; stages and features need no training and work for any number",
        )
    for name, outcome in (("regression", table.labels.regression), ("order", table.labels.ordered)):
        rarer = int(min(outcome.sum(), (~outcome).sum()))
        if rarer < config.fewest_outcomes:
            raise DataError(
                f"too few outcomes to learn '{name}' from",
                got=f"{int(outcome.sum())} yes and {int((~outcome).sum())} no",
                allowed=f"at least {config.fewest_outcomes} of each",
                remedy="choose another --period: longer if hardly anybody orders, shorter if nearly everybody does",
            )


def _parts(table: Table) -> list[tuple[str, Booleans, Floats]]:
    """Each part with the rows it learns from and its target on these."""
    labels, everyone = table.labels, np.ones(len(table), dtype=bool)
    parts = [
        ("regression", everyone, labels.regression.astype(np.float64)),
        ("otherwise", ~labels.regression, labels.next_stage[~labels.regression].astype(np.float64)),
        ("order", everyone, labels.ordered.astype(np.float64)),
    ]
    spend = labels.spend[labels.ordered]
    if (spend > 0).any():
        parts.append(("spend", labels.ordered, np.maximum(spend, 0.0)))
    return parts


_OBJECTIVES: dict[str, dict[str, object]] = {
    "regression": {"objective": "binary"},
    "otherwise": {"objective": "multiclass", "num_class": 3},
    "order": {"objective": "binary"},
    "spend": {"objective": "tweedie", "tweedie_variance_power": 1.5},
}


def _booster(part: str, features: pd.DataFrame, target: Floats, config: TrainingConfig) -> str:
    if np.isnan(target).any():
        raise DataError(
            f"the labels of '{part}' hold NaN, which LightGBM would take in silence",
            got=f"{int(np.isnan(target).sum())} of {len(target)}",
            allowed="none",
            remedy="this is a defect of stagecast or of the orders; run: stagecast check ORDERS",
        )
    chosen = config.booster.model_dump()
    parameters = {
        **_OBJECTIVES[part],
        **{name: value for name, value in chosen.items() if name != "rounds"},
        "bagging_freq": 1,
        "seed": config.seed,
        "num_threads": config.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    data = lgb.Dataset(features, label=target, params={"verbosity": -1})
    return lgb.train(parameters, data, num_boost_round=chosen["rounds"]).model_to_string()


def _calibration(model: Model, table: Table, config: TrainingConfig) -> Calibration:
    features, labels = table.features, table.labels
    raw_order = model.raw("order", features, config.threads)
    order = fit_map(raw_order, labels.ordered, config.calibration_trust)
    regression = fit_map(model.raw("regression", features, config.threads), labels.regression, config.calibration_trust)
    scale = 1.0
    if "spend" in model.boosters:
        scale = spend_scale(order(raw_order) * model.raw("spend", features, config.threads), labels.spend)
    return Calibration(regression=regression, order=order, spend_scale=scale**config.calibration_trust)


def _typical(table: Table) -> dict[str, float]:
    """Median of each feature among those not in regression: what reasons compare a customer with.

    Features never known among them have no typical value.
    """
    well = table.features.loc[table.now.stage != Stage.REGRESSION]
    medians = well.median(skipna=True)
    return {str(name): float(value) for name, value in medians.items() if np.isfinite(value)}
