"""An engine that behaves as if others did the work: what is given and found is sent through a wire."""

import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")


@dataclass
class OtherProcesses:
    """Works in this process, on copies; each piece is done so many times, as where workers were lost.

    Attributes:
        times: how often a piece is done.
        sent: bytes that went over the wire.
    """

    times: int = 1
    sent: list[int] = field(default_factory=list)
    workers: int = 2

    def map(self, function: Callable[[Given], Found], pieces: Iterable[Given]) -> Iterator[Found]:
        """See `features.engine.Engine`."""
        for piece in pieces:
            for _ in range(self.times):
                found = self._copied(function)(self._copied(piece))
            yield self._copied(found)

    def _copied(self, thing: Given) -> Given:
        wire = pickle.dumps(thing)
        self.sent.append(len(wire))
        copy: Given = pickle.loads(wire)
        return copy
