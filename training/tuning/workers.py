"""Run the trials of a course: in this process, or in worker processes side by side.

Workers know nothing of the study: they are told parameters, say the loss after
each step and are told whether to go on. So there is one writer of the journal,
and who outlives a killed parent can do no harm: it ends when nobody listens.
"""

import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from lightgbm.basic import LightGBMError
from optuna.trial import Trial

from features.errors import StagecastError
from training.config import TrainingConfig
from training.tuning.course import Course
from training.tuning.lessons import Lessons
from training.tuning.trial import Outcome, try_out, with_parameters

After = Callable[[], None]
"""Called after each trial."""


def run_alone(course: Course, lessons: Lessons, config: TrainingConfig, after: After) -> None:
    """Run trials one after another, in this process."""
    course.begin()
    while (trial := course.next()) is not None:
        chosen = with_parameters(config, trial.params, config.threads)
        try:
            outcome = try_out(lessons, chosen, partial(course.go_on, trial))
        except KeyboardInterrupt:
            course.put_back(trial)
            raise
        except LightGBMError as error:
            course.fail(trial, str(error))
        else:
            course.finish(trial, outcome)
        after()


def run_together(course: Course, folder: Path, config: TrainingConfig, after: After) -> None:
    """Run trials in worker processes.

    Args:
        course: of the study.
        folder: holds the lessons.
        config: `tuning.workers` says how many, `threads` how many threads they share.
        after: called after each trial.
    """
    with _crew(folder, config) as crew:
        course.begin()
        try:
            for worker in crew:
                worker.begin(course.next())
            while busy := [worker for worker in crew if worker.trial]:
                told = wait([worker.pipe for worker in busy])
                for worker in (one for one in busy if one.pipe in told):
                    if _heard(worker, course):
                        after()
                        worker.begin(course.next())
        except BaseException:
            for worker in crew:
                if worker.trial:
                    course.put_back(worker.trial)
            raise


@dataclass
class _Worker:
    """A worker process, the pipe to it, and what it is at."""

    folder: Path
    config: TrainingConfig
    pipe: Connection
    process: SpawnProcess
    trial: Trial | None = None

    @classmethod
    def hired(cls, folder: Path, config: TrainingConfig) -> "_Worker":
        return cls(folder, config, *_started(folder, config))

    def begin(self, trial: Trial | None) -> None:
        """Begin a trial, if there is one; a process that died is replaced."""
        self.trial = trial
        if trial is None:
            return
        if not self.process.is_alive():
            self.pipe, self.process = _started(self.folder, self.config)
            _require_ready(self)
        _say(self.pipe, trial.params)

    def dismiss(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join()


def _started(folder: Path, config: TrainingConfig) -> tuple[Connection, SpawnProcess]:
    context = multiprocessing.get_context("spawn")  # a fork of a process with OpenMP threads hangs
    ours, theirs = context.Pipe()
    process = context.Process(
        target=work, args=(str(folder), config.model_dump_json(), theirs), daemon=True, name="stagecast tune"
    )
    process.start()
    theirs.close()  # so that the end of either is the end of the pipe
    return ours, process


def _require_ready(worker: _Worker) -> _Worker:
    """A worker that has taken up the lessons.

    Raises:
        StagecastError: it ended before.
    """
    if _hear(worker.pipe) is None:
        worker.process.join()
        raise StagecastError(
            "a worker process cannot start",
            got=f"exit code {worker.process.exitcode}",
            remedy="if this is a script of yours, call tune under: if __name__ == '__main__'; otherwise"
            " there may be too little memory: use fewer workers, or fewer rows ([training.tuning])",
        )
    return worker


@contextmanager
def _crew(folder: Path, config: TrainingConfig) -> Iterator[list[_Worker]]:
    workers = config.tuning.workers
    cores = config.threads or os.cpu_count() or 1
    each = config.model_copy(update={"threads": max(1, cores // workers)})
    crew: list[_Worker] = []
    try:
        for _ in range(workers):
            crew.append(_Worker.hired(folder, each))
        yield [_require_ready(worker) for worker in crew]  # they start side by side
    finally:
        for worker in crew:
            worker.dismiss()


def _heard(worker: _Worker, course: Course) -> bool:
    """Take in what a worker says of its trial; whether that was the last of it."""
    trial = worker.trial
    assert trial is not None
    said = _hear(worker.pipe)
    if said is None:
        worker.process.join()
        _ended(worker, course, f"its process ended with exit code {worker.process.exitcode}")
    elif "step" in said:
        _say(worker.pipe, {"go_on": course.go_on(trial, said["step"], said["loss"])})
        return False
    elif "error" in said:
        _ended(worker, course, said["error"])
    else:
        worker.trial = None
        course.finish(trial, Outcome(**said["outcome"]) if said["outcome"] else None)
    return True


def _ended(worker: _Worker, course: Course, why: str) -> None:
    trial, worker.trial = worker.trial, None
    assert trial is not None
    course.fail(trial, why)


def work(folder: str, config: str, pipe: Connection) -> None:
    """What a worker process does: try what it is told, until nobody is there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the parent decides
    lessons, settings = Lessons.load(Path(folder)), TrainingConfig.model_validate_json(config)
    _say(pipe, {"ready": len(lessons.sets)})

    def go_on(step: int, loss: float) -> bool:
        _say(pipe, {"step": step, "loss": loss})
        answer = _hear(pipe)
        if answer is None:
            raise SystemExit
        return bool(answer["go_on"])

    while (chosen := _hear(pipe)) is not None:
        try:
            outcome = try_out(lessons, with_parameters(settings, chosen, settings.threads), go_on)
        except LightGBMError as error:
            _say(pipe, {"error": str(error)})
        else:
            _say(pipe, {"outcome": outcome.facts() if outcome else None})


def _say(pipe: Connection, what: dict[str, Any]) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # the other end is gone: whoever listens next finds that out
        pipe.send_bytes(json.dumps(what).encode())


def _hear(pipe: Connection) -> dict[str, Any] | None:
    """What the other end says; None where there is none any more."""
    try:
        heard: dict[str, Any] = json.loads(pipe.recv_bytes())
    except (EOFError, ConnectionResetError, BrokenPipeError):
        return None
    return heard
