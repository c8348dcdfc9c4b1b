"""CPU seconds of the phases of a contestant's work."""

import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Lock
from types import ModuleType

SPENT: dict[str, float] = defaultdict(float)
"""By phase."""

WRITING = "writing out"
"""Values written into the table, a row for each customer and cut-off."""

_lock = Lock()


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Measure what is done inside, all threads together, and say it on standard error."""
    began = time.process_time()
    yield
    SPENT[name] += time.process_time() - began
    print(f"    {name:<16}{SPENT[name]:9.2f} CPU s", file=sys.stderr, flush=True)


def counted(owner: type | ModuleType, method: str, name: str) -> None:
    """Have every call of a method, or of a module's function, counted as a phase of its own, in whatever thread."""
    called = getattr(owner, method)

    @wraps(called)
    def timed(*args: object) -> object:
        began = time.thread_time()
        try:
            return called(*args)
        finally:
            with _lock:
                SPENT[name] += time.thread_time() - began

    setattr(owner, method, timed)
