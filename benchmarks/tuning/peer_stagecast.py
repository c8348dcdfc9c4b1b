"""stagecast: tune in the time given, then fit and calibrate the best as training does, and say what comes later."""

import argparse
import json
import tempfile
from pathlib import Path

import lightgbm as lgb
import numpy as np
from shop import Shop

from features.model.calibration import BetaMap
from training.calibrate import fit_map, levels
from training.config import TrainingConfig
from training.fit import parameters
from training.tuning.desk import Desk
from training.tuning.tune import Place, tune


def main() -> None:
    """Run once."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("shop", "target", "data", "folder"):
        parser.add_argument(name)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rows", type=int, default=15_000)
    given = parser.parse_args()
    shop, folder = Shop(given.shop, Path(given.data)), Path(given.folder)
    recipe = shop.recipe((given.target,), workers=given.workers, rows=given.rows, trials=10_000)
    with tempfile.TemporaryDirectory() as study:
        desk = Desk.of(shop.history, shop.end, recipe, shop.digest, lambda _: None)
        found = tune(desk, Place(Path(study), given.seconds))
        table, told, booster = found.table(), found.told(), found.booster
    shop.save(given.target, folder)
    said = {"untuned": predicted(shop, given.target, recipe.training)}
    tuned = recipe.training.model_copy(update={"booster": booster})
    said["stagecast"] = predicted(shop, given.target, tuned)
    arrays = {f"{who}_{kind}": p for who, of in said.items() for kind, p in of.items()}
    np.savez(folder / "stagecast.npz", **arrays)
    trials = int(table["state"].isin(["complete", "pruned"]).sum())
    facts = {"trials": trials, "told": told, "chosen": booster.model_dump()}
    (folder / "stagecast.json").write_text(json.dumps(facts))


def predicted(shop: Shop, target: str, config: TrainingConfig) -> dict[str, np.ndarray]:
    """Probabilities at the later cut-offs, with the level of the past and with the calibration of the recipe."""
    fit, newest, later = (shop.rows(some) for some in (shop.cutoffs.fit, shop.cutoffs.calibrate, shop.cutoffs.judge))
    truth, features = shop.truth(target), shop.table.features
    level, usual = levels(shop.table.snapshots.cutoff[fit], truth[fit] > 0) if target == "order" else (None, 0.0)
    data = lgb.Dataset(features[fit], label=truth[fit], init_score=level, params={"verbosity": -1})
    booster = lgb.train(parameters(target, config), data, num_boost_round=config.booster.rounds)
    before, said = (np.asarray(booster.predict(features[rows], num_threads=2)) for rows in (newest, later))
    past = BetaMap(c=usual)
    newer = fit_map(before, truth[newest] > 0, past, config.calibration_trust)
    return {"raw": past(said), "calibrated": newer(said)}


if __name__ == "__main__":  # workers import this file
    main()
