"""The locks: what `make setup` installs, named by version and hash and by nothing else."""

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
RUNTIME, DEV, DASK, SPARK = (ROOT / f"requirements{kind}.lock" for kind in ("", "-dev", "-dask", "-spark"))
ALL = pytest.mark.parametrize("lock", [RUNTIME, DEV, DASK, SPARK], ids=lambda lock: lock.name)


class Pin(NamedTuple):
    """One entry of a lock: what is pinned, and the hashes that it may have."""

    requirement: Requirement
    hashes: list[str]

    @property
    def name_and_version(self) -> tuple[str, str]:
        return canonicalize_name(self.requirement.name), str(self.requirement.specifier)


def entries(lock: Path) -> list[str]:
    """The lock's entries, each on one line, without comments."""
    return re.sub(r"\s*#.*|\\\n", "", lock.read_text("utf-8")).split("\n")


def pins(lock: Path) -> list[Pin]:
    parts = [re.split(r"\s+--hash=", entry.strip()) for entry in entries(lock) if entry.strip()]
    return [Pin(Requirement(first), hashes) for first, *hashes in parts]


def declared() -> dict[Path, list[Requirement]]:
    """What pyproject.toml asks for, by the lock that must hold it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = {
        name: [entry for entry in group if isinstance(entry, str)]
        for name, group in project["dependency-groups"].items()
    }
    runtime, spark = project["project"]["dependencies"], groups.pop("spark")
    asked = {RUNTIME: runtime, DEV: sum(groups.values(), runtime), DASK: groups["cluster"], SPARK: spark}
    return {lock: [Requirement(text) for text in texts] for lock, texts in asked.items()}


@ALL
def test_names_no_index_and_no_place(lock: Path) -> None:
    assert not re.findall(r"\S*(?:://|file:|\.whl|\.tar)\S*| @ \S+", lock.read_text("utf-8"))
    assert not [entry for entry in entries(lock) if re.match(r"-|\.|/", entry)]


@ALL
def test_every_entry_is_one_version_with_hashes(lock: Path) -> None:
    for requirement, hashes in pins(lock):
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in hashes), requirement


def test_what_runs_is_what_was_tested() -> None:
    runtime, dev, dask, spark = ({pin.name_and_version for pin in pins(lock)} for lock in (RUNTIME, DEV, DASK, SPARK))

    assert runtime
    assert runtime < dev
    assert dask < dev
    assert {name for name, _ in spark - dev} == {"pyspark", "py4j"}


@ALL
def test_holds_everything_declared_in_a_version_allowed(lock: Path) -> None:
    locked: dict[str, list[str]] = {}
    for pin in pins(lock):
        name, version = pin.name_and_version
        locked.setdefault(name, []).append(version.removeprefix("=="))

    for requirement in declared()[lock]:
        versions = locked.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement} is not in {lock.name}: run `make lock`"
        assert all(requirement.specifier.contains(version) for version in versions), f"{requirement}: run `make lock`"
