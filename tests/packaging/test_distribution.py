"""What is installed is this checkout, and its generic package names belong to nobody else."""

import importlib.util
import tomllib
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("features", "training", "serving", "stagecast")


def test_installed_version_is_the_one_written_down() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert version("stagecast") == project["version"]


def test_no_other_distribution_brings_the_same_names() -> None:
    brought = packages_distributions()  # reads all that is installed; an editable install lists no packages
    assert {name: brought[name] for name in PACKAGES if set(brought.get(name, [])) - {"stagecast"}} == {}


@pytest.mark.parametrize("name", PACKAGES)
def test_the_import_finds_this_checkout(name: str) -> None:
    spec = importlib.util.find_spec(name)

    assert spec is not None
    assert spec.origin == str(ROOT / name / "__init__.py")


@pytest.mark.parametrize("name", PACKAGES)
def test_type_checkers_may_read_our_types(name: str) -> None:
    assert (ROOT / name / "py.typed").is_file()


def test_tests_are_no_packages() -> None:
    """With an `__init__.py` here, `tests/features` would be imported as `features`."""
    assert not list((ROOT / "tests").rglob("__init__.py"))
