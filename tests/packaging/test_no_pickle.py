"""Nothing of ours is stored or read as a pickle: reading one runs whatever it says."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("features", "training", "serving", "stagecast")
MODULES = {"pickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
WORDS = {"read_pickle", "to_pickle", "allow_pickle"}


def names(tree: ast.AST) -> Iterator[str]:
    """Every module imported, attribute read and keyword given in a file."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name.split(".")[0] for alias in node.names)
            case ast.ImportFrom():
                yield (node.module or "").split(".")[0]
            case ast.Attribute():
                yield node.attr
            case ast.keyword():
                yield node.arg or ""


@pytest.mark.parametrize("package", PACKAGES)
def test_uses_no_pickle(package: str) -> None:
    sources = {path: path.read_text("utf-8") for path in (ROOT / package).rglob("*.py")}
    suspects = {path: text for path, text in sources.items() if any(word in text for word in MODULES | WORDS)}

    assert sources
    assert not [path for path, text in suspects.items() if set(names(ast.parse(text))) & (MODULES | WORDS)]


@pytest.mark.parametrize(
    "code", ["import pickle as p", "from joblib import dump", "frame.to_pickle(x)", "load(x, allow_pickle=True)"]
)
def test_the_check_itself_sees_one(code: str) -> None:
    assert set(names(ast.parse(code))) & (MODULES | WORDS)
