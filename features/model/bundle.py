"""A model as a folder of text under a manifest of SHA-256 sums; nothing is pickled.

A truncated or flipped LightGBM text kills the process or, worse, scores
wrongly in silence, so every sum is checked before LightGBM reads a byte.
"""

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from features.contract import FeatureContract
from features.errors import ModelError, UsageError
from features.model.forecast import PARTS, REQUIRED_PARTS, Calibration, Model
from features.model.manifest import FORMAT, MANIFEST, Manifest, first_fault, no_model, read_checked, read_plain, sha256
from features.model.reference import Reference
from features.stages.spec import StageSpec

__all__ = ["FORMAT", "MANIFEST", "bundle_digest", "read_bundle", "write_bundle"]

_JSON = frozenset({"calibration.json", "contract.json", "reference.json", "spec.json", "typical.json"})
_NEEDED = _JSON | {f"{part}.txt" for part in REQUIRED_PARTS}
_KNOWN = _NEEDED | {f"{part}.txt" for part in PARTS}


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
        "reference.json": model.reference.model_dump_json(),
        "spec.json": model.spec.to_json(),
        "typical.json": json.dumps(model.typical, indent=2, sort_keys=True),
    }
    sums = {name: sha256(text.encode()) for name, text in sorted(texts.items())}
    texts[MANIFEST] = Manifest(format=FORMAT, sha256=sums).model_dump_json(indent=2) + "\n"
    for name, text in texts.items():
        (folder / name).write_bytes(text.encode())
    return sha256(texts[MANIFEST].encode())


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
    texts = read_checked(folder, digest, _NEEDED, _KNOWN)
    try:
        model = _assembled(texts)
    except ValidationError as error:
        raise no_model(first_fault(error)) from None
    except UsageError as error:
        raise no_model(f"{error.problem} ({error.got})") from None
    if model.contract.spec_hash != model.spec.hash:
        raise no_model(f"contract of spec {model.contract.spec_hash}, and spec {model.spec.hash}")
    return model


def bundle_digest(folder: Path) -> str:
    """SHA-256 of the manifest in a folder.

    Raises:
        ModelError: there is no manifest.
    """
    return sha256(read_plain(folder, MANIFEST))


def _assembled(texts: dict[str, str]) -> Model:
    return Model(
        boosters={part: texts[f"{part}.txt"] for part in PARTS if f"{part}.txt" in texts},
        calibration=Calibration.model_validate_json(texts["calibration.json"]),
        contract=FeatureContract.model_validate_json(texts["contract.json"]),
        spec=StageSpec.from_json(texts["spec.json"]),
        typical=TypeAdapter(dict[str, float]).validate_json(texts["typical.json"]),
        reference=Reference.model_validate_json(texts["reference.json"]),
    )
