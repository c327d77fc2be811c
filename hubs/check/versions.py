"""Check whether a chart's `kubeVersion` accepts a Kubernetes version.

The rules are those of Helm's library (https://github.com/Masterminds/semver#checking-version-constraints): ` ` and `,`
mean and, `||` means or; a version with a suffix (`v1.33.5-gke.1080000`) is accepted only by a constraint with one.
"""

from __future__ import annotations

import re

_VERSION = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_TERM = re.compile(r"(=|==|!=|>=|=>|<=|=<|>|<|~|~>|\^)?\s*(v?[0-9xX*]+(?:\.[0-9xX*]+){0,2}(?:-[0-9A-Za-z.-]+)?)")

Numbers = tuple[int, int, int]


def accepts(constraint: str, version: str) -> bool:
    """Return whether `version` (`v1.33.5-eks-1`) is within `constraint` (`>=1.28.0-0`).

    Raises ValueError if either is invalid.
    """
    found = _VERSION.fullmatch(version.strip())
    if not found:
        raise ValueError(f"{version!r} is not a version")
    numbers: Numbers = (int(found[1]), int(found[2] or 0), int(found[3] or 0))
    return any(_all(part, numbers, bool(found[4])) for part in constraint.split("||"))


def _all(constraint: str, version: Numbers, suffix: bool) -> bool:
    text = _ranges(constraint.split()).replace(",", " ").strip()
    if not text:
        raise ValueError("the constraint is empty")
    position, result = 0, True
    while position < len(text):
        term = _TERM.match(text, position)
        if not term:
            raise ValueError(f"{constraint.strip()!r} is not a version constraint")
        result = _term(term[1] or "=", term[2], version, suffix) and result
        position = term.end()
        position += len(text[position:]) - len(text[position:].lstrip())
    return result


def _ranges(words: list[str]) -> str:
    """Return the constraint with `1.2 - 1.4` as `>=1.2 <=1.4`."""
    found: list[str] = []
    while words:
        if len(words) > 2 and words[1] == "-":
            found += [f">={words[0]}", f"<={words[2]}"]
            words = words[3:]
        else:
            found.append(words[0])
            words = words[1:]
    return " ".join(found)


def _term(operator: str, text: str, version: Numbers, suffix: bool) -> bool:
    base, dash, _ = text.removeprefix("v").partition("-")
    parts = base.split(".")
    written = next((i for i, part in enumerate(parts) if not part.isdigit()), len(parts))  # how many are numbers
    if suffix and not dash:
        return False
    if written == 0:
        return operator not in ("!=", "<", ">")
    low = tuple([*map(int, parts[:written]), 0, 0][:3])
    # The first version beyond what was written: 1.2 means every 1.2.x
    width = min(written, 3) - 1
    beyond = _next(low, width)
    significant = next((i for i in range(written) if low[i]), width)
    inside = low <= version < beyond
    return {
        "=": inside,
        "==": inside,
        "!=": not inside,
        ">": version >= beyond,
        "<": version < low,
        ">=": version >= low,
        "=>": version >= low,
        "<=": version < beyond,
        "=<": version < beyond,
        "^": low <= version < _next(low, significant),
        "~": low <= version < _next(low, min(width, 1)),
        "~>": low <= version < _next(low, min(width, 1)),
    }[operator]


def _next(version: tuple[int, ...], place: int) -> tuple[int, ...]:
    return (*version[:place], version[place] + 1, *([0] * (2 - place)))
