"""A study in a folder: one journal that a crash cannot break, one process at a time that writes to it.

The journal is Optuna's own, a line a change, so its dashboard can read it.
What Optuna leaves to the caller is done here: a last line that was cut off by
a power failure is taken away, for the next one would be glued to it and the
study could not be read again; the lock that a killed process left is removed;
its trials that run no more are closed and queued again.
"""

import os
import time
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from pathlib import Path

import optuna
from filelock import FileLock, Timeout
from optuna.pruners import MedianPruner
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from features.errors import BusyError, StagecastError, UsageError
from training.tuning.space import Parameters

JOURNAL = "study.journal"
NAME = "stagecast"
FACTS, PRESENT, AGAIN, WHY = "facts", "present", "again", "why"
"""Names of what is noted down beside the trials."""

FIXED = "fixed_params"
"""Where Optuna keeps the parameters of a trial that waits in the queue."""

STARTUP, WARMUP = 5, 8
"""Trials before any is given up, and steps of a trial before it is."""

_ABANDONED = 5.0
"""Seconds after which a lock on the journal, held for milliseconds, is that of a dead process."""


@contextmanager
def study_in(folder: Path, facts: Mapping[str, str], present: Parameters) -> Iterator[optuna.Study]:
    """The study in a folder, new or taken up again, for this process alone.

    Args:
        folder: made where it is missing.
        facts: what must be as it was for losses to be comparable.
        present: parameters to try first in a new study.

    Raises:
        UsageError: the study there has other facts.
        BusyError: another process works on it.
        StagecastError: it cannot be written there, or the journal is damaged.
    """
    with _alone(folder), _writable(folder):
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = _opened(folder / JOURNAL)
        _require_same(folder, study, facts)
        if not study.get_trials(deepcopy=False):
            study.enqueue_trial(dict(present), user_attrs={PRESENT: True})
        close_stale(study, set(present))
        yield study


def close_stale(study: optuna.Study, names: Set[str]) -> None:
    """Close the trials that a killed process left running, and queue them again, once each.

    A trial that was killed before all of its parameters were noted down is
    simply asked for anew: the same ones come out. Queued with some of them, the
    others would be drawn by other rules.
    """
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        if FIXED in trial.system_attrs or trial.params.keys() >= names:
            queue_again(study, trial, {AGAIN: True}, unless=bool(trial.user_attrs.get(AGAIN)))
        study.tell(trial.number, state=TrialState.FAIL)


def queue_again(study: optuna.Study, trial: FrozenTrial, notes: dict[str, bool], unless: bool = False) -> None:
    """Put the parameters of a trial back into the queue.

    It is queued before it is closed, so that it is not lost if this process,
    too, is killed in between; then it is found in the queue.

    Args:
        study: the study.
        trial: not finished.
        notes: to be kept with it, besides its own.
        unless: whether it had its second chance already.
    """
    chosen = trial.system_attrs.get(FIXED) or trial.params
    waiting = [one.system_attrs.get(FIXED) for one in study.get_trials(states=(TrialState.WAITING,))]
    first = bool(trial.user_attrs.get(PRESENT))
    if (first or not unless) and chosen not in waiting:
        study.enqueue_trial(chosen, user_attrs={**({PRESENT: True} if first else {}), **notes})


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / "study.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "study.lock").touch()  # fails at once where FileLock would try again and again
        lock.acquire(timeout=0)
    except Timeout:
        raise BusyError(
            "another process works on this study",
            got=folder,
            remedy="wait for it, or name another --out; to use more cores raise --workers",
        ) from None
    except OSError as error:
        raise StagecastError(
            "the folder of the study cannot be written",
            got=f"{folder}: {error.strerror or error}",
            remedy="name another --out, or let this user write there",
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Say what to do where a disk is full, whichever line of the journal or of the lessons it was."""
    try:
        yield
    except OSError as error:
        raise StagecastError(
            "the study cannot be written any further",
            got=f"{folder}: {error.strerror or error}",
            remedy="free some space, or let this user write there; then run the same command again: the study goes on",
        ) from error


def _opened(path: Path) -> optuna.Study:
    path = path.resolve()  # the lock is a link to this very name
    _sweep_lock(path.with_name(f"{path.name}.lock"))
    mend(path)
    pruner = MedianPruner(n_startup_trials=STARTUP, n_warmup_steps=WARMUP)
    try:
        storage = JournalStorage(JournalFileBackend(str(path)))
        if NAME in optuna.get_all_study_names(storage):  # creating it again would write a line
            return optuna.load_study(study_name=NAME, storage=storage, pruner=pruner)
        return optuna.create_study(study_name=NAME, storage=storage, pruner=pruner, direction="minimize")
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise StagecastError(
            "the journal of the study is damaged",
            got=f"{path}: {error}",
            remedy="name another --out, and keep the trials.csv of this one if you need its numbers",
        ) from None


def mend(path: Path) -> None:
    """Take a last line away that was never finished."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            file.truncate(whole)
            os.fsync(file.fileno())


def _sweep_lock(link: Path) -> None:
    with suppress(OSError):
        if time.time() - link.lstat().st_mtime > _ABANDONED:
            link.unlink()


def _require_same(folder: Path, study: optuna.Study, facts: Mapping[str, str]) -> None:
    kept = study.user_attrs.get(FACTS)
    if kept is None:  # new, or killed before it was noted down
        study.set_user_attr(FACTS, dict(facts))
        return
    name = next((name for name in {**kept, **facts} if kept.get(name) != facts.get(name)), None)
    if name is not None:
        raise UsageError(
            f"the study in this folder is another one: '{name}' has changed, so its losses cannot be compared",
            got=facts.get(name),
            allowed=f"{kept.get(name)}, as when the study in {folder} was begun",
            remedy="give the same orders, --as-of and settings to go on with it, or another --out for a new study",
        )
