"""What a preview says on standard error, so that its output stays what was asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from hubs.settings.errors import Problem
from hubs.settings.stack import Stack


def complain(problems: Iterable[Problem]) -> int:
    """Print the problems of hubs that are left out, one line each, and return the exit code: 1 if there are any."""
    lines = [str(problem) for problem in problems]
    for line in lines:
        print(line, file=sys.stderr)
    return 1 if lines else 0


def remind(stack: Stack, hub: str | None = None) -> None:
    """Print what has to be done before a hub, or the whole stack, can be deployed."""
    for item in stack.todo:
        if hub is None or hub in item.hubs:
            print(f"to do: {item}", file=sys.stderr)
