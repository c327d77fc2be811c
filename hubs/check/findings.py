"""What a check finds, and what a check is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNCHECKED = "unchecked"
    """Could not be checked; the message says why."""


@dataclass(frozen=True)
class Finding:
    """One thing found: about what (`area`, `subject`), what it is, and what to do if it is not well."""

    area: str
    subject: str
    status: Status
    message: str
    todo: str = ""


@dataclass(frozen=True)
class Result:
    """What a check says: a finding that lacks only what it is about."""

    status: Status
    message: str
    todo: str = ""


def ok(message: str) -> Result:
    return Result(Status.OK, message)


def warning(message: str, todo: str) -> Result:
    return Result(Status.WARNING, message, todo)


def failed(message: str, todo: str) -> Result:
    return Result(Status.FAILED, message, todo)


def unchecked(message: str, todo: str = "") -> Result:
    return Result(Status.UNCHECKED, message, todo)


class CannotCheckError(Exception):
    """Raised by a check that can't go on: the message says why, `todo` what would help. Never holds a secret."""

    def __init__(self, message: str, todo: str = "") -> None:
        super().__init__(message)
        self.todo = todo


@dataclass(frozen=True)
class Check:
    """Something to look at. `look` changes nothing, and returns or yields what it finds."""

    area: str
    subject: str
    look: Callable[[], Result | Iterable[Result]]
