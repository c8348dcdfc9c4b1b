"""The manifest of a model bundle: the SHA-256 sum of every file, and the checks against it."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from features.config import Strict
from features.errors import ModelError

MANIFEST = "manifest.json"
DIGEST_TAG = "bundle_sha256"
"""Tag of a registered version that holds the SHA-256 sum of its manifest; training sets it, serving checks by it."""

FORMAT = 4
"""Version of the folder's layout; raise it when a file is renamed or changes its meaning."""


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


def read_checked(folder: Path, digest: str, needed: frozenset[str], known: frozenset[str]) -> dict[str, str]:
    """Text of every file by name, once its sum is right and the manifest's own is `digest`.

    Args:
        folder: where the bundle lies.
        digest: SHA-256 of the manifest, from where the model is registered.
        needed: names of the files that every bundle has.
        known: those and the names of the files it may have besides.

    Raises:
        ModelError: a byte is not as registered, or a file is missing, was
            added, is no plain file, or has a name that is not known.
    """
    written = read_plain(folder, MANIFEST)
    _compare(MANIFEST, sha256(written), digest)
    manifest = _manifest(written)
    if not needed <= set(manifest.sha256) <= known:
        raise no_model(f"{MANIFEST} names {', '.join(sorted(manifest.sha256))}")
    _refuse_added(manifest, folder)
    return {name: _text(folder, name, expected) for name, expected in manifest.sha256.items()}


def read_plain(folder: Path, name: str) -> bytes:
    """Bytes of a plain file; a link may point anywhere, and elsewhere by the next look.

    Raises:
        ModelError: it is missing, is a link or a folder, or cannot be read.
    """
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


def sha256(data: bytes) -> str:
    """SHA-256 in hex digits."""
    return hashlib.sha256(data).hexdigest()


def no_model(got: str) -> ModelError:
    """The error for a bundle that is whole, and of no use."""
    return ModelError(
        "the model bundle is as registered, but is no model that this version of stagecast can read",
        got=got,
        remedy="train the model anew, or score with the version that trained it",
    )


def first_fault(error: ValidationError) -> str:
    """Where and what the first fault is that pydantic found."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'])) or 'JSON'}: {first['msg']}"


def _manifest(written: bytes) -> Manifest:
    try:
        layout = _Layout.model_validate_json(written).format
        if layout == FORMAT:
            return Manifest.model_validate_json(written)
    except ValidationError as error:
        raise no_model(f"{MANIFEST}: {first_fault(error)}") from None
    raise ModelError("the model bundle has another layout", got=layout, allowed=FORMAT, remedy="train the model anew")


def _refuse_added(manifest: Manifest, folder: Path) -> None:
    added = {path.name for path in folder.iterdir()} - set(manifest.sha256) - {MANIFEST}
    if added:
        raise ModelError(
            "the model bundle holds files its manifest does not name",
            got=", ".join(sorted(added)),
            allowed=", ".join(sorted(manifest.sha256)),
            remedy="do not load it; find out who wrote there, and train anew",
        )


def _text(folder: Path, name: str, expected: str) -> str:
    data = read_plain(folder, name)
    _compare(name, sha256(data), expected)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise no_model(f"{name} is no UTF-8 text") from None


def _compare(name: str, found: str, expected: str) -> None:
    if found != expected:
        raise ModelError(
            f"the file '{name}' of the model bundle is not the one that was registered",
            got=f"sha256 {found[:16]}...",
            allowed=f"sha256 {expected[:16]}...",
            remedy="the file was damaged or changed: roll back to an earlier version, or train anew",
        )
