"""The bundle: what was written is read to the bit; anything else is refused before LightGBM sees a byte."""

import hashlib
import json
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from features.errors import ModelError
from features.model.bundle import FORMAT, MANIFEST, bundle_digest, read_bundle, write_bundle
from features.model.forecast import Model

FILES = [
    "calibration.json",
    "contract.json",
    MANIFEST,
    "order.txt",
    "otherwise.txt",
    "reference.json",
    "regression.txt",
    "spec.json",
    "spend.txt",
    "typical.json",
]
Bundle = tuple[Path, str]


@pytest.fixture
def bundle(model: Model, tmp_path: Path) -> Bundle:
    return tmp_path / "bundle", write_bundle(model, tmp_path / "bundle")


@pytest.fixture
def sealed(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """A bundle, and a LightGBM that must not be called."""

    def touched(*_: object, **__: object) -> None:
        raise AssertionError("LightGBM was given something to read")

    monkeypatch.setattr(lgb, "Booster", touched)
    return bundle


def refused(bundle: Bundle, match: str) -> None:
    with pytest.raises(ModelError, match=match):
        read_bundle(*bundle).forecast(pd.DataFrame())


def reseal(folder: Path, **manifest: Any) -> Bundle:
    """The folder with the digest it would have had if it had been registered as it is now."""
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    sums.pop(MANIFEST)
    (folder / MANIFEST).write_text(json.dumps({"format": FORMAT, "sha256": sums} | manifest))
    return folder, bundle_digest(folder)


def test_what_was_written_is_read_to_the_bit(bundle: Bundle, model: Model, features: pd.DataFrame) -> None:
    folder, digest = bundle
    again = read_bundle(folder, digest)
    one, two = again.forecast(features, threads=1), model.forecast(features, threads=1)

    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert again == model
    assert one.stages.tobytes() == two.stages.tobytes()
    assert one.p_order.tobytes() == two.p_order.tobytes()
    assert one.expected_spend.tobytes() == two.expected_spend.tobytes()


def test_the_same_model_has_the_same_digest(bundle: Bundle, model: Model, tmp_path: Path) -> None:
    assert write_bundle(model, tmp_path / "again") == bundle[1] == bundle_digest(bundle[0])


def test_without_money_there_is_no_spend(model: Model, features: pd.DataFrame, tmp_path: Path) -> None:
    parts = {part: text for part, text in model.boosters.items() if part != "spend"}
    moneyless = Model(parts, model.calibration, model.contract, model.spec, model.typical)
    again = read_bundle(tmp_path, write_bundle(moneyless, tmp_path))

    assert again == moneyless
    assert np.isnan(again.forecast(features, threads=1).expected_spend).all()


def test_a_folder_in_use_is_not_written(bundle: Bundle, model: Model) -> None:
    with pytest.raises(ModelError, match="empty folder"):
        write_bundle(model, bundle[0])


def test_nothing_is_unpickled(bundle: Bundle, features: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    def unpickled(*_: object, **__: object) -> None:
        raise AssertionError("something was unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(pickle, name, unpickled)

    read_bundle(*bundle).forecast(features.head(), threads=1)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99, 1.0])
def test_a_truncated_file(sealed: Bundle, name: str, share: float) -> None:
    path = sealed[0] / name
    data = path.read_bytes()
    path.write_bytes(data[: min(int(len(data) * share), len(data) - 1)])

    refused(sealed, f"'{name}' .* is not the one that was registered")


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit(sealed: Bundle, name: str) -> None:
    path, rng = sealed[0] / name, random.Random(name)
    data = path.read_bytes()
    for bit in rng.sample(range(8 * len(data)), 20):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)

        refused(sealed, f"'{name}' .* is not the one that was registered")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(sealed: Bundle, name: str) -> None:
    (sealed[0] / name).unlink()

    refused(sealed, f"'{name}' .* is not there")


@pytest.mark.parametrize("name", FILES)
def test_a_link_or_a_folder_in_place_of_a_file(sealed: Bundle, name: str, tmp_path: Path) -> None:
    path = sealed[0] / name
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    refused(sealed, f"'{name}' .* no plain file")

    path.unlink()
    path.mkdir()
    refused(sealed, f"'{name}' .* no plain file")


def test_a_file_that_cannot_be_read(sealed: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Path) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", broken)

    refused(sealed, "cannot be read .Input/output error")


@pytest.mark.parametrize("name", ["model.pkl", "regression.txt.bak", ".hidden", "code"])
def test_an_added_file(sealed: Bundle, name: str) -> None:
    (sealed[0] / name).write_text("x")

    refused(sealed, "files its manifest does not name\n  got: " + name)


def test_two_parts_in_each_others_place(sealed: Bundle) -> None:
    one, two = sealed[0] / "regression.txt", sealed[0] / "order.txt"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)

    refused(sealed, "is not the one that was registered")


def test_an_edited_manifest(sealed: Bundle) -> None:
    path = sealed[0] / MANIFEST
    path.write_text(path.read_text() + " ")

    refused(sealed, f"'{MANIFEST}' .* is not the one that was registered")


def test_a_file_and_its_sum_edited_alike(sealed: Bundle) -> None:
    folder, digest = sealed
    path = folder / "regression.txt"
    path.write_text(path.read_text().replace("tree", "Tree", 1))
    reseal(folder)

    refused((folder, digest), f"'{MANIFEST}' .* is not the one that was registered")


def test_no_bundle_at_all(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"'{MANIFEST}' .* is not there"):
        bundle_digest(tmp_path / "nowhere")


@pytest.mark.parametrize("layout", [0, 2, 99])
def test_another_layout(sealed: Bundle, layout: int) -> None:
    refused(reseal(sealed[0], format=layout, parts={}), f"another layout\n  got: {layout}\n  allowed: {FORMAT}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"format": 4}',
        '{"format": "x", "sha256": {}}',
        '{"format": 4, "sha256": []}',
        "\xff",
    ],
)
def test_a_manifest_that_is_none(sealed: Bundle, text: str) -> None:
    (sealed[0] / MANIFEST).write_text(text, encoding="latin-1")

    refused((sealed[0], bundle_digest(sealed[0])), "is no model that this version")


@pytest.mark.parametrize("name", ["../x", "/etc/hostname", "a/../regression.txt", "manifest.json", "", ".", "x\0y"])
def test_a_name_that_is_a_path(sealed: Bundle, name: str) -> None:
    folder, _ = sealed
    (folder.parent / "x").write_text("x")
    sums = json.loads((folder / MANIFEST).read_text())["sha256"]

    refused(reseal(folder, sha256=sums | {name: hashlib.sha256(b"x").hexdigest()}), "is no model that this version")


@pytest.mark.parametrize("name", [name for name in FILES if name not in {MANIFEST, "spend.txt"}])
def test_a_manifest_that_leaves_a_part_out(sealed: Bundle, name: str) -> None:
    (sealed[0] / name).unlink()

    refused(reseal(sealed[0]), "is no model that this version")


WRONG: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "no JSON": lambda text: text[:-3],
    "no object": lambda _: "[]",
    "other keys": lambda text: text.replace("{", '{"x": [],', 1),
    "other types": lambda text: text.replace(":", ': "x", "y":', 1),
}


@pytest.mark.parametrize("name", ["calibration.json", "contract.json", "spec.json", "typical.json"])
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_sums_that_are_right_of_what_is_no_model(sealed: Bundle, name: str, wrong: Callable[[str], str]) -> None:
    path = sealed[0] / name
    path.write_text(wrong(path.read_text()))

    refused(reseal(sealed[0]), "is no model that this version")


def test_text_that_is_no_unicode(sealed: Bundle) -> None:
    (sealed[0] / "order.txt").write_bytes(b"\xff\xfe")

    refused(reseal(sealed[0]), "order.txt is no UTF-8")


def test_a_contract_of_another_spec(sealed: Bundle) -> None:
    path = sealed[0] / "spec.json"
    path.write_text(path.read_text().replace('"hold_days": 28', '"hold_days": 14'))

    refused(reseal(sealed[0]), "contract of spec .* and spec")
