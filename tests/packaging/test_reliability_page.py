"""The index of the twenty promises names what there is, and all of it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
ROWS = [row for row in PAGE.splitlines() if re.match(r"\| \d+ \|", row)]


def test_there_are_twenty_each_with_its_anchor() -> None:
    named = [re.findall(r"`(test_\d\d_\w+\.py)`", row) for row in ROWS]
    assert [int(one[0][5:7]) for one in named] == list(range(1, 21))
    assert {one[0] for one in named} == {path.name for path in (ROOT / "tests" / "anchors").glob("test_*.py")}


def test_whatever_is_named_is_there() -> None:
    for name in re.findall(r"`((?:tests|benchmarks)/[\w/.]+)`", PAGE):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "anchors").glob("test_*.py")), ids=lambda path: path.stem)
def test_each_anchor_plants_a_fault(path: Path) -> None:
    """There is a test of the promise, and one that shows that it would be noticed if it were broken."""
    tests = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]
    names = [node.name for node in tests if node.name.startswith("test_")]
    assert any(name.endswith("noticed") for name in names), names
    assert not all(name.endswith("noticed") for name in names), names
