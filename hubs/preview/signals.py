"""Being told to stop, by a person or by a system that shuts down."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def ending_cleanly() -> Iterator[None]:
    """Inside, SIGTERM and SIGHUP end the program as Ctrl-C does: by an exception, so that everything is cleaned up."""

    def stop(number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
