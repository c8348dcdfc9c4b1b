"""Logs as JSON, a line an event, for those who collect them."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from features.errors import StagecastError

as_json: ContextVar[bool] = ContextVar("as_json", default=False)
"""Whether progress and errors are told as JSON."""


class JsonLines(logging.Formatter):
    """One JSON object a record: time (UTC), level, command, message, and what else was told."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told = {"time": when, "level": record.levelname.lower(), "command": record.name, "message": record.getMessage()}
        return json.dumps(told | getattr(record, "more", {}), ensure_ascii=False)


@contextmanager
def json_logger(name: str) -> Iterator[logging.Logger]:
    """A logger that writes JSON lines to standard error."""
    logger, handler = logging.Logger(name, logging.INFO), logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    try:
        yield logger
    finally:
        handler.close()


def log_error(error: Exception, exit_code: int) -> None:
    """Tell an error, with its parts and the exit code."""
    more: dict[str, object] = {"exit_code": exit_code}
    said = str(error)
    if isinstance(error, StagecastError):
        said = error.problem
        sides = {"got": error.got, "allowed": error.allowed, "to_do": error.remedy}
        more |= {name: str(side) for name, side in sides.items() if side is not None}
    with json_logger("stagecast") as logger:
        logger.error(said, extra={"more": more})
