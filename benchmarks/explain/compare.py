"""Exact SHAP values: stagecast's kernel against LightGBM's own `pred_contrib` and woodelf-explainer.

Rows are made up: some factors behind many features, a tenth of the values
missing. Every contestant runs in this process, after one warm-up on few rows;
told are CPU seconds of all its threads, and the largest difference from
LightGBM's values. The last line is the same as JSON.

    python benchmarks/explain/compare.py --rounds 300 --leaves 8 --rows 20000 --more 1000000

woodelf-explainer (0.4.8 was compared) takes part where it is installed.
"""

import argparse
import json
import time
from collections.abc import Callable
from importlib.util import find_spec

import lightgbm as lgb
import numpy as np
import pandas as pd

from features.fixed import Floats
from features.model.booster import read_booster
from features.model.shapley import shapley_sums

Contestant = Callable[[lgb.Booster, pd.DataFrame], Floats]
CONCEPTS = 12


def main() -> None:
    """Run the comparison."""
    asked = _asked()
    rows = made_up(max(asked.rows, asked.more), asked.features)
    booster = fitted(rows.head(50_000), asked.rounds, asked.leaves)
    few, found = rows.head(asked.rows), {}
    expected = lightgbms(booster, few.head(10))
    for name, contestant in contestants().items():
        contestant(booster, few.head(10))
        began = time.process_time()
        values = contestant(booster, few)
        used = time.process_time() - began
        expected = values if name == "lightgbm" else expected
        found[name] = _told(name, len(few), used) | {"off": float(np.abs(values - expected).max())}
        print(f"{'':<12}largest difference from LightGBM {found[name]['off']:.1e}")
    if asked.more:
        began = time.process_time()
        stagecasts(booster, rows.head(asked.more), np.arange(asked.features) % CONCEPTS)
        found["concepts"] = _told("by concept", asked.more, time.process_time() - began)
    print(json.dumps(vars(asked) | found))


def contestants() -> dict[str, Contestant]:
    """LightGBM first: the others are held against it."""
    found: dict[str, Contestant] = {"lightgbm": lightgbms, "stagecast": stagecasts}
    return found | ({"woodelf": woodelfs} if find_spec("woodelf") else {})


def lightgbms(booster: lgb.Booster, rows: pd.DataFrame) -> Floats:
    """LightGBM's own."""
    return np.asarray(booster.predict(rows, pred_contrib=True))[:, :-1]


def stagecasts(booster: lgb.Booster, rows: pd.DataFrame, groups: np.ndarray | None = None) -> Floats:
    """Ours, feature by feature where no groups are given."""
    (trees,) = read_booster(booster.model_to_string()).outputs
    each = np.arange(rows.shape[1]) if groups is None else groups
    return shapley_sums(trees.small, lambda k: rows.iloc[:, k].to_numpy(), each, len(rows))


def woodelfs(booster: lgb.Booster, rows: pd.DataFrame) -> Floats:
    """Those of woodelf-explainer, path-dependent as the others."""
    from woodelf import WoodelfExplainer  # noqa: PLC0415  # not among the project's dependencies

    explainer = WoodelfExplainer(booster, feature_perturbation="tree_path_dependent")
    return explainer.shap_values(rows, as_df=True, verbose=False)[list(rows.columns)].to_numpy()


def made_up(rows: int, features: int) -> pd.DataFrame:
    """Features from ten factors, a tenth of the values missing."""
    rng = np.random.default_rng(20260101)
    values = rng.normal(size=(rows, 10)) @ rng.normal(size=(10, features)) + rng.normal(size=(rows, features))
    values[rng.random(values.shape, dtype=np.float32) < 0.1] = np.nan
    return pd.DataFrame(values, columns=[f"x{k}" for k in range(features)])


def fitted(rows: pd.DataFrame, rounds: int, leaves: int) -> lgb.Booster:
    """A booster as `stagecast train` fits it."""
    pull = rows.iloc[:, :5].fillna(0.0).sum(axis=1) * (1 + rows.iloc[:, 5].fillna(0.0).abs())
    target = pull + np.random.default_rng(1).normal(scale=3.0, size=len(rows)) > 0
    parameters = {"objective": "binary", "num_leaves": leaves, "learning_rate": 0.03, "min_data_in_leaf": 100}
    sampled = {"feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 10, "verbosity": -1}
    booster = lgb.train({**parameters, **sampled, "seed": 1}, lgb.Dataset(rows, target), num_boost_round=rounds)
    return lgb.Booster(model_str=booster.model_to_string())


def _told(name: str, rows: int, used: float) -> dict[str, float]:
    print(f"{name:<12}{rows:>10,} rows {used:9.2f} CPU s {used / rows * 1e6:9.1f} us a row", flush=True)
    return {"rows": rows, "cpu_s": used}


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000, help="that all contestants explain")
    parser.add_argument("--more", type=int, default=1_000_000, help="that stagecast explains by concept; 0 for none")
    parser.add_argument("--features", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--leaves", type=int, default=8)
    return parser.parse_args()


if __name__ == "__main__":
    main()
