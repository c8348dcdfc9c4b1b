"""CPU seconds and peak memory of a contestant in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path(tempfile.gettempdir()) / "stagecast-bench"
"""Where the order logs are kept from run to run."""

GB = 1e6 if sys.platform != "darwin" else 1e9
"""How `ru_maxrss` counts: kilobytes on Linux, bytes on macOS."""


@dataclass(frozen=True)
class Used:
    """What a contestant used, all threads together, without what its imports cost; and what it made.

    `phases` are CPU seconds of parts of the work that it measured itself.
    """

    cpu_s: float
    peak_gb: float
    rows: int
    features: int
    phases: dict[str, float]


class OutOfMemoryError(SystemExit):
    """A contestant was killed, as the system does where memory ends; uncaught it ends the run with that message."""


def measure(name: str, orders: Path, cutoffs: int, keep: Path | None, python: tuple[str, ...]) -> Used:
    """Run a contestant by `python`; it keeps its tables in a folder if one is given, else it is said what it used.

    Its working folder is beside the orders and goes when it has ended. Peak memory is that of the whole process.
    This process must stay small: a child's peak counts from what its parent had.

    Raises:
        OutOfMemoryError: the system killed the contestant.
    """
    command = [*python, str(HERE / "contestant.py"), name, str(orders.resolve()), str(cutoffs)]
    command += [str(keep.resolve())] if keep else []
    with tempfile.TemporaryDirectory(dir=orders.parent) as own:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=own)
        assert child.stdout is not None
        said = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode == -signal.SIGKILL:
        raise OutOfMemoryError(f"{name} was killed, as the system does where memory ends")
    if child.returncode:
        raise SystemExit(f"{name} failed with exit code {child.returncode}")
    found = json.loads(said.splitlines()[-1])
    cpu = usage.ru_utime + usage.ru_stime - found["imported"]
    used = Used(cpu, usage.ru_maxrss / GB, found["rows"], found["features"], found["phases"])
    if not keep:
        print(f"{name:<24}{used.rows:>12,} rows {used.cpu_s:9.2f} CPU s {used.peak_gb:8.2f} GB", flush=True)
    return used


def order_log(cache: Path, customers: int) -> Path:
    """The log, made by a process of its own, so that this one stays small."""
    made = [sys.executable, str(HERE / "shop.py"), str(cache), str(customers)]
    return Path(subprocess.run(made, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
