"""What each command does: call the verb, write the file, say what was made and where."""

from stagecast.commands.common import configure

__all__ = ["configure"]
