"""How to say the next stage: python -m benchmarks.models.structure DATA KEPT [SHOP ...].

- two parts: regression or not, and the stage if not, each by a booster; what stagecast did first.
- multiclass: one booster of four classes, cut to the legal moves.
- machine: an order or none. If none comes the stage machine knows the next stage; if one comes a
  booster fitted on those who ordered says what follows; what it does now (`features/model/next_stage.py`).

Regression is mapped on the newest finished cut-off, half-way, for each of them.
"""

import sys
from fnmatch import fnmatchcase
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

from benchmarks.models.compare import Ground
from benchmarks.models.rows import Rows
from benchmarks.models.shops import Shop
from benchmarks.models.silent import Silent
from benchmarks.models.trials import grounds
from benchmarks.models.variants import BASE, Variant, fitted_cutoffs, thin
from features.model.calibration import BetaMap
from features.stages.moves import Stage, SubState, legal_moves, stage_distribution
from training import metrics
from training.bootstrap import Resampling, paired_interval
from training.calibrate import fit_map
from training.config import OF_THE_TIME

NEWEST = 2
"""Cut-offs a shop."""

ROUNDS = 120
WAYS = ("two parts", "multiclass", "multiclass, mapped", "machine", "machine, mapped")


def booster(rows: Rows, target: np.ndarray, classes: int) -> lgb.Booster:
    """A booster of two or more classes."""
    kind = {"objective": "multiclass", "num_class": classes} if classes > 2 else {"objective": "binary"}
    fixed = {"bagging_freq": 1, "seed": 1, "num_threads": 1, "deterministic": True, "force_row_wise": True}
    data = lgb.Dataset(rows.features[names_of(rows)], target)
    return lgb.train({**BASE, **kind, **fixed, "learning_rate": 0.05, "verbosity": -1}, data, ROUNDS)


def names_of(rows: Rows) -> list[str]:
    """The features that a model learns from."""
    return [name for name in rows.features.columns if not any(fnmatchcase(name, p) for p in OF_THE_TIME)]


def said(ground: Ground, folder: Path, shop: Shop, cutoff: int) -> dict[str, np.ndarray]:
    """The distribution (n, 4) that each way gives at a cut-off."""
    v = Variant(leave_out=OF_THE_TIME)
    cutoffs, newest = fitted_cutoffs(np.unique(ground.rows.facts["cutoff"]), cutoff, ground.period, v)
    fit, newest, later = thin(ground.rows, cutoffs), ground.rows.at(newest), ground.rows.at([cutoff])
    stage, ordered = fit.facts["next_stage"].to_numpy(), fit.facts["ordered"].to_numpy() > 0
    regressed = stage == Stage.REGRESSION
    regression, order = booster(fit, regressed, 2), booster(fit, ordered, 2)
    otherwise = booster(fit.where(~regressed), stage[~regressed], 3)
    every, after = booster(fit, stage, 4), booster(fit.where(ordered), stage[ordered], 4)
    made: dict[str, list[np.ndarray]] = {way: [] for way in WAYS}
    for rows, at in ((newest, cutoff - ground.period), (later, cutoff)):
        names = regression.feature_name()
        x, legal = rows.features[names], _legal(rows)
        silent = Silent.of(folder, shop, at, ground.judged[0] - ground.period)
        none = np.eye(4)[silent.stages(ground.period, rows.facts["customer"].to_numpy())]
        p = np.asarray(order.predict(x))[:, None]
        made["two parts"].append(stage_distribution(regression.predict(x), otherwise.predict(x), legal))
        made["multiclass"].append(_cut(every.predict(x), legal))
        made["machine"].append(_cut((1 - p) * none + p * _cut(after.predict(x), legal), legal))
    outcome = newest.facts["next_stage"].to_numpy() == Stage.REGRESSION
    legal = _legal(later)
    mapped = {way: _mapped(*made[way], outcome, legal) for way in ("two parts", "multiclass", "machine")}
    return {
        "two parts": mapped["two parts"],
        "multiclass": made["multiclass"][1],
        "multiclass, mapped": mapped["multiclass"],
        "machine": made["machine"][1],
        "machine, mapped": mapped["machine"],
    }


def _mapped(newest: np.ndarray, later: np.ndarray, outcome: np.ndarray, legal: np.ndarray) -> np.ndarray:
    found = fit_map(newest[:, Stage.REGRESSION], outcome, BetaMap(), 0.5)
    return stage_distribution(found(later[:, Stage.REGRESSION]), later[:, : Stage.REGRESSION], legal)


def _cut(p: np.ndarray, legal: np.ndarray) -> np.ndarray:
    p = np.where(legal, np.clip(p, 1e-6, 1), 0)
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def _legal(rows: Rows) -> np.ndarray:
    return legal_moves(rows.facts["stage"].to_numpy(), rows.facts["reached"].to_numpy() >= Stage.FORMATIVE)


def table(facts: pd.DataFrame, p: dict[str, np.ndarray], name: str) -> pd.DataFrame:
    """Log loss of the next stage and of regression, and the difference from two parts with its interval."""
    came, made = facts["next_stage"].to_numpy(), []
    for group, inside in (("all", came >= 0), ("open", facts["sub_state"].to_numpy() != SubState.LOST)):
        for target in ("next stage", "regression"):
            losses = {way: _losses(came, q, target)[inside] for way, q in p.items()}
            for way, loss in losses.items():
                found = paired_interval(loss, losses["two parts"], facts["customer"][inside], Resampling(200, seed=1))
                low, high = (100 * bound / losses["two parts"].mean() for bound in (found.low, found.high))
                percent = 100 * found.estimate / losses["two parts"].mean()
                made.append((name, group, target, way, loss.mean(), percent, low, high))
    return pd.DataFrame(made, columns=["shop", "group", "target", "way", "log loss", "%", "low", "high"])


def _losses(came: np.ndarray, p: np.ndarray, target: str) -> np.ndarray:
    if target == "next stage":
        return metrics.stage_log_losses(came, p)
    return metrics.log_losses((came == Stage.REGRESSION).astype(float), np.clip(p[:, Stage.REGRESSION], 1e-6, 1 - 1e-6))


def main() -> None:
    """Print a table a shop."""
    folder, kept, *names = sys.argv[1:]
    for ground in grounds(Path(folder), Path(kept), names):
        shop, judged = Shop.read(Path(folder), ground.name), ground.judged[-NEWEST:]
        each = [said(ground, Path(folder), shop, cutoff) for cutoff in judged]
        p = {way: np.concatenate([one[way] for one in each]) for way in each[0]}
        facts = pd.concat([ground.rows.at([cutoff]).facts for cutoff in judged], ignore_index=True)
        print(table(facts, p, ground.name).to_string(index=False, float_format=lambda v: f"{v:.4f}"), flush=True)


if __name__ == "__main__":
    main()
