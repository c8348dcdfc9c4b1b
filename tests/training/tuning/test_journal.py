"""The journal of a study: no crash breaks it, one process at a time, one set of orders and settings."""

import json
import os
import resource
import shutil
from pathlib import Path

import optuna
import pytest
from make_believe import FACTS, pretended, session, told

from features.errors import BusyError, StagecastError, UsageError
from training.config import TrainingConfig
from training.tuning import workers
from training.tuning.journal import JOURNAL, mend, study_in
from training.tuning.trial import GoOn, Outcome

PRESENT = {"learning_rate": 0.03}


@pytest.fixture(autouse=True)
def _make_believe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "try_out", pretended)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # nearly all the time these tests would take


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study with some trials."""
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "try_out", pretended)
        session(folder, 3)
    return folder


def test_wherever_the_journal_ends_the_study_goes_on_as_if_it_had_not(kept: Path, tmp_path: Path) -> None:
    """After every other line of its last trial, so also between two of its parameters, and within a line."""
    whole, wanted = (kept / JOURNAL).read_bytes(), told(session(kept, 3))
    lines = whole.splitlines(keepends=True)
    last = next(at for at, line in enumerate(lines) if b'"trial_id":2' in line)
    ends = [sum(map(len, lines[:at])) for at in range(last, len(lines), 2)]
    for length in (*ends, ends[0] - 1, ends[3] + 1, ends[5] + 40, len(whole) - 1):
        folder = tmp_path / str(length)
        folder.mkdir()
        (folder / JOURNAL).write_bytes(whole[:length])
        assert told(session(folder, 3)) == wanted
        assert told(session(folder, 3)) == wanted  # it can be read again after it was written to


def test_a_full_disk_is_told_and_costs_the_trial_in_flight_alone(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a line."""

    def full(lessons: object, config: TrainingConfig, go_on: GoOn) -> Outcome | None:
        limit = (tmp_path / JOURNAL).stat().st_size + 200
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        return pretended(lessons, config, go_on)

    session(tmp_path, 2)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(workers, "try_out", full)
    try:
        with pytest.raises(StagecastError, match="cannot be written any further") as error:
            session(tmp_path, 3)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "File too large" in str(error.value)
    assert not (tmp_path / JOURNAL).read_bytes().endswith(b"\n")
    monkeypatch.setattr(workers, "try_out", pretended)
    assert told(session(tmp_path, 3)) == told(session(kept, 3))


def test_without_mending_the_study_would_be_lost(kept: Path, tmp_path: Path) -> None:
    path = tmp_path / JOURNAL
    path.write_bytes((kept / JOURNAL).read_bytes()[:-5])
    backend = optuna.storages.journal.JournalFileBackend(str(path))
    storage = optuna.storages.JournalStorage(backend)
    study = optuna.load_study(study_name="stagecast", storage=storage)
    study.set_user_attr("glued", "to the torn line")
    with pytest.raises(json.JSONDecodeError):
        study.set_user_attr("and", "never read again")


def test_a_whole_journal_is_left_as_it_is(kept: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(kept / JOURNAL, tmp_path))
    before = path.read_bytes()
    mend(path)
    assert path.read_bytes() == before
    mend(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_what_is_no_journal_is_told(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_text("{}\n{}\n")
    with pytest.raises(StagecastError, match="the journal of the study is damaged"), study_in(tmp_path, FACTS, PRESENT):
        pass


def test_the_lock_of_a_dead_process_costs_no_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.tuning.journal._ABANDONED", -1.0)
    (tmp_path / f"{JOURNAL}.lock").symlink_to(tmp_path / JOURNAL)
    with study_in(tmp_path, FACTS, PRESENT) as study:
        assert study.user_attrs["facts"] == FACTS


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with study_in(tmp_path, FACTS, PRESENT), pytest.raises(BusyError) as error, study_in(tmp_path, FACTS, PRESENT):
        pass
    assert error.value.exit_code == 75


@pytest.mark.parametrize("name", FACTS)
def test_other_facts_are_refused_by_name(tmp_path: Path, name: str) -> None:
    with study_in(tmp_path, FACTS, PRESENT):
        pass
    with (
        pytest.raises(UsageError, match=f"'{name}' has changed") as error,
        study_in(tmp_path, {**FACTS, name: "9"}, {}),
    ):
        pass
    assert "got: 9" in str(error.value)
    assert FACTS[name] in str(error.value)
    with study_in(tmp_path, FACTS, PRESENT):
        pass


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "study").write_text("")
    with pytest.raises(StagecastError, match="cannot be written"), study_in(tmp_path / "study", FACTS, PRESENT):
        pass
