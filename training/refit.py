"""Fit the boosters once more, with the newest finished cut-offs among their rows.

The cut-offs that a model is calibrated on are the newest there are, and say
most about what comes next. The first fit keeps away from them, so that they
can say how far it may be believed; what was found then is kept.
"""

from dataclasses import replace

from features.fixed import Floats
from features.model.calibration import log_odds
from features.model.forecast import Calibration, Model
from training.calibrate import level_to
from training.config import TrainingConfig
from training.fit import Step, fit_boosters, typical
from training.money import levelled, with_money
from training.onward import fit_onward
from training.table import Table
from training.waiting import expected_orders


def refit(model: Model, table: Table, calibrate: Table, config: TrainingConfig, step: Step) -> Model:
    """The same model with boosters fitted on newer rows.

    MBG/NBD beside them has known the newest finished cut-off from the first.
    Slopes and weights of the calibration stay. So do the levels: on the
    calibration's rows the mean of each forecast is what it was, since a booster
    that has seen these rows must not be asked for their level.

    Args:
        model: fitted on older cut-offs and calibrated.
        table: rows up to the newest finished cut-off.
        calibrate: what the model was calibrated on.
        config: of training.
        step: told, in words, what is being done.

    Raises:
        DataError: a label is NaN.
    """
    waiting = model.calibration.waiting
    expected = expected_orders(table, waiting, model.spec.hold_days)
    boosters = fit_boosters(table, expected, config, lambda part: step(f"{part} once more"))
    onward = fit_onward((table,), waiting, model.spec.hold_days)
    calibration = model.calibration.model_copy(update={"onward": onward})
    newer = replace(model, boosters=boosters, calibration=calibration, typical=typical(table))
    step("hold the level")
    held = replace(newer, calibration=_held(model, newer, calibrate, config.threads))
    money = held.calibration.money
    return held if money is None else with_money(held, levelled(money, held, calibrate, config.threads))


def _held(older: Model, newer: Model, rows: Table, threads: int) -> Calibration:
    """The newer model's calibration, at the levels that the older one has on some rows."""
    models, found = [model.at(rows.snapshots.cutoff) for model in (older, newer)], newer.calibration
    order = _off(*(model.p_order_within(rows.features, model.contract.period_days, threads) for model in models))
    came = rows.features.loc[rows.labels.ordered]
    regression = _off(*(model.p_regression_if_ordered(came, threads) for model in models)) if len(came) else 0.0
    return found.model_copy(
        update={
            "order": found.order.model_copy(update={"c": found.order.c + order}),
            "regression": found.regression.model_copy(update={"c": found.regression.c + regression}),
        }
    )


def _off(wanted: Floats, p: Floats) -> float:
    """Shift of log odds that brings the mean of probabilities to that of others."""
    return level_to(log_odds(p), float(wanted.mean()))
