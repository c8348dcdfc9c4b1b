"""A file that is handed over stands whole or not at all, whoever else writes the same."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from features.files import handed_over


@pytest.mark.parametrize("durable", [False, True])
def test_two_writers_of_one_file_do_not_meet(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "00003.rows"
    with ExitStack() as first:
        given_up = first.enter_context(handed_over(path, durable))
        given_up.write(b"sa")
        with handed_over(path, durable) as file:
            file.write(b"same")
        assert path.read_bytes() == b"same"
        given_up.write(b"me")
    assert path.read_bytes() == b"same"
    assert list(tmp_path.iterdir()) == [path]


def test_after_an_error_the_old_stands_alone(tmp_path: Path) -> None:
    path = tmp_path / "00003.rows"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), handed_over(path) as file:
        file.writelines([b"ne", "w"])  # type: ignore[list-item]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
