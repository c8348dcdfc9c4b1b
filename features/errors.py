"""Errors that say what is wrong, the value got, what is allowed and what to do."""

from typing import Any, ClassVar


class StagecastError(Exception):
    """Base of every error that stagecast raises on purpose.

    `exit_code` is what the command line returns: 1 failure, 2 usage, 3 data
    rejected, 4 a gate said no, 75 try again later (as in BSD's sysexits.h).
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, *, got: object = None, allowed: object = None, remedy: str | None = None) -> None:
        self.problem, self.got, self.allowed, self.remedy = problem, got, allowed, remedy
        super().__init__(self._message())

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, whatever it was made from: workers of a cluster hand errors over."""
        return type(self).__new__, (type(self), *self.args), self.__dict__

    def _message(self) -> str:
        parts = [self.problem]
        if self.got is not None:
            parts.append(f"  got: {self.got}")
        if self.allowed is not None:
            parts.append(f"  allowed: {self.allowed}")
        if self.remedy is not None:
            parts.append(f"  to do: {self.remedy}")
        return "\n".join(parts)


class UsageError(StagecastError):
    """A command, an option or a configuration key that cannot be right."""

    exit_code = 2


class DataError(StagecastError):
    """Orders that cannot be used as they are."""

    exit_code = 3


class ModelError(StagecastError):
    """A model that is missing, damaged, or made for other data."""


class GateError(StagecastError):
    """A gate said no: nothing was published or promoted."""

    exit_code = 4


class BusyError(StagecastError):
    """Somebody else holds the lock; the same command may succeed later."""

    exit_code = 75


class LeakError(StagecastError, AssertionError):
    """A feature, a query or a pipeline that breaks a law of point-in-time data; an assertion to test runners."""
