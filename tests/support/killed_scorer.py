"""Kill a scorer with -9 at random moments, again and again; say what its store held after each time.

    python killed_scorer.py ORDERS URI FOLDER TIMES

The scorer is forked from a process that has everything imported, so that a
kill may hit any moment of the work and not of the start. Two sets of orders
take turns; the table must always be the whole of one of them. One line a
kill: `none`, `old` or `new`; an exit code other than 0 is a failure.
"""

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from serving.gates import GatesConfig
from serving.registry import fetch
from serving.store import open_store
from stagecast.config import Config
from stagecast.scoring import publish

AS_OF, BEFORE = "1998-03-02", "1998-02-23"


def main() -> None:
    """Kill, look, and at last let it end."""
    orders, uri, folder, times = pd.read_parquet(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
    gates = {name: "warn" for name, field in GatesConfig.model_fields.items() if field.default in ("stop", "warn")}
    serving = {"threads": 1, "record": False, "gates": gates}
    config = Config.model_validate(
        {"tracking_uri": uri, "features": {"partition_lines": 700, "threads": 1}, "serving": serving}
    )
    model, sets = fetch("stagecast/1", uri), (orders, orders.iloc[:-40])

    def score(which: int, out: Path, as_of: str = AS_OF) -> Callable[[], int]:
        def run() -> int:
            publish(sets[which], as_of, str(out), config, model)
            return 0

        return run

    assert done(fork(score(0, folder / "scores", BEFORE))) == 0
    for which in (0, 1):
        assert done(fork(score(which, folder / str(which)))) == 0
    shutil.copytree(folder / "scores", folder / "timed")
    _, status, used = os.wait4(fork(score(1, folder / "timed")), 0)
    assert status == 0
    long = used.ru_utime + used.ru_stime
    for k, moment in enumerate(moments(times)):
        child = fork(score(k % 2, folder / "scores"))
        wait_for(child, moment * long)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found = done(fork(lambda k=k: looked(folder, k % 2)))
        print(["none", "old", "new"][found - 10], flush=True)
    assert done(fork(score(1, folder / "scores"))) == 0
    assert done(fork(lambda: looked(folder, 1))) == 12
    left = {path.name for path in (folder / "scores" / "_work").iterdir()}
    assert left == {"models"}, left
    shutil.rmtree(folder)


def moments(times: int) -> list[float]:
    """Shares of a whole run's work, spread evenly and in random order; the last are past the end of even a slow one."""
    draw = random.Random(1)
    spread = [1.4 * (k + draw.random()) / times for k in range(times)]
    draw.shuffle(spread)
    return spread


def wait_for(child: int, seconds: float) -> None:
    """Until a process has used so many CPU seconds, which take longer on a busy machine, or has ended."""
    ticks = seconds * os.sysconf("SC_CLK_TCK")
    while True:
        state, *numbers = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        if state == "Z" or int(numbers[10]) + int(numbers[11]) >= ticks:
            return
        time.sleep(0.002)


def looked(folder: Path, new: int) -> int:
    """10: the week is not there; 11, 12: it is the whole of the other set of orders, or of the one just scored."""
    store = open_store(folder / "scores")
    rows = store.receipt(BEFORE).rows
    assert sum(map(len, store.read(BEFORE))) == rows
    if AS_OF not in store.weeks():
        return 10
    there = content(folder / "scores")
    return 12 if there == content(folder / str(new)) else 11 if there == content(folder / str(1 - new)) else 1


def content(folder: Path) -> list[dict[str, object]]:
    """All rows, but for when they were made."""
    return [row for batch in open_store(folder).read(AS_OF) for row in batch.drop_columns(["scored_at"]).to_pylist()]


def fork(work: Callable[[], int]) -> int:
    """Its process id; the exit code is what the work returns."""
    child = os.fork()
    if child:
        return child
    try:
        os._exit(work())
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)


def done(child: int) -> int:
    """Wait for a process; its exit code."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main()
