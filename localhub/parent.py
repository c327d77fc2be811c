"""Ending with the process that started this one, so that nothing is left behind even when that one is killed."""

from __future__ import annotations

import os
import signal
import threading
import time

_EVERY = 1  # seconds


def end_with_parent() -> None:
    """Sends this process SIGTERM once its parent is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_EVERY)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()
