"""Fit a model: the boosters on older cut-offs, the calibration on newer ones."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
import pandas as pd

from features.config import FeatureConfig
from features.contract import FeatureContract
from features.errors import DataError
from features.fixed import Floats, Ints
from features.model.calibration import BetaMap
from features.model.forecast import Calibration, Model
from features.stages.moves import Booleans, Stage
from features.stages.spec import StageSpec
from training.calibrate import fit_blend, fit_map, levels, seasons
from training.config import TrainingConfig
from training.money import fit_money
from training.onward import fit_onward
from training.season import fit_seasons
from training.table import Table
from training.waiting import expected_orders, fit_waiting

Step = Callable[[str], None]


def fit_model(  # noqa: PLR0913, PLR0917 - rows by what they are for, and how
    fit: Table,
    calibrate: Table,
    spec: StageSpec,
    config: tuple[FeatureConfig, TrainingConfig],
    step: Step,
    year: Table | None = None,
) -> Model:
    """Fit all parts of a model.

    Args:
        fit: table the boosters are fitted on.
        calibrate: later table the calibration maps are fitted on.
        spec: stage spec of both tables.
        config: of the features and of training.
        step: told, in words, what is being done.
        year: weekly cut-offs of the past year, without features, that tell the seasons; None where there are none.

    Raises:
        DataError: too few customers or outcomes to learn from.
    """
    features, training = config
    require_enough(fit, training)
    waiting = fit_waiting(calibrate)
    boosters = fit_boosters(fit, expected_orders(fit, waiting, spec.hold_days), training, step)
    dtypes = {str(name): str(dtype) for name, dtype in fit.features.dtypes.items()}
    contract = FeatureContract.of(dtypes, fit.has, features, spec)
    known = Calibration(waiting=waiting, seasons=fit_seasons(year, waiting, spec.hold_days))
    plain = Model(boosters, known, contract, spec, typical(fit))
    step("calibrate")
    return Model(boosters, _calibration(plain, fit, calibrate, training), contract, spec, plain.typical)


def fit_boosters(table: Table, expected: Floats | None, config: TrainingConfig, step: Step) -> dict[str, str]:
    """LightGBM's own text of each part, fitted on a table.

    Args:
        table: features and labels.
        expected: log odds of an order as `expected_orders` gives them.
        config: of training.
        step: told, in words, what is being done.

    Raises:
        DataError: a label is NaN.
    """
    boosters = {}
    for name, part in parts_of(table, expected).items():
        step(f"fit {name}")
        boosters[name] = _booster(name, table.features.loc[part.rows], part, config)
    return boosters


def require_enough(table: Table, config: TrainingConfig) -> None:
    """Refuse to learn from too little.

    Raises:
        DataError: fewer customers, or fewer outcomes of either kind, than the configuration asks for.
    """
    require_customers(len(np.unique(table.snapshots.customer)), config)
    for name, outcome in table.labels.yes_or_no.items():
        rarer = int(min(outcome.sum(), (~outcome).sum()))
        if rarer < config.fewest_outcomes:
            raise DataError(
                f"too few outcomes to learn '{name}' from",
                got=f"{int(outcome.sum())} yes and {int((~outcome).sum())} no",
                allowed=f"at least {config.fewest_outcomes} of each",
                remedy="choose another --period: longer if hardly anybody orders, shorter if nearly everybody does",
            )


def require_customers(customers: int, config: TrainingConfig) -> None:
    """Refuse to learn from fewer customers than the configuration asks for.

    Raises:
        DataError: there are fewer.
    """
    if customers < config.fewest_customers:
        raise DataError(
            "too few customers to train on",
            got=f"{customers} customers",
            allowed=f"at least {config.fewest_customers}",
            remedy="give more orders; stages and features need no training and work for any number",
        )


@dataclass(frozen=True)
class Part:
    """What one booster learns: which rows, what target and, where it is a yes or no, from which level."""

    rows: Booleans
    target: Floats
    level: Floats | None = None


def parts_of(table: Table, expected: Floats | None = None) -> dict[str, Part]:
    """What each booster learns from a table.

    Args:
        table: features and labels.
        expected: log odds of an order as `expected_orders` gives them, shape
            (n,): seasons are what is off from them. Without them every cut-off
            has a level of its own.
    """
    labels = table.labels
    stays = labels.ordered & ~labels.regression
    parts = {
        "regression": Part(labels.ordered, labels.regression[labels.ordered].astype(np.float64)),
        "otherwise": Part(stays, labels.next_stage[stays].astype(np.float64)),
        "order": Part(np.ones(len(table), dtype=bool), labels.ordered.astype(np.float64), _begin(table, expected)[0]),
    }
    spend = labels.spend[labels.ordered]
    if (spend > 0).any():
        parts["spend"] = Part(labels.ordered, np.maximum(spend, 0.0))
    return parts


def _begin(table: Table, expected: Floats | None) -> tuple[Floats, float]:
    return begin(table.snapshots.cutoff, table.labels.ordered, expected)


def begin(cutoff: Ints, ordered: Booleans, expected: Floats | None) -> tuple[Floats, float]:
    """Where boosting of orders begins: log odds of each row, shape (n,), and those to put back later."""
    return levels(cutoff, ordered) if expected is None else seasons(cutoff, ordered, expected)


_OBJECTIVES: dict[str, dict[str, object]] = {
    "regression": {"objective": "binary"},
    "otherwise": {"objective": "multiclass", "num_class": 3},
    "order": {"objective": "binary"},
    "spend": {"objective": "tweedie", "tweedie_variance_power": 1.5},
}


def _booster(name: str, features: pd.DataFrame, part: Part, config: TrainingConfig) -> str:
    if np.isnan(part.target).any():
        raise DataError(
            f"the labels of '{name}' hold NaN, which LightGBM would take in silence",
            got=f"{int(np.isnan(part.target).sum())} of {len(part.target)}",
            allowed="none",
            remedy="this is a defect of stagecast or of the orders; run: stagecast check ORDERS",
        )
    data = lgb.Dataset(features, label=part.target, init_score=part.level, params={"verbosity": -1})
    return lgb.train(parameters(name, config), data, num_boost_round=config.booster.rounds).model_to_string()


def parameters(name: str, config: TrainingConfig) -> dict[str, object]:
    """What LightGBM is told for a part of the model, all but the number of rounds."""
    return {
        **_OBJECTIVES[name],
        **config.booster.of(name),
        "bagging_freq": 1,
        "seed": config.seed,
        "num_threads": config.threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


def _calibration(model: Model, fit: Table, newest: Table, config: TrainingConfig) -> Calibration:
    waiting, labels = model.calibration.waiting, newest.labels
    season = model.at(newest.snapshots.cutoff).season

    def raw(part: str) -> Floats:
        return model.raw(part, newest.features, config.threads)

    came = labels.ordered
    regression = fit_map(raw("regression")[came], labels.regression[came], BetaMap(), config.calibration_trust)
    before, now = (expected_orders(table, waiting, model.spec.hold_days) for table in (fit, newest))
    order = fit_blend(raw("order"), now, labels.ordered, _begin(fit, before)[1], config.level_trust, season)
    onward = fit_onward((fit, newest), waiting, model.spec.hold_days)
    found = model.calibration.model_copy(
        update={"regression": regression, "surprise": _surprise(fit), "order": order, "onward": onward}
    )
    money = fit_money(replace(model, calibration=found), fit, newest, config.threads)
    return found.model_copy(update={"money": money})


def _surprise(table: Table) -> float:
    """Share of those without an order whose next stage was not the machine's; half a yes and half a no are added."""
    without = ~table.labels.ordered
    wrong = table.labels.next_stage[without] != table.features["stage_if_silent"].to_numpy()[without]
    return float((wrong.sum() + 0.5) / (without.sum() + 1))


def typical(table: Table) -> dict[str, float]:
    """Median of each feature among those not in regression: what reasons compare a customer with.

    Features never known among them have no typical value.
    """
    well = table.features.loc[table.now.stage != Stage.REGRESSION]
    medians = well.median(skipna=True)
    return {str(name): float(value) for name, value in medians.items() if np.isfinite(value)}
