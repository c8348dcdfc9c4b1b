"""How good a forecast was: small pure functions of truth and forecast.

Means run over rows. A score without a meaning (the AUROC of one class) is nan.
StagecastError is raised where the arrays differ in length, are empty, hold a NaN or an
infinity, or leave their range: such a forecast must not be averaged away.
"""

from training.metrics.binary import (
    CLIP,
    Reliability,
    auroc,
    average_precision,
    brier,
    calibration_error,
    calibration_error_by_chance,
    gain,
    gain_at,
    lift,
    lift_at,
    log_loss,
    log_losses,
    reliability,
    reliability_curve,
)
from training.metrics.spend import (
    Ordered,
    decile_error,
    decile_mape,
    deciles,
    error_of,
    mape_of,
    normalised_gini,
    spearman,
    total_bias,
)
from training.metrics.stages import (
    macro_f1,
    ranked_stage_log_loss,
    ranked_stage_log_losses,
    stage_log_loss,
    stage_log_losses,
)

__all__ = [
    "CLIP",
    "Ordered",
    "Reliability",
    "auroc",
    "average_precision",
    "brier",
    "calibration_error",
    "calibration_error_by_chance",
    "decile_error",
    "decile_mape",
    "deciles",
    "error_of",
    "gain",
    "gain_at",
    "lift",
    "lift_at",
    "log_loss",
    "log_losses",
    "macro_f1",
    "mape_of",
    "normalised_gini",
    "ranked_stage_log_loss",
    "ranked_stage_log_losses",
    "reliability",
    "reliability_curve",
    "spearman",
    "stage_log_loss",
    "stage_log_losses",
    "total_bias",
]
