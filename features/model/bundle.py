"""A model as a folder of text under a manifest of SHA-256 sums; nothing is pickled.

A truncated or flipped LightGBM text kills the process or, worse, scores
wrongly in silence, so every sum is checked before LightGBM reads a byte.
"""

import hashlib
import json
from pathlib import Path

from pydantic import BaseModel, TypeAdapter, ValidationError

from features.config import Strict
from features.contract import FeatureContract
from features.errors import ModelError, UsageError
from features.model.forecast import PARTS, REQUIRED_PARTS, Calibration, Model
from features.stages.spec import StageSpec

MANIFEST = "manifest.json"
FORMAT = 1
"""Version of the folder's layout; raise it when a file is renamed or changes its meaning."""

_TEXTS = ("calibration.json", "contract.json", "spec.json", "typical.json")


class _Layout(BaseModel):
    """The one thing every manifest says, whatever its layout."""

    format: int


class Manifest(Strict):
    """What a bundle holds.

    Attributes:
        format: layout of the folder.
        sha256: sum of each file, by name; the manifest itself is not among them.
    """

    format: int
    sha256: dict[str, str]


def write_bundle(model: Model, folder: Path) -> str:
    """Write a model into a new or empty folder.

    Returns:
        The digest of the bundle: the SHA-256 of its manifest.

    Raises:
        ModelError: the folder holds something already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ModelError("a model bundle is written into an empty folder", got=folder, remedy="name a new folder")
    texts = {f"{part}.txt": text for part, text in model.boosters.items()} | {
        "calibration.json": model.calibration.model_dump_json(indent=2),
        "contract.json": model.contract.to_json(),
        "spec.json": model.spec.to_json(),
        "typical.json": json.dumps(model.typical, indent=2, sort_keys=True),
    }
    sums = {name: _sum(text.encode()) for name, text in sorted(texts.items())}
    texts[MANIFEST] = Manifest(format=FORMAT, sha256=sums).model_dump_json(indent=2) + "\n"
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    return _sum(texts[MANIFEST].encode())


def read_bundle(folder: Path, digest: str) -> Model:
    """Read a model after checking every byte of it.

    Args:
        folder: where the bundle lies.
        digest: what the registry says of it.

    Raises:
        ModelError: the manifest is not the registered one, a file is missing,
            was added, or is not what the manifest says; or the sums are right
            but what they sum up is no model.
    """
    texts = _checked(folder, digest)
    try:
        model = Model(
            boosters={part: texts[f"{part}.txt"] for part in PARTS if f"{part}.txt" in texts},
            calibration=Calibration.model_validate_json(texts["calibration.json"]),
            contract=FeatureContract.model_validate_json(texts["contract.json"]),
            spec=StageSpec.from_json(texts["spec.json"]),
            typical=TypeAdapter(dict[str, float]).validate_json(texts["typical.json"]),
        )
    except (ValidationError, UsageError) as error:
        raise _no_model(_first_line(error)) from None
    if model.contract.spec_hash != model.spec.hash:
        raise _no_model(f"contract of spec {model.contract.spec_hash}, and spec {model.spec.hash}")
    return model


def bundle_digest(folder: Path) -> str:
    """SHA-256 of the manifest in a folder.

    Raises:
        ModelError: there is no manifest.
    """
    return _sum(_read(folder, MANIFEST))


def _checked(folder: Path, digest: str) -> dict[str, str]:
    """Every file's text by name, once its sum and the manifest's are right."""
    written = _read(folder, MANIFEST)
    _compare(MANIFEST, _sum(written), digest)
    manifest = _manifest(written)
    _require_files(manifest, {path.name for path in folder.iterdir()})
    texts = {}
    for name, expected in manifest.sha256.items():
        data = _read(folder, name)
        _compare(name, _sum(data), expected)
        texts[name] = _text(name, data)
    return texts


def _manifest(written: bytes) -> Manifest:
    try:
        layout = _Layout.model_validate_json(written).format
        if layout == FORMAT:
            return Manifest.model_validate_json(written)
    except ValidationError as error:
        raise _no_model(f"{MANIFEST}: {_first_line(error)}") from None
    raise ModelError("the model bundle has another layout", got=layout, allowed=FORMAT, remedy="train the model anew")


def _require_files(manifest: Manifest, present: set[str]) -> None:
    needed = {f"{part}.txt" for part in REQUIRED_PARTS} | set(_TEXTS)
    known = needed | {f"{part}.txt" for part in PARTS}
    named = set(manifest.sha256)
    if not needed <= named <= known:
        raise _no_model(f"{MANIFEST} names {', '.join(sorted(named))}")
    added = present - named - {MANIFEST}
    if added:
        raise ModelError(
            "the model bundle holds files its manifest does not name",
            got=", ".join(sorted(added)),
            allowed=", ".join(sorted(named)),
            remedy="do not load it; find out who wrote there, and train anew",
        )


def _read(folder: Path, name: str) -> bytes:
    """A plain file's bytes; a link may point anywhere, and elsewhere by the next look."""
    path = folder / name
    try:
        if path.is_file() and not path.is_symlink():
            return path.read_bytes()
        problem = "is not there, or is no plain file"
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    raise ModelError(
        f"the file '{name}' of the model bundle {problem}",
        got=folder,
        remedy="register the model again, or roll back to an earlier version",
    )


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _no_model(f"{name} is no UTF-8 text") from None


def _compare(name: str, found: str, expected: str) -> None:
    if found != expected:
        raise ModelError(
            f"the file '{name}' of the model bundle is not the one that was registered",
            got=f"sha256 {found[:16]}...",
            allowed=f"sha256 {expected[:16]}...",
            remedy="the file was damaged or changed: roll back to an earlier version, or train anew",
        )


def _no_model(got: str) -> ModelError:
    return ModelError(
        "the model bundle is as registered, but is no model that this version of stagecast can read",
        got=got,
        remedy="train the model anew, or score with the version that trained it",
    )


def _first_line(error: ValidationError | UsageError) -> str:
    if isinstance(error, UsageError):
        return f"{error.problem} ({error.got})"
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'JSON'}: {first['msg']}"


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
