"""A version that scored before can score again while the registry is away; nothing else can."""

from dataclasses import replace
from pathlib import Path

import pytest
from trained_shop import Shop

from features.errors import ModelError, StagecastError
from features.model.bundle import write_bundle
from serving.cached import KEPT, fetch_or_cached, keep_copy

AWAY = "http://127.0.0.1:9"


@pytest.fixture
def copies(shop: Shop, tmp_path: Path) -> Path:
    keep_copy(shop.registered, tmp_path / "models")
    return tmp_path / "models"


def test_the_copy_is_the_model_to_the_last_byte(shop: Shop, copies: Path) -> None:
    found, why = fetch_or_cached("stagecast/1", AWAY, copies)
    assert found == shop.registered
    assert why is not None
    assert AWAY in why


def test_while_the_registry_answers_it_is_asked(shop: Shop, copies: Path) -> None:
    assert fetch_or_cached("stagecast@champion", shop.uri, copies) == (shop.registered, None)
    with pytest.raises(ModelError, match="no model stagecast/9"):
        fetch_or_cached("stagecast/9", shop.uri, copies)


@pytest.mark.parametrize("which", ["stagecast@champion", "stagecast/2", "other/1"])
def test_an_alias_or_a_version_without_a_copy_is_not_guessed(copies: Path, which: str) -> None:
    with pytest.raises(StagecastError, match="cannot be opened"):
        fetch_or_cached(which, AWAY, copies)


@pytest.mark.parametrize("name", ["regression.txt", "manifest.json", "spec.json"])
def test_a_damaged_copy_is_no_copy(shop: Shop, copies: Path, name: str) -> None:
    path = copies / shop.registered.digest / name
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(StagecastError, match="cannot be opened"):
        fetch_or_cached("stagecast/1", AWAY, copies)


def test_a_note_that_points_elsewhere_is_not_followed(copies: Path) -> None:
    (note,) = copies.glob("*.json")
    note.write_text(note.read_text().replace('"digest":"', '"digest":"../'))
    with pytest.raises(StagecastError, match="cannot be opened"):
        fetch_or_cached("stagecast/1", AWAY, copies)


def test_copies_do_not_pile_up(shop: Shop, tmp_path: Path) -> None:
    model = shop.registered.model
    for k in range(KEPT + 2):
        other = replace(model, typical=model.typical | {"recency": float(k)})
        folder = tmp_path / "other" / str(k)
        keep_copy(replace(shop.registered, model=other, version=k, digest=write_bundle(other, folder)), tmp_path / "m")
    assert len(list((tmp_path / "m").iterdir())) == 2 * KEPT


def test_where_no_copy_can_be_kept_scoring_goes_on(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    keep_copy(shop.registered, tmp_path / "file" / "models")
