"""5. A model file of which a byte is not as registered is refused by its sum, before LightGBM reads any of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import lightgbm
import pytest
from published import scores
from trained_shop import AS_OF, Shop

from features.errors import ModelError
from features.model import manifest
from features.model.bundle import read_bundle, write_bundle


def cut(text: bytes) -> bytes:
    return text[: len(text) // 2]


def flipped(text: bytes) -> bytes:
    return text[:1000] + bytes([text[1000] ^ 1]) + text[1001:]


@pytest.fixture
def no_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("LightGBM was given unchecked bytes")

    monkeypatch.setattr(lightgbm, "Booster", refuse)


def promise(shop: Shop, folder: Path, damage: Callable[[bytes], bytes]) -> None:
    for name in shop.registered.model.boosters:
        bundle = folder / name
        digest = write_bundle(shop.registered.model, bundle)
        path = bundle / f"{name}.txt"
        path.write_bytes(damage(path.read_bytes()))
        try:
            read_bundle(bundle, digest)
        except ModelError:
            continue
        raise AssertionError(f"a damaged {name}.txt was taken for the model")


@pytest.mark.usefixtures("no_lightgbm")
@pytest.mark.parametrize("damage", [cut, flipped])
def test_refused(shop: Shop, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    promise(shop, tmp_path, damage)


def test_sums_that_nobody_compares_are_noticed(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "_compare", lambda *_: None)
    with pytest.raises(AssertionError, match="was taken for the model"):
        promise(shop, tmp_path, flipped)


@pytest.fixture
def damaged(shop: Shop) -> Iterator[None]:
    path = shop.bundle / "regression.txt"
    whole = path.read_bytes()
    path.write_bytes(cut(whole))
    yield
    path.write_bytes(whole)


@pytest.mark.usefixtures("damaged")
def test_the_exit_code_is_ours_and_nothing_is_published(run, shop: Shop) -> None:
    store = ["--config", shop.settings, "--tracking-uri", shop.uri]
    done = run("score", shop.orders, "--as-of", AS_OF, "--out", "scores", *store)
    assert done.code == 1  # an aborted process would have said -6, and ended this one too
    assert "'regression.txt' of the model bundle is not the one that was registered" in done.err
    assert scores("scores").empty
