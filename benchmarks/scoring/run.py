"""What a week costs: the whole job, beside what cannot be saved of it.

The model is trained on a small shop and scores a large one. Told are CPU
seconds of all threads, and the largest resident memory, of a process each:

- `floor`: reading the columns with Arrow; LightGBM's own prediction with the
  same boosters; exact contributions of the two boosters that are explained, by the
  fastest way known (`benchmarks/explain`). Making the features that these are
  given is not counted.
- `job`: `stagecast score` with everything: reading and checking the orders,
  features, models, reasons, facts, gates, the store (written, made durable,
  read back), moves, drift, the report; and in which step the time goes.

    python benchmarks/scoring/run.py model orders-10000.parquet --as-of 2026-01-05 --folder /tmp/scoring
    python benchmarks/scoring/run.py floor orders-1000000.parquet --as-of 2026-01-05 --folder /tmp/scoring
    python benchmarks/scoring/run.py job orders-1000000.parquet --as-of 2026-01-05 --folder /tmp/scoring
"""

import argparse
import json
import resource
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import lightgbm as lgb
import pandas as pd
import pyarrow.parquet as pq

import stagecast
from features.clock import to_day
from features.files import temporary_folder
from features.model.explain import contributions
from features.model.forecast import Model
from features.orders.contract import NAMES
from features.partitions.parted import Parted
from features.past import Past, Snapshots
from features.sets.features import Beside
from features.table import feature_matrix
from serving import scorer as scoring
from serving.job import intake, part
from serving.job.intake import Intake
from serving.registry import fetch
from serving.scorer import Scorer
from serving.store.delta.store import DeltaStore
from stagecast.reading import take_in


def main() -> None:
    """Run one of the three."""
    asked = _asked()
    config = stagecast.Config().overridden(tracking_uri=f"sqlite:///{asked.folder.resolve()}/mlflow.db")
    config = config.overridden("features", threads=asked.threads).overridden("serving", threads=asked.threads)
    config = config.overridden("training", threads=asked.threads)
    began, wall = time.process_time(), time.perf_counter()
    steps = {"model": model, "floor": floor, "job": job}[asked.what](asked, config)
    told = {
        "what": asked.what,
        "cpu": time.process_time() - began,
        "wall": time.perf_counter() - wall,
        "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "steps": dict(steps),
    }
    print(json.dumps(told, indent=1))


def model(asked: argparse.Namespace, config: stagecast.Config) -> Counter[str]:
    """Train boosters of the default size on few cut-offs, and make them champion."""
    few = {"fit_weeks": 12, "judge_cutoffs": 1, "resamples": 100, "refit": False, "validity_resamples": 0}
    config = config.overridden("training", **few)
    asked.folder.mkdir(parents=True, exist_ok=True)
    stagecast.train(asked.orders, asked.as_of, config)
    stagecast.promote(config=config, force="it is a benchmark")
    return Counter()


def floor(asked: argparse.Namespace, config: stagecast.Config) -> Counter[str]:
    """What nobody can do without."""
    steps, registered = Counter[str](), fetch("stagecast@champion", config.tracking_uri)
    day, found = to_day(pd.Timestamp(asked.as_of).date()), registered.model
    with _timed(steps, "read the columns"):
        table = pq.read_table(asked.orders, columns=[n for n in pq.read_schema(asked.orders).names if n in NAMES])
    del table
    boosters = [lgb.Booster(model_str=text) for text in found.boosters.values()]
    scorer = Scorer(registered, config.serving, Beside(), day)
    with temporary_folder(asked.folder / "orders") as folder:
        taken = Intake(day, found.contract.columns, config.features.partition_lines, folder)
        take_in(str(asked.orders), taken, config, day)
        for history in taken.histories():
            past = Past(history, Snapshots.of(history, [day]), found.spec)
            features = pd.DataFrame(feature_matrix(past, scorer.features(taken.has), asked.threads))
            rows = features.astype("float64")
            for booster in boosters:
                with _timed(steps, "LightGBM"):
                    booster.predict(rows, num_threads=asked.threads)
            for explained in ("order", "regression"):
                with _timed(steps, "contributions"):
                    contributions(found, explained, features, asked.threads)
    steps["floor"] = sum(steps.values())
    return steps


def job(asked: argparse.Namespace, config: stagecast.Config) -> Counter[str]:
    """The command's own way, from the file to the table."""
    steps, out = Counter[str](), asked.folder / "scores"
    shutil.rmtree(out, ignore_errors=True)
    parts: list[tuple[Any, str, str]] = [
        (Intake, "add", "put lines down"),
        (intake, "_put_lines", "  of these: digest"),
        (scoring, "feature_matrix", "features"),
        (Model, "forecast", "forecasts"),
        (scoring, "reasons", "reasons"),
        (part, "_write", "parts to disk"),
        (DeltaStore, "publish", "store"),
        (Parted, "share", "histories begin"),
    ]
    for owner, name, said in parts:
        setattr(owner, name, _watched(getattr(owner, name), said, steps))
    scores = stagecast.score(str(asked.orders), asked.as_of, out, config)
    shown = {"rows": scores.done.published.receipt.rows, "parts": scores.done.parts[0]}  # type: ignore[attr-defined]
    return steps + Counter(shown)


@contextmanager
def _timed(steps: Counter[str], name: str) -> Iterator[None]:
    began = time.process_time()
    yield
    steps[name] += time.process_time() - began  # type: ignore[assignment]


def _watched(function: Callable[..., Any], name: str, steps: Counter[str]) -> Callable[..., Any]:
    @wraps(function)
    def watched(*args: Any, **named: Any) -> Any:
        with _timed(steps, name):
            return function(*args, **named)

    return watched


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["model", "floor", "job"])
    parser.add_argument("orders", type=Path)
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
