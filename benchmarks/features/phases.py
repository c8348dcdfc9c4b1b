"""CPU seconds of the phases of a contestant's work, said on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Measure what is done inside, all threads together."""
    began = time.process_time()
    yield
    print(f"    {name:<16}{time.process_time() - began:9.2f} CPU s", file=sys.stderr, flush=True)
