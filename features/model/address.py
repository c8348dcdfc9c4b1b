"""Addresses: of the MLflow store, always absolute, so that it is the same from every folder; and of a model in it."""

import os
import re
from pathlib import Path

from features.errors import UsageError

DATABASE = "mlflow.db"
_SQLITE = "sqlite:///"
MODEL = re.compile(r"(?P<name>[^@/]+)(?:@(?P<alias>[^@/]+)|/(?P<version>[1-9]\d*))")
"""What names a registered model: NAME@ALIAS or NAME/VERSION."""

_ALLOWED = "sqlite:///FILE.db, postgresql://..., http://..., https://..."


def tracking_uri(asked: str | None = None, folder: Path | None = None) -> str:
    """Absolute tracking URI: as asked, or MLFLOW_TRACKING_URI, or SQLite in the working folder.

    Raises:
        UsageError: this is no URI, or one of a store that is a folder or only in memory.
    """
    uri = asked or os.environ.get("MLFLOW_TRACKING_URI") or _SQLITE + str((folder or Path.cwd()) / DATABASE)
    if uri.startswith("file:") or "://" not in uri:
        raise UsageError(
            "MLflow's store cannot be a plain path or folder: MLflow has retired that kind",
            got=shown(uri),
            allowed=_ALLOWED,
            remedy=f"for a local store write sqlite:///{DATABASE}",
        )
    if not uri.startswith("sqlite"):
        return uri
    path = uri.removeprefix(_SQLITE)
    if path == uri or not path or path.endswith("/") or ":memory:" in path or "?" in path:
        raise UsageError(
            "this is no SQLite file",
            got=uri,
            allowed="sqlite:///FILE.db, or sqlite:////FOLDER/FILE.db from the root",
            remedy="leave drivers and options out; several processes must find the same file under the same name",
        )
    return _SQLITE + str(Path(path).resolve())


def database(uri: str) -> Path | None:
    """The SQLite file of an absolute tracking URI; None for a server."""
    return Path(uri.removeprefix(_SQLITE)) if uri.startswith(_SQLITE) else None


def shown(uri: str) -> str:
    """The URI for messages, without its password."""
    return re.sub(r"(?<=://)([^/@:]*):[^/@]*@", r"\1:***@", uri)
