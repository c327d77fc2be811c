"""What the clients of other systems raise."""

from __future__ import annotations


class ClientError(Exception):
    """No usable answer. One line, without secrets; `todo` says what would help, if anything is known to."""

    def __init__(self, message: str, todo: str = "") -> None:
        super().__init__(message)
        self.todo = todo
