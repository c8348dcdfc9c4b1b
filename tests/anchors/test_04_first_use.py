"""4. Whoever is first to use an empty MLflow store makes it alone, however many come at once.

Real processes do so in `tests/features/model/test_store.py`; here it is seen who is within.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import pytest

from features.model import store


def promise(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Four come at once, and each finds nobody else at work."""
    within, most = threading.Semaphore(0), list[int]()

    def slowly(_: object) -> None:
        within.release()
        time.sleep(0.05)
        most.append(within._value)
        within.acquire()

    monkeypatch.setattr(store, "_ensure_file", slowly)
    monkeypatch.setattr(store, "_touch", lambda _: None)
    monkeypatch.setattr(store, "quiet", nullcontext)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(store.open_store, [f"sqlite:///{folder}/mlflow.db"] * 4))
    assert max(most) == 1, f"{max(most)} made the store at once"


def test_one_at_a_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    promise(monkeypatch, tmp_path)


def test_a_store_without_a_lock_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store, "lock", nullcontext)
    with pytest.raises(AssertionError, match="at once"):
        promise(monkeypatch, tmp_path)
