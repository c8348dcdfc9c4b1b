"""Where MLflow keeps files: folders that can be searched, and addresses that cannot."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from mlflow import MlflowClient
from mlflow.entities import ViewType

from features.model.store import has_store, open_store, quiet


def artifact_places(uri: str | None) -> tuple[list[Path], list[str]]:
    """Folders of all experiments' artifacts on this machine, and the addresses of those that are elsewhere.

    Raises:
        StagecastError: the store cannot be reached.
    """
    if not has_store(uri):
        return [], []
    open_store(uri)
    with quiet():
        experiments = MlflowClient().search_experiments(view_type=ViewType.ALL)
    places = {str(one.artifact_location) for one in experiments}
    here = {place: _folder(place) for place in places}
    folders = {folder for folder in here.values() if folder and folder.exists()}
    return sorted(folders), sorted(place for place, folder in here.items() if folder is None)


def _folder(place: str) -> Path | None:
    parts = urlsplit(place)
    if parts.scheme == "file":
        return Path(unquote(parts.path))
    return Path(place) if not parts.scheme else None
