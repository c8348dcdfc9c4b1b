"""What is done once a week stands, and does not undo it when it fails: the report, and the run in MLflow."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from features.files import write_whole
from serving.config import ServingConfig
from serving.job.place import report_of
from serving.job.record import record
from serving.report import report
from serving.store import Store


@dataclass(frozen=True)
class Afterwards:
    """The rest of the work.

    Attributes:
        store: where the week stands.
        where: the store's address.
        config: what the report shows, what customers are called in it, whether there are runs.
        tell: hears what is being done.
        missed: what could not be done is added here, in words.
        pages: reports that were made already, by cut-off.
    """

    store: Store
    where: str
    config: ServingConfig
    tell: Callable[[str], None]
    missed: list[str]
    pages: dict[str, str] = field(default_factory=dict)

    def page(self, as_of: str) -> Path | None:
        """Write the report beside the scores, where they are in a folder; its file."""
        path = report_of(self.where, as_of)
        if path is None:
            return None
        self.tell("write the report")
        try:
            path.parent.mkdir(exist_ok=True)
            return write_whole(path, self._rendered(as_of).encode())
        except Exception as error:  # a defect of the page must not make a week that stands look failed
            self._miss("the report was not written", error)
            return None

    def record(self, model: str, uri: str | None) -> None:
        """See to it that the newest weeks by a model have their runs in MLflow, if there are to be any."""
        if not self.config.record:
            return
        self.tell("record the run")
        try:
            record(self.store, model, uri, self._rendered)
        except Exception as error:  # likewise
            self._miss("the run was not recorded, and will be together with the next", error)

    def _rendered(self, as_of: str) -> str:
        if as_of not in self.pages:  # a page reads the whole week
            self.pages[as_of] = report(self.store, as_of, self.config.report, self.config.privacy.naming())
        return self.pages[as_of]

    def _miss(self, what: str, error: Exception) -> None:
        self.missed.append(f"{what} ({': '.join(line.strip() for line in str(error).splitlines()[:2])})")
