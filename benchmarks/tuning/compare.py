"""Tuning at equal wall time: stagecast, FLAML, LightGBMTuner, and no tuning at all, on later cut-offs.

All get the same table and the same two cores, one after another, and what they
say is treated alike (`after.py`). Peers have an environment of their own:
python -m venv PEERS, then
PEERS/bin/pip install "flaml[automl]" optuna-integration lightgbm pandas pyarrow
and here: python -m benchmarks.tuning.compare --peers PEERS/bin/python
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.tuning.after import After
from benchmarks.tuning.shop import DATA, ENDS, Shop

HERE = Path(__file__).parent
DRAWS = 400


def main() -> None:
    """Compare, and print a Markdown table a shop and target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", required=True, help="Python of the environment that has the peers")
    parser.add_argument("--shops", default=",".join(ENDS))
    parser.add_argument("--targets", default="order,regression")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--data", default=str(DATA))
    given = parser.parse_args()
    for shop in given.shops.split(","):
        for target in given.targets.split(","):
            with tempfile.TemporaryDirectory() as folder:
                _run(shop, target, given, folder)
                after = After.of(Shop(shop, Path(given.data)), target)
                print(f"\n**{shop}, {target}**, {given.seconds:.0f} s\n\n{_judged(Path(folder), after)}", flush=True)


def _run(shop: str, target: str, given: argparse.Namespace, folder: str) -> None:
    seconds = ["--seconds", str(given.seconds)]
    ours = [sys.executable, "-m", "benchmarks.tuning.peer_stagecast", shop, target, given.data, folder, *seconds]
    subprocess.run(ours, check=True)
    for peer in ("flaml", "lightgbmtuner"):
        subprocess.run([given.peers, str(HERE / "peers.py"), peer, folder, *seconds], check=True)


def _judged(folder: Path, after: After) -> str:
    """Log loss at the later cut-offs, as it comes and treated alike, with intervals over customers."""
    table = pd.read_parquet(folder / "table.parquet", columns=["_role", "_truth", "_customer"])
    later = table[table["_role"] == "judge"]
    truth, customer = later["_truth"].to_numpy(), pd.factorize(later["_customer"])[0]
    ours = np.load(folder / "stagecast.npz")
    raw = {who: ours[f"{who}_raw"] for who in ("untuned", "stagecast")}
    mapped = {who: ours[f"{who}_calibrated"] for who in ("untuned", "stagecast")}
    for peer in ("flaml", "lightgbmtuner"):
        said = np.load(folder / f"{peer}.npz")
        raw[peer] = said["judge"]
        mapped[peer] = after(said["calibrate"], said["judge"])
    best = _losses(truth, mapped["stagecast"])
    lines = ["| who | log loss as it comes | treated alike | less stagecast's | trials |", "|---|---|---|---|---|"]
    for who, plain in raw.items():
        facts = {} if who == "untuned" else json.loads((folder / f"{who}.json").read_text())
        less = _losses(truth, mapped[who]) - best
        low, high = _interval(less, customer)
        lines.append(
            f"| {who} | {_losses(truth, plain).mean():.4f} | {_losses(truth, mapped[who]).mean():.4f}"
            f" | {less.mean():+.4f} [{low:+.4f}, {high:+.4f}] | {facts.get('trials', '')} |"
        )
    return "\n".join(lines)


def _losses(truth: np.ndarray, p: np.ndarray) -> np.ndarray:
    kept = np.clip(p, 1e-6, 1 - 1e-6)
    return -np.where(truth > 0, np.log(kept), np.log1p(-kept))


def _interval(values: np.ndarray, customer: np.ndarray) -> tuple[float, float]:
    """95 % interval of the mean, customers drawn with all their rows."""
    rng = np.random.default_rng(0)
    total, rows = np.bincount(customer, weights=values), np.bincount(customer)
    drawn = rng.integers(0, len(total), (DRAWS, len(total)))
    means = total[drawn].sum(axis=1) / rows[drawn].sum(axis=1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


if __name__ == "__main__":
    main()
