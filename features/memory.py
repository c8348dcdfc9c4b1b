"""Memory that is freed and asked for again a moment later."""

import ctypes
import sys
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of mallopt(3)
_KEPT, _LARGE = 512 << 20, 32 << 20


@cache
def keep_freed_memory() -> None:
    """Let glibc keep up to 512 MB of what this process frees.

    It would give each batch's columns back to the system, which hands them
    out anew page by page, emptied: a fifth of the time of a feature table.
    To be called before threads have begun: one that has memory of its own goes
    on giving it back. Where there is no glibc nothing happens.
    """
    adjust = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if adjust is not None:
        adjust(_TRIM_THRESHOLD, _KEPT)
        adjust(_MMAP_THRESHOLD, _LARGE)
        adjust(_ARENA_MAX, 1)  # threads share what is kept: an arena of a thread's own gives it back
