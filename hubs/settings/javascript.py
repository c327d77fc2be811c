"""Regular expressions that mean the same to Python and to browsers.

KubeSpawner matches what people type with Python's `re.match`; the page does it with `new RegExp(..., "g")`
(jupyterhub-fancy-profiles, src/components/form/fields.tsx).
JavaScript's grammar: https://tc39.es/ecma262/#sec-patterns.
"""

from __future__ import annotations

import re

_ESCAPES = "bBdDwWsStnrfv0"
"""Letters that both have after a backslash, with the same meaning for text of ASCII."""
_QUANTIFIER = re.compile(r"[*+?]|\{[0-9]+(?:,[0-9]*)?\}")
_GROUPS = ("?:", "?=", "?!", "?<=", "?<!")


def not_javascript(pattern: str) -> str | None:
    """Return what JavaScript refuses or understands differently in a valid Python expression, or None."""
    place = 0
    groups: list[str] = []
    closed = ""
    """How the group began whose closing parenthesis was the last character."""
    while place < len(pattern):
        rest = pattern[place:]
        before, closed = closed, ""
        if rest[0] == "\\":
            length = _escape(rest)
        elif rest[0] == "[":
            length = _character_class(rest)
        elif rest[0] == "(":
            kind = next((kind for kind in _GROUPS if rest.startswith(kind, 1)), "")
            if rest.startswith("(?") and not kind:
                return f"{rest[:3]!r} is not known to JavaScript"
            groups.append(kind)
            length = 1 + len(kind)
        elif rest[0] == ")":
            closed, length = (groups.pop() if groups else ""), 1
        elif found := _QUANTIFIER.match(rest):
            if before in ("?<=", "?<!"):
                return "a lookbehind can't be repeated in JavaScript"
            length = found.end()
            if rest.startswith("+", length):
                return f"{rest[: length + 1]!r} is not known to JavaScript"
            length += rest.startswith("?", length)
        elif rest.startswith("{,"):
            return "'{,n}' is text in JavaScript: write {0,n}"
        else:
            length = 1
        if length == 0:
            return f"{rest[:2]!r} is not the same in JavaScript"
        place += length
    return None


def _escape(rest: str) -> int:
    """Return the length of an escape sequence that is the same in both, or 0."""
    following = rest[1:2]
    if following == "x":
        return 4
    if following == "u":
        return 6
    if following in "123456789":
        return 0 if rest[2:3].isdigit() else 2
    if following == "0":
        return 0 if rest[2:3].isdigit() else 2
    return 2 if following in _ESCAPES or (following.isascii() and not following.isalnum()) else 0


def _character_class(rest: str) -> int:
    """Return the length of a character class that is the same in both, or 0."""
    place = 2 if rest.startswith("[^") else 1
    if rest.startswith("]", place):
        return 0  # text in Python, the end of the class in JavaScript
    while place < len(rest) and rest[place] != "]":
        if rest[place] == "\\":
            if rest[place + 1 : place + 2] in "B123456789":
                return 0
            length = _escape(rest[place:])
            if length == 0:
                return 0
            place += length
        elif ord(rest[place]) > 0xFFFF:
            return 0  # two characters in JavaScript
        else:
            place += 1
    return place + 1
