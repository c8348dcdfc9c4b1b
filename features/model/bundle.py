"""A model as a folder of text under a manifest of SHA-256 sums; nothing is pickled.

A truncated or flipped LightGBM text kills the process or, worse, scores
wrongly in silence, so every sum is checked before LightGBM reads a byte.
"""

import hashlib
import json
from pathlib import Path

from features.contract import FeatureContract
from features.errors import ModelError
from features.model.forecast import Calibration, Model
from features.stages.spec import StageSpec

MANIFEST = "manifest.json"
FORMAT = 1
"""Version of the folder's layout; raise it when a file is renamed or changes its meaning."""

_PARTS = ("regression", "otherwise", "order", "spend")


def write_bundle(model: Model, folder: Path) -> str:
    """Write a model into an empty folder.

    Returns:
        The digest of the bundle: the SHA-256 of its manifest.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {f"{part}.txt": text for part, text in model.boosters.items()} | {
        "calibration.json": model.calibration.model_dump_json(indent=2),
        "contract.json": model.contract.to_json(),
        "spec.json": model.spec.to_json(),
        "typical.json": json.dumps(model.typical, indent=2, sort_keys=True),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    sums = {name: _sum(text.encode()) for name, text in sorted(texts.items())}
    manifest = json.dumps({"format": FORMAT, "sha256": sums}, indent=2) + "\n"
    (folder / MANIFEST).write_text(manifest, encoding="utf-8", newline="\n")
    return _sum(manifest.encode())


def read_bundle(folder: Path, digest: str) -> Model:
    """Read a model after checking every byte of it.

    Args:
        folder: where the bundle lies.
        digest: what the registry says of it.

    Raises:
        ModelError: the manifest is not the registered one, or a file is
            missing, was added, or is not what the manifest says.
    """
    texts = _checked(folder, digest)
    return Model(
        boosters={part: texts[f"{part}.txt"] for part in _PARTS if f"{part}.txt" in texts},
        calibration=Calibration.model_validate_json(texts["calibration.json"]),
        contract=FeatureContract.model_validate_json(texts["contract.json"]),
        spec=StageSpec.from_json(texts["spec.json"]),
        typical=json.loads(texts["typical.json"]),
    )


def bundle_digest(folder: Path) -> str:
    """SHA-256 of the manifest in a folder.

    Raises:
        ModelError: there is no manifest.
    """
    return _sum(_read(folder, MANIFEST))


def _checked(folder: Path, digest: str) -> dict[str, str]:
    manifest = _read(folder, MANIFEST)
    _compare(MANIFEST, _sum(manifest), digest)
    content = json.loads(manifest)
    if content["format"] != FORMAT:
        raise ModelError(
            "the model bundle has another layout", got=content["format"], allowed=FORMAT, remedy="train the model anew"
        )
    sums: dict[str, str] = content["sha256"]
    added = {path.name for path in folder.iterdir()} - set(sums) - {MANIFEST}
    if added:
        raise ModelError(
            "the model bundle holds files its manifest does not name",
            got=", ".join(sorted(added)),
            allowed=", ".join(sorted(sums)),
            remedy="do not load it; find out who wrote there, and train anew",
        )
    texts = {}
    for name, expected in sums.items():
        data = _read(folder, name)
        _compare(name, _sum(data), expected)
        texts[name] = data.decode("utf-8")
    return texts


def _read(folder: Path, name: str) -> bytes:
    path = folder / name
    if Path(name).name != name or path.is_symlink() or not path.is_file():
        raise ModelError(
            "a file of the model bundle is missing", got=name, remedy="register the model again, or roll back"
        )
    return path.read_bytes()


def _compare(name: str, found: str, expected: str) -> None:
    if found != expected:
        raise ModelError(
            f"the file '{name}' of the model bundle is not the one that was registered",
            got=f"sha256 {found[:16]}...",
            allowed=f"sha256 {expected[:16]}...",
            remedy="the file was damaged or changed: roll back to an earlier version, or train anew",
        )


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
