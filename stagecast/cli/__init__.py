"""The command line: parse, call the verb, print a plain last line.

Everything heavy is imported inside the commands, so that `--help` answers at once.
"""

import os
import sys

from features.errors import StagecastError
from stagecast.cli import look, model, publish, published, report, rolling, simulate, tune, validity  # noqa: F401  # each adds its commands, in the help's order
from stagecast.cli.root import app
from stagecast.logs import as_json, log_error

__all__ = ["DEBUG", "app", "main"]

DEBUG = "STAGECAST_DEBUG"
"""Environment variable that asks for the traceback."""


def main() -> None:
    """Entry point: what goes wrong becomes a message and an exit code, never a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        code = error.exit_code if isinstance(error, StagecastError) else 1
        if as_json.get():
            log_error(_explained(error), code)
        else:
            print(f"stagecast: {_explained(error)}", file=sys.stderr)
        sys.exit(code)


def _explained(error: Exception) -> Exception:
    """An error in our manners: ours as it is, the system's and unexpected ones dressed the same way."""
    if isinstance(error, StagecastError):
        return error
    if isinstance(error, MemoryError):
        return StagecastError("out of memory", remedy="use a machine with more, or fewer cut-offs")
    if isinstance(error, OSError):
        return StagecastError(error.strerror or str(error), got=error.filename)
    said = str(error).strip().splitlines() or ["no message"]
    return StagecastError(
        f"an unexpected {type(error).__name__}, which is a defect of stagecast",
        got=said[0][:300],
        remedy=f"report it with what {DEBUG}=1 in the environment shows",
    )
