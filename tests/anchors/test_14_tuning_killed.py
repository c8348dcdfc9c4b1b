"""14. A study that was killed goes on as if it had not been: as many trials as were asked for, and the same ones.

`tests/stagecast/test_tune_command.py` kills real processes with -9; here the journal ends where a kill leaves it.
"""

import os
from pathlib import Path

import pytest
from make_believe import KilledError, killed_at, pretended, session, told

from training.tuning import journal, workers

TRIALS = 4


@pytest.fixture(autouse=True)
def _make_believe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "try_out", pretended)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # nearly all the time these tests would take


def promise(monkeypatch: pytest.MonkeyPatch, folder: Path, torn: int) -> None:
    """Killed within the third trial, and the last line torn: nothing known is lost, or known twice."""
    whole, killed = folder / "whole", folder / "killed"
    wanted = told(session(whole, TRIALS))
    with monkeypatch.context() as patch:
        patch.setattr(workers, "try_out", killed_at(2, 3))
        with pytest.raises(KilledError):
            session(killed, TRIALS)
    path = killed / journal.JOURNAL
    path.write_bytes(path.read_bytes()[:-torn])
    try:
        again = session(killed, TRIALS)
    except Exception as error:
        raise AssertionError(f"the study is lost: {error}") from error
    assert told(again) == wanted, "the study went on in another way"
    assert not [trial for trial in again.trials if trial.state.name == "RUNNING"]


@pytest.mark.parametrize("torn", [1, 7])
def test_it_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, torn: int) -> None:
    promise(monkeypatch, tmp_path, torn)


def test_a_journal_that_nobody_mends_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(journal, "mend", lambda _: None)
    with pytest.raises(AssertionError, match="the study"):
        promise(monkeypatch, tmp_path, 7)
