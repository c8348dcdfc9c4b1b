"""What must not score: a clear message, an exit code that is not 0, and nothing published."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import mlflow
import pytest
from trained_shop import AS_OF, Shop

from features.model.manifest import DIGEST_TAG
from features.model.store import quiet
from serving.gates import Finding
from serving.job import week
from serving.job.part import Part

EARLIER = "1998-02-23"


@pytest.fixture
def bundle(shop: Shop, tmp_path: Path) -> Iterator[Path]:
    """The champion's files, to be changed; they and the registry's sum are put right afterwards."""
    model = shop.bundle.parents[1]
    shutil.copytree(model, tmp_path / "as it was")
    yield shop.bundle
    shutil.rmtree(model)
    shutil.copytree(tmp_path / "as it was", model)
    tag(shop, shop.registered.digest)


def tag(shop: Shop, digest: str) -> None:
    with quiet():
        client = mlflow.MlflowClient(shop.uri, shop.uri)
        client.set_model_version_tag("stagecast", str(shop.registered.version), DIGEST_TAG, digest)


def truncated(bundle: Path) -> None:
    path = bundle / "regression.txt"
    path.write_bytes(path.read_bytes()[:-500])


def with_another_contract(bundle: Path) -> None:
    path = bundle / "contract.json"
    path.write_text(path.read_text().replace('"recency"', '"moon_phase"'))


def with_an_edited_spec(bundle: Path) -> None:
    path = bundle / "spec.json"
    path.write_text(path.read_text().replace('"hold_days": 28', '"hold_days": 35'))


def registered_anew(shop: Shop, bundle: Path) -> None:
    """Manifest and registry agree with the files again, whatever they are now."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["sha256"] = {name: hashlib.sha256((bundle / name).read_bytes()).hexdigest() for name in manifest["sha256"]}
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    tag(shop, hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest())


@pytest.mark.parametrize("everywhere", [False, True], ids=["files alone", "files and registry"])
@pytest.mark.parametrize("change", [truncated, with_another_contract, with_an_edited_spec])
def test_a_model_that_is_not_what_it_was_does_not_score(
    run, shop: Shop, bundle: Path, change: Callable[[Path], None], everywhere: bool
) -> None:
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    change(bundle)
    assert before != {path.name: path.read_bytes() for path in bundle.iterdir()}
    if everywhere:
        if change is truncated:
            pytest.skip("who can write the files and the registry owns the model")
        registered_anew(shop, bundle)
    done = run("score", shop.orders, "--as-of", AS_OF, "--out", "scores", "--tracking-uri", shop.uri)
    assert done.code == 1
    assert "model" in done.err
    assert not Path("scores").exists()


def test_a_lock_that_was_taken_away_ends_with_75_and_last_week_stays(
    run, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ["score", shop.orders, "--out", "scores", "--tracking-uri", shop.uri, "--as-of"]
    assert run(*wanted, EARLIER).code == 0

    def thief(*_: object) -> list[Finding]:
        Path(f"scores/_work/{AS_OF}.lock").unlink()
        return []

    with monkeypatch.context() as patched:
        patched.setattr(week, "judge", thief)
        done = run(*wanted, AS_OF)
    assert done.code == 75
    assert "was taken away" in done.err
    assert [path.name for path in Path("scores").glob("as_of=*")] == [f"as_of={EARLIER}"]
    assert run(*wanted, AS_OF).code == 0


def test_a_promotion_while_a_week_is_scored_does_not_split_it(run, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The alias is looked up once; who is champion when the last part is scored does not matter."""
    client = mlflow.MlflowClient(shop.uri, shop.uri)
    made, looked = Part.made.__func__, list[str]()  # type: ignore[attr-defined]

    def promoting(kind: type[Part], *given: object) -> Part:
        if not looked:
            client.delete_registered_model_alias("stagecast", "champion")
        looked.append("part")
        return made(kind, *given)  # type: ignore[no-any-return]

    Path("parts.toml").write_text("[features]\npartition_lines = 900\n[serving.gates]\nfresh = 'warn'\n")
    monkeypatch.setattr(Part, "made", classmethod(promoting))
    try:
        done = run("score", shop.orders, "--as-of", AS_OF, "--out", "scores", "--tracking-uri", shop.uri,
                   "--config", "parts.toml", "--summary", "s.json")  # fmt: skip
    finally:
        with quiet():
            client.set_registered_model_alias("stagecast", "champion", str(shop.registered.version))
    assert done.code == 0
    assert json.loads(Path("s.json").read_text())["parts"] == len(looked) > 3
    assert "Scored with stagecast version 1." in done.out
