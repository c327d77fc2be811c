"""How far a longer piece of work is: a line that is written over on a terminal, nothing in a log."""

from __future__ import annotations

import sys


def progress(done: int, total: int) -> None:
    """Say on standard error that `done` of `total` releases are rendered."""
    if sys.stderr.isatty():
        end = "\r\x1b[2K" if done == total else ""
        sys.stderr.write(f"\r\x1b[2Krendering {done} of {total}{end}")
        sys.stderr.flush()
