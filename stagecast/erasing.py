"""The verb that forgets a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from features.errors import UsageError
from serving.erasure import Erased, Kept, Who, erase
from serving.erasure.artifacts import artifact_places
from serving.job.place import work_of
from serving.store import open_store
from stagecast.config import Config
from stagecast.progress import tell


@dataclass(frozen=True)
class Forgot:
    """What `forget` did and found, and the places of MLflow's files that are not on this machine."""

    erased: Erased
    unseen: list[str]


def forget(customer: str, store: str, more: Sequence[str | Path] = (), config: Config | None = None) -> Forgot:
    """Remove a customer from the scores and from all that was made of them, and search everything for what is left.

    Args:
        customer: the id, letter for letter as in the orders.
        store: the score table.
        more: other files and folders that may name the customer: exports, reports, folders of backtests.
            Rows are taken out of them in place.
        config: settings: where the quarantine, unfinished work and MLflow are.

    Raises:
        UsageError: there is no store, or one of the other places is missing.
        StagecastError: something cannot be read or written; running it again goes on.
        BusyError: a week is being published.
    """
    config = config or Config()
    given = [Path(place) for place in more]
    if not customer or (missing := [place for place in given if not place.exists()]):
        raise UsageError("there is nothing to search", got=", ".join(map(str, missing)) if customer else "no id")
    folder = None if "://" in store else Path(store)
    if folder and not folder.is_dir():
        raise UsageError("there is no score table", got=store, remedy="name the one that `stagecast score` writes to")
    tell("look where MLflow keeps its files")
    artifacts, unseen = artifact_places(config.tracking_uri)
    quarantine = Path(config.orders.quarantine)
    others = [*given, *artifacts, *([quarantine] if quarantine.exists() else [])]
    tell("forget, and search everything again")
    kept = Kept(open_store(store), folder, work_of(store, config.serving.work), others)
    return Forgot(erase(Who(customer, _hashed(customer, config)), kept), unseen)


def _hashed(customer: str, config: Config) -> str | None:
    privacy = config.serving.privacy
    return privacy.naming()(customer) if privacy.ids == "hashed" else None
