"""What grading a week costs: a model of the default size, trained on a small shop, has scored a large one.

    python benchmarks/grading/cost.py prepare orders-10000.parquet orders-1000000.parquet \
        --as-of 2024-11-25 --folder /tmp/grading
    python benchmarks/grading/cost.py grade orders-1000000.parquet --folder /tmp/grading

Told are CPU seconds of all threads, seconds by the clock, and the largest resident memory.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import stagecast

FEW = {"fit_weeks": 12, "judge_cutoffs": 3, "resamples": 100, "refit": False, "validity_resamples": 0}


def main() -> None:
    """Run one of the two."""
    asked = _asked()
    config = stagecast.Config().overridden(tracking_uri=f"sqlite:///{asked.folder.resolve()}/mlflow.db")
    for section in ("features", "serving", "training"):
        config = config.overridden(section, threads=1)
    began, wall = time.process_time(), time.perf_counter()
    found = {"prepare": prepare, "grade": grade}[asked.what](asked, config)
    told = {
        "cpu": time.process_time() - began,
        "wall": time.perf_counter() - wall,
        "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }
    print(json.dumps(found | told, indent=1))


def prepare(asked: argparse.Namespace, config: stagecast.Config) -> dict[str, object]:
    """Train on the first orders, publish a week of the second."""
    asked.folder.mkdir(parents=True, exist_ok=True)
    small, large = asked.orders
    stagecast.train(small, asked.as_of, config.overridden("training", **FEW))
    stagecast.promote(config=config, force="it is a benchmark")
    scores = stagecast.score(str(large), asked.as_of, asked.folder / "scores", config)
    return {"scored": scores.done.published.receipt.rows if scores.done else 0}


def grade(asked: argparse.Namespace, config: stagecast.Config) -> dict[str, object]:
    """Grade it anew."""
    (orders,) = asked.orders
    found = stagecast.grade(asked.folder / "scores", str(orders), config=config)
    counts = found.grades[-1].counts
    return {"scored": counts.scored, "judged": counts.judged, "new": found.new, "alarm": found.grades[-1].alarm}


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["prepare", "grade"])
    parser.add_argument("orders", type=Path, nargs="+")
    parser.add_argument("--as-of")
    parser.add_argument("--folder", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
