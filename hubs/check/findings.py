"""Checks and their findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The outcome of a check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNCHECKED = "unchecked"
    """The check was not possible; the message gives the reason."""


@dataclass(frozen=True)
class Finding:
    """One finding on `subject` in `area`, with what to do if it is a problem."""

    area: str
    subject: str
    status: Status
    message: str
    todo: str = ""


@dataclass(frozen=True)
class Result:
    """A result of a check: a finding without area and subject."""

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
    """A check can't continue, for the reason in the message; `todo` is what to do. Never contains a secret."""

    def __init__(self, message: str, todo: str = "") -> None:
        super().__init__(message)
        self.todo = todo


@dataclass(frozen=True)
class Check:
    """A check of `subject` in `area`. `run` changes nothing, and returns or yields results."""

    area: str
    subject: str
    run: Callable[[], Result | Iterable[Result]]
