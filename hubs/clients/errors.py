"""The base class of errors from the clients of other systems."""

from __future__ import annotations


class ClientError(Exception):
    """No usable answer. The message is one line without secrets; `todo` says what to do, if that is known."""

    def __init__(self, message: str, todo: str = "") -> None:
        super().__init__(message)
        self.todo = todo
