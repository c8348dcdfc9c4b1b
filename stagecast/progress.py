"""Progress on standard error: a moving line for people, one line a step for logs."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

Step = Callable[[str], None]


@contextmanager
def steps(title: str) -> Iterator[Step]:
    """A function to tell what is being done; what it says is shown until the next step."""
    console = Console(stderr=True)
    if not sys.stderr.isatty() or os.environ.get("CI"):
        yield lambda text: console.print(f"{title}: {text} ...", style=None, highlight=False)
        return
    with console.status(title) as status:
        yield lambda text: status.update(f"{title}: {text} ...")
