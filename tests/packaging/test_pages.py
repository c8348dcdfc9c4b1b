"""What the pages name is there: files, links, make's targets, settings, commands and their options."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

from stagecast.cli import app
from stagecast.config import Config

ROOT = Path(__file__).resolve().parents[2]
PAGES = [page for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")) if page.name != "CHANGELOG.md"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
FOLDERS = r"(?:docs|tests|benchmarks|notebooks|features|training|serving|stagecast|\.ci)/"
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def settings(text: str) -> Iterator[str]:
    """Settings that are named as `[section] key`, or as `section.key`."""
    sections = "|".join(name for name, field in Config.model_fields.items() if _is_section(field.annotation))
    yield from map(".".join, re.findall(r"`\[([\w.]+)\] (\w+)", text))
    yield from re.findall(rf"`((?:{sections})\.(?!md\b)\w+)`", text)


def is_known(setting: str) -> bool:
    model: object = Config
    for name in setting.split("."):
        if not _is_section(model) or name not in model.model_fields:
            return False
        model = model.model_fields[name].annotation
    return True


def _is_section(model: object) -> bool:
    return isinstance(model, type) and issubclass(model, BaseModel)


@every_page
def test_files_links_and_targets_are_there(page: Path) -> None:
    text = page.read_text()
    files = re.findall(rf"`({FOLDERS}[\w./*-]+)`", text) + re.findall(r"python ([\w./]+\.py)", text)
    files += [f"{module.replace('.', '/')}.py" for module in re.findall(r"python -m (benchmarks[\w.]+)", text)]

    assert [name for name in files if not any(ROOT.glob(name))] == []
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE)) <= TARGETS


@every_page
def test_settings_are_ours(page: Path) -> None:
    text = page.read_text()

    for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
        Config.model_validate(tomllib.loads(block))
    assert [setting for setting in settings(text) if not is_known(setting)] == []


@every_page
def test_commands_named_in_passing_have_these_options(page: Path) -> None:
    for name, options in re.findall(r"`stagecast ([a-z]+)((?: [^`]*)?)`", page.read_text()):
        known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", options)) <= known | {"--help"}


def test_what_is_not_there_is_noticed() -> None:
    assert list(settings("`[engine] name` and `features.windows`")) == ["engine.name", "features.windows"]
    assert [is_known(name) for name in ("engine.name", "engine.nome", "engine.name.x")] == [True, False, False]
