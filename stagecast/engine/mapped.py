"""A function mapped over pieces by the workers of a Dask cluster."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from distributed import Client, Future, KilledWorker, wait
from distributed.comm import CommClosedError

from features.errors import BusyError, StagecastError, UsageError
from features.versions import versions

Given = TypeVar("Given")
Found = TypeVar("Found")

Mend = Callable[[], object]
"""Asked now and then to start workers that are missing."""

AHEAD = 4
"""Pieces for each worker that are given out at a time: enough that nobody waits for the slowest, few to be kept."""

_LOOK = 2.0
"""Seconds between two looks at whether anybody is still there."""


class Dask:
    """The workers of a client's cluster; see `features.engine.Engine`.

    A piece whose worker is lost goes to another one; a piece that loses as many
    workers as the scheduler allows (four, by default) ends the work.

    Args:
        reach: gives the client, open as long as this is used, and what starts workers that are missing; asked
            once, when there is work.
        patience: seconds to wait when all workers are gone.
    """

    def __init__(self, reach: Callable[[], tuple[Client, Mend]], patience: float) -> None:
        self._reach, self._patience = reach, patience

    @cached_property
    def _reached(self) -> tuple[Client, Mend]:
        return self._reach()

    @property
    def _client(self) -> Client:
        return self._reached[0]

    def _mend(self) -> None:
        self._reached[1]()

    @property
    def workers(self) -> int:
        """Threads of all workers that are there."""
        return max(self._threads(), 1)

    def _threads(self) -> int:
        try:
            return int(sum(self._client.nthreads().values()))
        except OSError as error:  # else it would be taken for one of a file
            raise _away(error) from error

    def map(self, function: Callable[[Given], Found], pieces: Iterable[Given]) -> Iterator[Found]:
        """See `Engine`.

        Raises:
            StagecastError: a piece lost too many workers.
            BusyError: the cluster, or all its workers, went away.
            UsageError: a worker has other versions of packages on which values depend.
        """
        with _told():
            order = Order(function, versions())
            given = self._client.submit(_itself, order, pure=False)  # sent once; made again where it was lost
            ahead = AHEAD * self.workers
        waiting: deque[Future] = deque()
        try:
            for piece in pieces:
                with _told():
                    waiting.append(self._client.submit(_done, given, piece, pure=False))
                if len(waiting) >= ahead:
                    yield self._result(waiting.popleft())
            while waiting:
                yield self._result(waiting.popleft())
        finally:
            for future in (*waiting, given):
                future.release()

    def _result(self, future: Future) -> Any:
        try:
            with _told():
                self._wait(future)
                return future.result()
        finally:
            future.release()  # else it is done once more where the worker that has done it is lost

    def _wait(self, future: Future) -> None:
        seen = time.monotonic()
        while not future.done():
            with suppress(TimeoutError), self._client.as_current():
                wait([future], timeout=_LOOK)
            self._mend()
            if self._threads():
                seen = time.monotonic()
            elif time.monotonic() - seen > self._patience:
                raise BusyError(
                    "all workers of the Dask cluster are gone",
                    got=f"none for {self._patience:g} s",
                    remedy="nothing was published; start workers, and run the same command again",
                )


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong with the cluster, as an error of ours; what the function raises stays as it is."""
    try:
        yield
    except KilledWorker as error:
        raise StagecastError(
            "a piece of the work ended one worker after the other, as where it takes more memory than they have",
            got=" ".join(str(error).split())[:200],
            remedy="give workers more memory ([engine] memory), or work in smaller pieces (features.partition_lines)",
        ) from error
    except (CancelledError, CommClosedError) as error:
        raise _away(error) from error


def _away(error: BaseException) -> BusyError:
    return BusyError(
        "the Dask cluster went away during the work",
        got=" ".join(str(error).split())[:200] or type(error).__name__,
        remedy="nothing was published; see that the scheduler runs, and run the same command again",
    )


@dataclass(frozen=True)
class Order(Generic[Given, Found]):
    """What workers are to do, and the versions of packages that they must have, for another might give other bits."""

    function: Callable[[Given], Found]
    versions: str


def _itself(order: Order[Given, Found]) -> Order[Given, Found]:
    return order


def _done(order: Order[Given, Found], piece: Given) -> Found:
    if versions() != order.versions:
        raise UsageError(
            "a Dask worker has other versions of packages on which the values depend",
            got=versions(),
            allowed=order.versions,
            remedy="install the same lock on the workers as here",
        )
    return order.function(piece)
