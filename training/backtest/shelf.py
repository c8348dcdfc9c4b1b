"""Forecasts on disk: one file a cut-off, whole or not at all, and only one process at each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from features.clock import to_date
from features.errors import StagecastError
from features.files import write_parquet, write_whole
from training.forecasts import Forecasts

_ID = "customer_id"
_CUTOFF = b"stagecast.cutoff"


@dataclass(frozen=True)
class Shelf:
    """A folder of forecasts that all depend on the same things.

    Attributes:
        folder: named by their key.
        customers: ids by code.
    """

    folder: Path
    customers: np.ndarray

    def path(self, cutoff: int) -> Path:
        """Where the forecasts of a cut-off are, or will be."""
        return self.folder / f"{to_date(cutoff)}.parquet"

    def open(self, settings: str) -> None:
        """Make the folder, and leave there, for people, the settings that it is named by.

        Raises:
            StagecastError: it cannot be written there.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self.folder / "settings.json", f"{settings}\n".encode())
        except OSError as error:
            raise self._unwritable(error) from error

    def read(self, cutoff: int) -> Forecasts | None:
        """The forecasts of a cut-off; None where there are none, or their file is damaged."""
        try:
            table = pq.read_table(self.path(cutoff), partitioning=None)
            if (table.schema.metadata or {}).get(_CUTOFF) != str(to_date(cutoff)).encode():
                return None
            return Forecasts.of_frame(table.drop_columns([_ID]).to_pandas())
        except (OSError, pa.ArrowException, KeyError, ValueError, StagecastError):
            return None

    def write(self, cutoff: int, forecasts: Forecasts) -> None:
        """Keep the forecasts of a cut-off.

        Raises:
            StagecastError: they cannot be written there.
        """
        frame = forecasts.frame()
        frame.insert(0, _ID, self.customers[forecasts.customer])
        write_parquet(frame, self.path(cutoff), {"cutoff": str(to_date(cutoff))})

    @contextmanager
    def claim(self, cutoff: int) -> Iterator[bool]:
        """Whether this process alone is at a cut-off now; a claim ends with its process, however that ends.

        Raises:
            StagecastError: the folder cannot be written.
        """
        place = self.folder / f".{to_date(cutoff)}.lock"
        held = FileLock(place)
        try:
            place.touch()  # fails at once where FileLock would try again and again
            held.acquire(timeout=0)
        except Timeout:
            yield False
            return
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            yield True
        finally:
            held.release()

    def _unwritable(self, error: OSError) -> StagecastError:
        return StagecastError(
            "the forecasts cannot be kept",
            got=f"{self.folder}: {error.strerror or error}",
            remedy="free some space, let this user write there, or give another --out",
        )
