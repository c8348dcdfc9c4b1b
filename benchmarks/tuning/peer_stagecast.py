"""stagecast: tune in the time given, then fit the best as training does, and say what comes later."""

import argparse
import json
import tempfile
from pathlib import Path

import lightgbm as lgb
import numpy as np

from benchmarks.tuning.after import After, raw
from benchmarks.tuning.shop import Shop, truth
from features.fixed import Floats
from training.config import TrainingConfig
from training.fit import begin, parameters
from training.log import Log
from training.tuning.desk import Desk
from training.tuning.tune import Place, tune
from training.waiting import expected_orders, fit_waiting


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
    shop.save(given.target, folder)
    recipe = shop.recipe((given.target,), workers=given.workers, rows=given.rows, trials=10_000)
    with tempfile.TemporaryDirectory() as study:
        desk = Desk.of(Log.of(shop.history), shop.end, recipe, shop.digest, lambda _: None)
        found = tune(desk, Place(Path(study), given.seconds))
        table, told, booster = found.table(), found.told(), found.booster
    after = After.of(shop, given.target)
    tuned = recipe.training.model_copy(update={"booster": booster})
    arrays: dict[str, Floats] = {}
    for who, config in (("untuned", recipe.training), ("stagecast", tuned)):
        before, later, begun = _said(shop, given.target, config)
        arrays |= {f"{who}_raw": raw(later, begun), f"{who}_calibrated": after(before, later, begun)}
    np.savez(folder / "stagecast.npz", **arrays)
    trials = int(table["state"].isin(["complete", "pruned"]).sum())
    facts = {"trials": trials, "told": told, "chosen": booster.model_dump()}
    (folder / "stagecast.json").write_text(json.dumps(facts))


def _said(shop: Shop, target: str, config: TrainingConfig) -> tuple[Floats, Floats, float]:
    """What the booster alone says of the rows that calibrate and of those that judge, and where boosting began."""
    fit, level, begun = shop.fit, None, 0.0
    if target == "order":
        expected = expected_orders(fit, fit_waiting(shop.newest), shop.period)
        level, begun = begin(fit.snapshots.cutoff, fit.labels.ordered, expected)
    data = lgb.Dataset(fit.features, label=truth(fit, target), init_score=level, params={"verbosity": -1})
    booster = lgb.train(parameters(target, config), data, num_boost_round=config.booster.rounds)
    before, later = (np.asarray(booster.predict(t.features, num_threads=2)) for t in (shop.newest, shop.later))
    return before, later, begun


if __name__ == "__main__":  # workers import this file
    main()
