"""The registry is a catalogue: what it hands out is checked byte by byte, and nothing in it is run."""

import builtins
import hashlib
import json
import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import cloudpickle
import lightgbm
import mlflow
import pytest
from trained_shop import Shop

from features.errors import ModelError, UsageError
from features.model.store import quiet
from serving.registry import DIGEST_TAG, fetch


@pytest.fixture
def bundle(shop: Shop, tmp_path: Path) -> Iterator[Path]:
    """The champion's files, to be damaged; MLflow's `MLmodel` lies two folders above. All is put right afterwards."""
    model = shop.bundle.parents[1]
    shutil.copytree(model, tmp_path / "as it was")
    yield shop.bundle
    shutil.rmtree(model, ignore_errors=True)
    shutil.copytree(tmp_path / "as it was", model)


@pytest.fixture
def no_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    """LightGBM must not read a byte."""
    monkeypatch.setattr(lightgbm, "Booster", lambda *_, **__: pytest.fail("LightGBM was given unchecked bytes"))


@pytest.fixture
def tags(shop: Shop) -> Iterator[None]:
    """Tags of the champion's version may be changed; they are put right afterwards."""
    yield
    set_tag(shop, shop.registered.digest)


def client(shop: Shop) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(shop.uri, shop.uri)


def set_tag(shop: Shop, digest: str | None) -> None:
    name, version = shop.registered.name, str(shop.registered.version)
    with quiet():
        if digest is None:
            client(shop).delete_model_version_tag(name, version, DIGEST_TAG)
        else:
            client(shop).set_model_version_tag(name, version, DIGEST_TAG, digest)


def truncate(bundle: Path) -> None:
    path = bundle / "regression.txt"
    path.write_bytes(path.read_bytes()[:-500])


def flip_a_bit(bundle: Path) -> None:
    path = bundle / "order.txt"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def swap_two(bundle: Path) -> None:
    one, two = bundle / "regression.txt", bundle / "order.txt"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


def remove_one(bundle: Path) -> None:
    (bundle / "otherwise.txt").unlink()


def add_one(bundle: Path) -> None:
    (bundle / "more.txt").write_text("tree\n", encoding="utf-8")


def link_elsewhere(bundle: Path) -> None:
    copy = bundle.parents[1] / "elsewhere.txt"
    (bundle / "order.txt").rename(copy)
    (bundle / "order.txt").symlink_to(copy)
    flip_a_bit(bundle)


def edit_manifest(bundle: Path) -> None:
    """A changed file, and a manifest that agrees with it."""
    flip_a_bit(bundle)
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["sha256"]["order.txt"] = hashlib.sha256((bundle / "order.txt").read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest), encoding="utf-8")


def remove_manifest(bundle: Path) -> None:
    (bundle / "manifest.json").unlink()


def second_bundle(bundle: Path) -> None:
    shutil.copytree(bundle, bundle.parents[1] / "another")


def remove_everything(bundle: Path) -> None:
    shutil.rmtree(bundle.parents[1])


DAMAGES = [
    *(truncate, flip_a_bit, swap_two, remove_one, add_one, link_elsewhere),
    *(edit_manifest, remove_manifest, second_bundle, remove_everything),
]


@pytest.mark.parametrize("which", ["stagecast@champion", "stagecast@challenger", "stagecast/1"])
def test_an_alias_or_a_version_names_a_model(shop: Shop, which: str) -> None:
    found = fetch(which, shop.uri)

    assert (found.name, found.version, found.digest) == ("stagecast", 1, shop.registered.digest)
    assert found.run_id == shop.registered.run_id
    assert found.model == shop.registered.model


@pytest.mark.parametrize(
    "which", ["", "stagecast", "stagecast@", "@champion", "stagecast/0", "stagecast/x", "a/b/1", "a@b@c", "a@b/1"]
)
def test_any_other_form_is_refused_before_the_store_is_touched(tmp_path: Path, which: str) -> None:
    with pytest.raises(UsageError, match="NAME@ALIAS or NAME/VERSION"):
        fetch(which, f"sqlite:///{tmp_path}/mlflow.db")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("which", ["nobody@champion", "stagecast@nobody", "stagecast/99", "no:body/1"])
def test_a_model_that_is_not_there_is_an_error_that_says_what_to_do(shop: Shop, which: str) -> None:
    with pytest.raises(ModelError, match="train one") as error:
        fetch(which, shop.uri)
    assert which in str(error.value)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.usefixtures("no_lightgbm")
def test_damaged_files_are_refused_before_lightgbm_sees_them(
    shop: Shop, bundle: Path, damage: Callable[[Path], None]
) -> None:
    damage(bundle)

    with pytest.raises(ModelError):
        fetch("stagecast@champion", shop.uri)


@pytest.mark.usefixtures("no_lightgbm", "tags")
@pytest.mark.parametrize("tag", [None, "", "0" * 64])
def test_a_version_whose_tag_is_gone_or_changed_is_refused(shop: Shop, tag: str | None) -> None:
    set_tag(shop, tag)

    with pytest.raises(ModelError, match=r"digest|not the one that was registered"):
        fetch("stagecast@champion", shop.uri)


@pytest.mark.usefixtures("no_lightgbm", "tags")
def test_files_and_manifest_and_tag_changed_alike_are_another_model_and_no_secret(shop: Shop, bundle: Path) -> None:
    """Who can write both the files and the registry owns the model; but what is no model is still refused."""
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    (bundle / "contract.json").write_text("{}", encoding="utf-8")
    manifest["sha256"]["contract.json"] = hashlib.sha256(b"{}").hexdigest()
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    set_tag(shop, hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest())

    with pytest.raises(ModelError, match="is no model that this version"):
        fetch("stagecast@champion", shop.uri)


def test_code_that_was_smuggled_in_is_never_run(shop: Shop, bundle: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    model = bundle.parents[1]
    (model / "code").mkdir()
    (model / "code" / "foreign.py").write_text(f"open({str(marker)!r}, 'w')\n", encoding="utf-8")
    lines = (model / "MLmodel").read_text("utf-8").replace("serving.pyfunc", "foreign\n    code: code")
    assert "foreign" in lines
    (model / "MLmodel").write_text(lines, encoding="utf-8")
    (model / "python_model.pkl").write_bytes(pickle.dumps(print))

    assert fetch("stagecast@champion", shop.uri).model == shop.registered.model
    assert not marker.exists()


def test_nothing_is_unpickled_and_nothing_evaluated(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a pickle was opened")

    for library in (pickle, cloudpickle):
        monkeypatch.setattr(library, "load", refuse)
        monkeypatch.setattr(library, "loads", refuse)
    monkeypatch.setattr(builtins, "eval", refuse)

    assert fetch("stagecast@champion", shop.uri).model == shop.registered.model


def test_nothing_of_the_download_stays_behind(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    fetch("stagecast@champion", shop.uri)

    assert not list(tmp_path.iterdir())


def test_looking_for_a_model_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no model stagecast@champion"):
        fetch("stagecast@champion", f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert not list(tmp_path.iterdir())
