"""Errors that the user can fix. The command line prints them as they are, without a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from hubs.printable import one_line


class UserError(Exception):
    """Something is wrong in a file, on this machine or in a cluster.

    `str()` is one line for each problem: text that people wrote is escaped, and can't add lines of its own.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(one_line(line) for line in lines))


class UnknownNameError(UserError):
    """The command line names a stack, hub or setting that does not exist. `str()` suggests the nearest one."""


def unknown(problem: str, name: str, known: Collection[str], *, otherwise: str = "") -> str:
    """Return one line: `problem`, then the nearest of the `known` names.

    If none is close, the line ends with `otherwise`, by default with all known names.
    """
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"{problem}; did you mean {close[0]}?"
    names = ", ".join(known) or "none"
    return f"{problem}; {otherwise or f'there are: {names}'}"
