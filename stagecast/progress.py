"""Progress on standard error: a moving line for people, one line a step for logs, as text or JSON."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rich.console import Console

from stagecast.logs import as_json, json_logger

Step = Callable[[str], None]

_listener: ContextVar[Step] = ContextVar("_listener", default=lambda _: None)


def tell(text: str) -> None:
    """Say what is being done; whoever opened `steps` shows it, and without them nobody hears."""
    _listener.get()(text)


@contextmanager
def steps(title: str) -> Iterator[Step]:
    """A function to tell what is being done, also heard from `tell`; what it says is shown until the next step."""
    with _shown(title) as step:
        before = _listener.set(step)
        try:
            yield step
        finally:
            _listener.reset(before)


@contextmanager
def _shown(title: str) -> Iterator[Step]:
    if as_json.get():
        with json_logger(title) as logger:
            yield logger.info
        return
    console = Console(stderr=True)
    if not sys.stderr.isatty() or os.environ.get("CI"):
        yield lambda text: console.print(f"{title}: {text} ...", style=None, highlight=False)
        return
    with console.status(title) as status:
        yield lambda text: status.update(f"{title}: {text} ...")
