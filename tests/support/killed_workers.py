"""Kill -9 a worker of a real cluster at a random moment of a phase of a job."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer

from features.errors import StagecastError
from stagecast import progress
from stagecast.engine.mapped import Dask

Job = Callable[[], object]


@contextmanager
def heard(hear: Callable[[str], None]) -> Iterator[None]:
    """Hear what jobs say they are doing."""
    before = progress._listener.set(hear)
    try:
        yield
    finally:
        progress._listener.reset(before)


class Course:
    """Which phase a job is in, by what it says; and when each began.

    A phase begins with the first thing said that begins with its name, after
    that of the phase before; what is said of no phase belongs to the one before.
    """

    def __init__(self, phases: tuple[str, ...], begins: Callable[[str], None] = lambda _: None) -> None:
        self._phases, self._begins = phases, begins
        self.began = dict[str, float]()

    def __call__(self, said: str) -> None:
        """Hear what is being done."""
        for phase in self._phases[len(self.began) :]:
            if said.startswith(phase):
                self.began[phase] = time.monotonic()
                self._begins(phase)
                return

    @property
    def phase(self) -> str:
        """The last one that has begun."""
        return list(self.began)[-1] if self.began else "before"


def lengths(phases: tuple[str, ...], job: Job) -> tuple[dict[str, float], object]:
    """Seconds that each phase of an undisturbed job takes, and what the job makes."""
    course = Course(phases)
    with heard(course):
        made = job()
    assert tuple(course.began) == phases
    times = [*course.began.values(), time.monotonic()]
    return {phase: end - begin for phase, begin, end in zip(phases, times, times[1:], strict=False)}, made


@dataclass(frozen=True)
class Fate:
    """What became of a job: the phases in which a worker died, at most one, and what the job made, or its error."""

    died: list[str]
    made: object
    error: StagecastError | None


class Killer:
    """Kills workers of a cluster of this machine, whose nannies start others in their place."""

    def __init__(self, engine: Dask, seed: int = 1) -> None:
        (self._client, self._mend), self._draw = engine._reached, random.Random(seed)
        self._workers = len(self._client.nthreads())

    def all_there(self) -> None:
        """Wait until no worker is missing."""
        until = time.monotonic() + 120
        while len(self._client.nthreads()) < self._workers and time.monotonic() < until:
            self._mend()
            time.sleep(0.05)

    def kill(self) -> bool:
        """Kill one; whether there was one to kill."""
        there = [nanny.pid for nanny in self._client.cluster.workers.values() if nanny.pid]
        if not there:
            return False
        os.kill(self._draw.choice(there), signal.SIGKILL)
        return True

    def during(self, phase: str, length: float, phases: tuple[str, ...], job: Job) -> Fate:
        """Let a job run, one of whose workers dies at a random moment of a phase of this length."""
        died: list[str] = []

        def now() -> None:
            if self.kill():
                died.append(course.phase)

        self.all_there()
        timer = Timer(self._draw.uniform(0, length), now)
        course = Course(phases, lambda begun: timer.start() if begun == phase else None)
        try:
            with heard(course):
                made = job()
        except StagecastError as error:
            return Fate(died, None, error)
        finally:
            timer.cancel()
        return Fate(died, made, None)
