"""Find the warnings about new settings that the old ones did not have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubs.settings.errors import Problem
    from hubs.settings.stack import Stack

_Kind = tuple[str, str]
"""Path and message of a warning, without names of hubs."""


def new_warnings(old: Stack | None, new: Stack | None) -> Iterator[Problem]:
    """Yield each warning about the settings `new` that those of `old` did not have.

    The same warning about fewer hubs is not new, and its line in the file does not matter. None stands for settings
    that are not there.
    """
    if new is None:
        return
    names = sorted({hub.key for stack in (old, new) if stack is not None for hub in stack.hubs}, key=len, reverse=True)
    known: dict[_Kind, set[str]] = {}
    for problem in old.warnings if old is not None else ():
        kind, hubs = _parts(problem, names)
        known.setdefault(kind, set()).update(hubs)
    for problem in new.warnings:
        kind, hubs = _parts(problem, names)
        if kind not in known or hubs - known[kind]:
            yield problem


def _parts(problem: Problem, names: Sequence[str]) -> tuple[_Kind, set[str]]:
    """Return what a warning says, and the hubs that it is about."""
    if not names:
        return (problem.path, problem.message), set(problem.hubs)
    one = rf"(?<![\w./-])(?:{'|'.join(map(re.escape, names))})(?![\w./-])"
    some = rf"{one}(?:, {one})*(?: and \d+ more hubs?)?"
    found = re.findall(one, f"{problem.path} {problem.message}")
    return (re.sub(some, "HUBS", problem.path), re.sub(some, "HUBS", problem.message)), {*problem.hubs, *found}
