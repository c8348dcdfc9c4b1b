"""Work on several pieces at once, by threads: what is done holds no lock of the interpreter."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from features.memory import keep_freed_memory

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def in_order(work: Callable[[_In], _Out], parts: Iterable[_In], threads: int) -> Iterator[_Out]:
    """What work makes of each part, in the order of the parts; at most one finished piece a thread lies waiting."""
    keep_freed_memory()
    threads = threads or os.cpu_count() or 1
    if threads == 1:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[_Out]] = deque()
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
