"""A page lies beside the scores, under a name that comes from a date alone, and stands whole or not at all."""

from pathlib import Path

import pytest

from features.errors import StagecastError, UsageError
from serving.report import keep, page_of


def test_a_page_lies_where_readers_of_the_table_do_not_look() -> None:
    assert page_of("scores", "2011-06-06") == Path("scores/_reports/2011-06-06.html")


def test_pages_of_stores_that_are_no_folders_lie_here_apart_from_each_other() -> None:
    one, other = (page_of(f"postgresql://host/{name}", "2011-06-06") for name in ("a", "b"))

    assert one.parts[0] == other.parts[0] == "stagecast-reports"
    assert one != other


@pytest.mark.parametrize("as_of", ["../../x", "2011-06-06/../..", "2011-6-6", ""])
def test_a_name_comes_from_a_date_alone(as_of: str) -> None:
    with pytest.raises(UsageError):
        page_of("scores", as_of)


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
