"""Predicting with a booster: stagecast's kernel beside LightGBM's own, and whether all raw scores are the same bits.

Rows are made up, by `benchmarks/explain/compare.py`; both run in this process
with one thread, after a warm-up on few rows. Told are CPU seconds and their
ratio; the last line is the same as JSON.

    python benchmarks/scoring/predict.py --rows 100000 --rounds 200
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from features.fixed import Floats
from features.model.booster import Booster

sys.path.append(str(Path(__file__).parents[1] / "explain"))
from compare import fitted, made_up

LEAVES = (4, 8, 16, 31, 64, 127)


def main() -> None:
    """Run the comparison for trees of several sizes."""
    asked = _asked()
    rows, found = made_up(asked.rows, asked.features), {}
    for leaves in LEAVES:
        booster = fitted(rows.head(50_000), asked.rounds, leaves)
        lightgbm, theirs = _timed(partial(booster.predict, raw_score=True, num_threads=1), rows)
        own, ours = _timed(partial(Booster.of(booster.model_to_string()).raw, threads=1), rows)
        same = bool((ours[:, 0] == theirs).all())
        found[leaves] = {"lightgbm": lightgbm, "stagecast": own, "ratio": lightgbm / own, "same": same}
        print(f"{leaves:>3} leaves: LightGBM {lightgbm:.2f} s, stagecast {own:.2f} s, the same bits: {same}")
    print(json.dumps(vars(asked) | {"leaves": found}))


def _timed(predict: Callable[[pd.DataFrame], Floats], rows: pd.DataFrame) -> tuple[float, Floats]:
    predict(rows.head(10))
    began = time.process_time()
    found = predict(rows)
    return time.process_time() - began, found


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--features", type=int, default=187)
    parser.add_argument("--rounds", type=int, default=200)
    return parser.parse_args()


if __name__ == "__main__":
    main()
