"""The same features from stagecast, DuckDB, Polars and pandas: CPU seconds and peak memory, each in a fresh process.

First all make them from a small log and must agree, value by value; then each
makes them from the large one. `read` is the floor: the same columns read with
Arrow. Tables are handed over and dropped, never written. The last line is JSON, with
null for one that the system killed for its memory.

    python benchmarks/features/compare.py --customers 1000000 --cutoffs 13
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from compared import EVERY
from measure import CACHE, HERE, OutOfMemoryError, Used, measure, order_log

CONTESTANTS = ("stagecast", "duckdb", "polars", "pandas", "pandas_planned")
"""`pandas` as it is usually written; `pandas_planned` by the quickest plan that was found, as DuckDB and Polars are."""
SMALL = 100_000
UV = Path(sys.executable).with_name("uv")
NEEDS = ("--with=featuretools==1.31.0", "--with=pandas<3", "--with=pyarrow", "--with=setuptools<81")
PYTHON = {"featuretools": (str(UV), "run", "--quiet", "--no-project", *NEEDS, "python")}
"""What runs a contestant, where it is not this Python: featuretools 1.31 fails under pandas 3."""


def main() -> None:
    """Check, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--cutoffs", type=int, choices=tuple(EVERY), default=13)
    parser.add_argument("--small", type=int, default=SMALL, help="customers of the log on which all must agree")
    parser.add_argument("--featuretools", type=int, default=0, help="customers of the log for featuretools; 0: without")
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=CONTESTANTS)
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of the order logs")
    asked = parser.parse_args()
    print(", ".join(f"{name} {version(name)}" for name in ("duckdb", "polars", "pandas", "numpy", "numba", "pyarrow")))
    check(order_log(asked.cache, asked.small), asked.cutoffs, asked.only)
    if asked.featuretools:
        log, few = order_log(asked.cache, asked.featuretools), ["stagecast", "featuretools"]
        check(log, asked.cutoffs, few)
        compare(log, asked.cutoffs, few)
    used = compare(order_log(asked.cache, asked.customers), asked.cutoffs, [*asked.only, "read"])
    summary = {
        "customers": asked.customers,
        "cutoffs": asked.cutoffs,
        "cpu_s": {name: of and round(of.cpu_s, 2) for name, of in used.items()},
        "peak_gb": {name: of and round(of.peak_gb, 2) for name, of in used.items()},
        "features": next(of.features for name, of in used.items() if of and name != "read"),
    }
    print(json.dumps(summary))


def check(orders: Path, cutoffs: int, names: list[str]) -> None:
    """All agree on a small log; whatever compiles has compiled then."""
    with tempfile.TemporaryDirectory(dir=orders.parent) as folder:
        for name in names:
            kept = Path(folder) / name
            kept.mkdir()
            measure(name, orders, cutoffs, kept, PYTHON.get(name, (sys.executable,)))
        subprocess.run([sys.executable, str(HERE / "agree.py"), folder, *names], check=True)


def compare(orders: Path, cutoffs: int, names: Iterable[str]) -> dict[str, Used | None]:
    """What each uses, said as soon as it is known; None of one that needs more memory than there is."""
    return {name: _used(name, orders, cutoffs) for name in names}


def _used(name: str, orders: Path, cutoffs: int) -> Used | None:
    try:
        return measure(name, orders, cutoffs, None, PYTHON.get(name, (sys.executable,)))
    except OutOfMemoryError:
        print(f"{name:<24}{'does not fit into memory':>27}", flush=True)
        return None


if __name__ == "__main__":
    main()
