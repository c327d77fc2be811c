"""Interactive use: a progress line on standard error, and a clean end on signals."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType


def progress(done: int, total: int) -> None:
    """Show on standard error how many releases are rendered. Writes nothing if standard error is not a terminal."""
    if sys.stderr.isatty():
        end = "\r\x1b[2K" if done == total else ""
        sys.stderr.write(f"\r\x1b[2Krendering {done} of {total}{end}")
        sys.stderr.flush()


@contextlib.contextmanager
def ending_cleanly() -> Iterator[None]:
    """Handle SIGTERM and SIGHUP like Ctrl-C inside the block: raise KeyboardInterrupt, so that all clean-up runs."""

    def stop(number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
