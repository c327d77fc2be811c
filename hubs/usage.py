"""Arguments and variables of modules that run with `python -m`: each, or one line that says what is missing."""

from __future__ import annotations

import os
import sys


def arguments(doc: str | None, least: int, most: int | None = None) -> list[str]:
    """Return the arguments of this process. If there are fewer than `least` or more than `most` (by default `least`),
    print the usage, which is the indented line of the module's `doc`, and exit with 2."""
    given = sys.argv[1:]
    if not least <= len(given) <= (least if most is None else most):
        usage = next(line.strip() for line in (doc or "").splitlines() if line.startswith("    python"))
        print(f"usage: {usage}", file=sys.stderr)
        sys.exit(2)
    return given


def variable(name: str) -> str:
    """Return an environment variable. If it is not set, say so and exit with 2."""
    value = os.environ.get(name)
    if value is None:
        print(f"the environment variable {name} is not set", file=sys.stderr)
        sys.exit(2)
    return value
