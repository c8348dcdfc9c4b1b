"""What a cluster brings, and what it costs: features, scores and models by one process, one worker, two workers.

The model that scores is that of `benchmarks/scoring/run.py model`, in the same folder. Each
way has a process of its own, with one thread a worker; told are seconds on the
clock, CPU seconds of all processes, the largest resident memory of the job's own
process and of a worker, and the most bytes that lay in files on their way.

    python benchmarks/scoring/run.py model orders-10000.parquet --as-of 2026-01-05 --folder /tmp/scoring
    python benchmarks/cluster/run.py score orders-1000000.parquet --as-of 2026-01-05 --folder /tmp/scoring
    python benchmarks/cluster/run.py features orders-1000000.parquet --as-of 2026-01-05 --folder /tmp/scoring
    python benchmarks/cluster/run.py train orders-1000000.parquet --as-of 2024-12-30 --folder /tmp/training

`--only WAY` measures that way alone, `--standing` the second job of a cluster that is there
before it. Settings are the defaults, or those of `--config`; threads are told here.
"""

import argparse
import hashlib
import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

import pyarrow.parquet as pq

import stagecast
from benchmarks.cluster.standing import standing
from benchmarks.cluster.watch import Watch
from serving.store import open_store
from stagecast import progress

WAYS = {"local": None, "1 worker": 1, "2 workers": 2}


def main() -> None:
    """All ways one after the other; or, asked for one, that one."""
    asked = _asked()
    if asked.way is not None:
        print(json.dumps(_measured(asked)))
        return
    found = {}
    for way in asked.only or WAYS:
        found[way] = _standing(way, asked.memory) if asked.standing and WAYS[way] else _once(way)
        print(json.dumps({way: found[way]}, indent=1), flush=True)
    assert len({way["content"] for way in found.values()}) == 1, "all ways give the same"


def _once(way: str, *more: str) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(subprocess.check_output([sys.executable, *sys.argv, "--way", way, *more])))


def _standing(way: str, memory: str) -> dict[str, Any]:
    """The second job of a cluster that stands, whose workers have imported what they need in the first."""
    with standing(WAYS[way] or 1, memory) as address:
        _once(way, "--scheduler", address)
        return _once(way, "--scheduler", address)


def _measured(asked: argparse.Namespace) -> dict[str, object]:
    config = stagecast.Config.load(asked.config).overridden(
        tracking_uri=f"sqlite:///{asked.folder.resolve()}/mlflow.db"
    )
    config = config.overridden("features", threads=1).overridden("serving", threads=1, record=False)
    config = config.overridden("training", threads=1)
    if asked.scheduler:
        config = config.overridden("engine", scheduler=asked.scheduler)
    elif workers := WAYS[asked.way]:
        config = config.overridden("engine", name="dask", workers=workers, memory=asked.memory)
    place = asked.folder / "cluster"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    watch, began = Watch(place), time.perf_counter()
    steps = _Steps()
    content = {"score": _score, "features": _features, "train": _train}[asked.what](asked, config, place, steps)
    wall = time.perf_counter() - began
    own = resource.getrusage(resource.RUSAGE_SELF)
    watch.end()
    return {
        "wall": round(wall, 1),
        "cpu": round(own.ru_utime + own.ru_stime + watch.cpu, 1),
        "cpu of the job itself": round(own.ru_utime + own.ru_stime, 1),
        "gb": round(own.ru_maxrss / 1e6, 2),
        "gb of a worker": round(watch.gb, 2),
        "gb in files": round(watch.in_files / 1e9, 2),
        "seconds until": steps.seen,
        "content": content,
    }


class _Steps:
    """When each step began, by what the job says it does."""

    def __init__(self) -> None:
        self._began, self.seen = time.perf_counter(), dict[str, float]()

    def __call__(self, said: str) -> None:
        self.seen.setdefault(said.partition(", part")[0], round(time.perf_counter() - self._began, 1))


def _score(asked: argparse.Namespace, config: stagecast.Config, place: Path, steps: _Steps) -> str:
    progress._listener.set(steps)
    stagecast.score(str(asked.orders), asked.as_of, place / "scores", config)
    receipt = open_store(str(place / "scores")).receipt(asked.as_of)
    assert receipt is not None
    return receipt.content


def _features(asked: argparse.Namespace, config: stagecast.Config, place: Path, steps: _Steps) -> str:
    progress._listener.set(steps)
    stagecast.write_features(str(asked.orders), [asked.as_of], place / "features.parquet", config)
    with (place / "features.parquet").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    print(pq.read_metadata(place / "features.parquet").num_rows, file=sys.stderr)
    return found


def _train(asked: argparse.Namespace, config: stagecast.Config, place: Path, steps: _Steps) -> str:
    progress._listener.set(steps)
    config = config.overridden(tracking_uri=f"sqlite:///{place.resolve()}/mlflow.db")
    config = config.overridden("training", work=str(place / "work"))
    return stagecast.train(str(asked.orders), asked.as_of, config).version.digest


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["features", "score", "train"])
    parser.add_argument("orders", type=Path)
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--memory", default="6GB")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--only", action="append", choices=list(WAYS))
    parser.add_argument("--standing", action="store_true", help="a cluster that is there before the job")
    parser.add_argument("--scheduler", help=argparse.SUPPRESS)
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
