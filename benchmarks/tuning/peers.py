"""FLAML and Optuna's LightGBMTuner on the same table, in an environment of their own (see `compare.py`)."""

import argparse
import json
import time
import warnings
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd

THREADS = 2


def flaml(parts: dict, seconds: float) -> tuple[dict[str, np.ndarray], dict]:
    """FLAML chooses among its LightGBM settings by log loss on the newest cut-off of the past."""
    from flaml import AutoML  # noqa: PLC0415  # one peer may be there without the other

    automl = AutoML()
    (x, y), (newest, outcome) = parts["fit"], parts["calibrate"]
    automl.fit(
        X_train=x,
        y_train=y.astype(int),
        X_val=newest,
        y_val=outcome.astype(int),
        task="classification",
        metric="log_loss",
        estimator_list=["lgbm"],
        time_budget=seconds,
        eval_method="holdout",
        n_jobs=THREADS,
        seed=1,
        verbose=0,
    )
    said = {role: automl.predict_proba(parts[role][0])[:, 1] for role in ("calibrate", "judge")}
    return said, {"chosen": {k: str(v) for k, v in (automl.best_config or {}).items()}}


def lightgbmtuner(parts: dict, seconds: float) -> tuple[dict[str, np.ndarray], dict]:
    """LightGBMTuner goes through LightGBM's parameters one by one, judged on the newest cut-off of the past."""
    import optuna  # noqa: PLC0415  # likewise
    from optuna_integration.lightgbm import LightGBMTuner  # noqa: PLC0415

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    told = {"objective": "binary", "metric": "binary_logloss", "verbosity": -1, "num_threads": THREADS, "seed": 1}
    told["feature_pre_filter"] = False
    (x, y), (newest, outcome) = parts["fit"], parts["calibrate"]
    data = lgb.Dataset(x, label=y, params={"verbosity": -1, "feature_pre_filter": False}, free_raw_data=False)
    valid = lgb.Dataset(newest, label=outcome, reference=data, free_raw_data=False)
    tuner = LightGBMTuner(
        told,
        data,
        valid_sets=[valid],
        num_boost_round=2000,
        time_budget=int(seconds),
        show_progress_bar=False,
        callbacks=[lgb.early_stopping(50, verbose=False)],
    )
    tuner.run()
    best = tuner.get_best_booster()
    said = {role: best.predict(parts[role][0], num_threads=THREADS) for role in ("calibrate", "judge")}
    return said, {"chosen": {k: str(v) for k, v in tuner.best_params.items()}, "trials": len(tuner.study.trials)}


def main() -> None:
    """Run one peer once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=["flaml", "lightgbmtuner"])
    parser.add_argument("folder")
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    folder = Path(given.folder)
    table = pd.read_parquet(folder / "table.parquet")
    features = table.drop(columns=["_role", "_truth", "_customer"])
    parts = {
        role: (
            features[table["_role"] == role].reset_index(drop=True),
            table.loc[table["_role"] == role, "_truth"].to_numpy(),
        )
        for role in ("fit", "calibrate", "judge")
    }
    warnings.simplefilter("ignore")
    began = time.perf_counter()
    said, facts = {"flaml": flaml, "lightgbmtuner": lightgbmtuner}[given.peer](parts, given.seconds)
    facts["seconds"] = time.perf_counter() - began
    np.savez(folder / f"{given.peer}.npz", **said)
    (folder / f"{given.peer}.json").write_text(json.dumps(facts))


if __name__ == "__main__":
    main()
