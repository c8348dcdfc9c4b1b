"""How the cost of a week grows from ten thousand to ten million customers, and what it is reckoned to be beyond.

Every size is scored by `run.py`, one way after the other; what was measured is
kept, so that a run that was stopped goes on. Seconds on the clock for n customers
and w workers are then reckoned as

    seconds(n, w) = start + own * n + spread * n / w

(Amdahl's law with work that grows): `own` is what the job's own process takes for a
customer, and `spread` what all workers take, both in CPU seconds, since two
workers and the job have two cores here and more elsewhere; `start` is what the
smallest size takes beyond them. Fits are of least squares, relative to what was
measured, with no part below 0.

    python benchmarks/cluster/growth.py --orders FOLDER --as-of 2026-01-05 --folder MODEL --picture docs/growth.png
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import nnls

from features.fixed import Floats

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
WAYS = {"1 worker": 1, "2 workers": 2}
MOST_ALONE = 1_000_000
"""Customers that one worker is asked for at most."""

BEYOND = (10_000_000, 100_000_000, 1_000_000_000)
WORKERS = (2, 8, 32, 128)
RUN = Path(__file__).with_name("run.py")


def main() -> None:
    """Measure what is missing, fit, tell, draw."""
    asked = _asked()
    found = [_measured(size, way, asked) for size in SIZES for way in WAYS if size <= MOST_ALONE or WAYS[way] > 1]
    for one in found:
        print(f"| {one['customers']:,} | {one['workers']} | " + " | ".join(str(one[name]) for name in _TOLD) + " |")
    parts = fitted(found)
    start, own, spread = parts
    print(f"start {start:.1f} s, own {own * 1e6:.2f} s and spread {spread * 1e6:.2f} s a million customers")
    off = [float(seconds(parts, one["customers"], one["workers"]) / one["wall"] - 1) for one in found]
    print("off by " + ", ".join(f"{error:+.0%}" for error in off))
    for customers in BEYOND:
        told = (f"{seconds(parts, customers, workers) / 60:,.0f}" for workers in WORKERS)
        print(f"| {customers:,} | " + " | ".join(told) + " |")
    _drawn(found, parts, asked.picture)


_TOLD = ("wall", "cpu", "cpu of the job itself", "gb", "gb of a worker", "gb in files")


def fitted(found: Sequence[dict[str, float]]) -> Floats:
    """The start, and what the job and the workers take for a customer, in seconds."""
    names = ("customers", "workers", "wall", "cpu", "cpu of the job itself")
    customers, workers, wall, cpu, own = np.array([[one[name] for name in names] for one in found]).T
    alone = _fit(np.column_stack([np.ones(len(own)), customers]), own)[1]
    spread = _fit(np.column_stack([workers, customers]), cpu - own)[1]
    least = customers == customers.min()
    start = (wall - alone * customers - spread * customers / workers)[least].mean()
    return np.array([start, alone, spread])


def _fit(parts: Floats, measured: Floats) -> Floats:
    scale = (parts / measured[:, None]).max(axis=0)
    return np.asarray(nnls(parts / measured[:, None] / scale, np.ones(len(measured)))[0] / scale, dtype=np.float64)


def seconds(parts: Floats, customers: Floats | float, workers: float) -> Floats:
    """What a week takes on the clock."""
    start, own, spread = parts
    return np.asarray(start + own * np.asarray(customers) + spread * np.asarray(customers) / workers)


def _measured(customers: int, way: str, asked: argparse.Namespace) -> dict[str, float]:
    kept = asked.folder / f"growth-{customers}-{WAYS[way]}.json"
    if not kept.exists():
        orders = asked.orders / f"orders-{customers}.parquet"
        command = [sys.executable, str(RUN), "score", str(orders), "--as-of", asked.as_of]
        command += ["--folder", str(asked.folder), "--memory", asked.memory, "--way", way]
        kept.write_bytes(subprocess.check_output(command))
    return {"customers": customers, "workers": WAYS[way], **json.loads(kept.read_text())}


def _drawn(found: Sequence[dict[str, float]], parts: Floats, path: Path) -> None:
    figure, place = plt.subplots(figsize=(7.5, 4.2), layout="constrained")
    customers = np.geomspace(SIZES[0], BEYOND[-1])
    for workers, colour in zip(WORKERS, ("#4477aa", "#228833", "#ccbb44", "#aa3377"), strict=True):
        place.plot(customers, seconds(parts, customers, workers) / 60, color=colour, label=f"{workers} workers")
    for one in found:
        marker = "o" if one["workers"] == 2 else "s"
        place.plot(one["customers"], one["wall"] / 60, marker, color="#4477aa" if marker == "o" else "#bbbbbb")
    place.set(xscale="log", yscale="log", xlabel="customers", ylabel="minutes")
    place.axvline(max(SIZES), color="#bbbbbb", linestyle=":")
    place.annotate("measured up to here", (max(SIZES), place.get_ylim()[0]), xytext=(-4, 8), ha="right", fontsize=8,
                   textcoords="offset points")  # fmt: skip
    place.set_title("A week by so many workers of one thread; squares: one worker", loc="left", fontsize=10)
    place.legend(frameon=False)
    place.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=Path, required=True, help="folder of orders-NUMBER.parquet")
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--folder", type=Path, required=True, help="where the model is; measurements are kept here")
    parser.add_argument("--memory", default="8GB", help="what a worker may take")
    parser.add_argument("--picture", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
