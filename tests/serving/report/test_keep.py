"""A page stands whole or not at all."""

from pathlib import Path

import pytest

from features.errors import StagecastError, UsageError
from serving.report import keep


def test_what_cannot_be_written_leaves_what_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keep("old", tmp_path / "new" / "page.html")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StagecastError, match="No space left"):
        keep("new", path)
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a report is one file"):
        keep("page", tmp_path)
