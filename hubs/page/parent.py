"""End a process when its parent ends, so that no process is left behind even if the parent is killed."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import threading
import time
from pathlib import Path

_EVERY = 1  # seconds


def end_with_parent(directory: Path | None = None) -> None:
    """Send this process SIGTERM when its parent ends, and then delete `directory`, which the parent can't delete."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_EVERY)
        os.kill(os.getpid(), signal.SIGTERM)

    def clean() -> None:
        if directory and os.getppid() != parent:
            shutil.rmtree(directory, ignore_errors=True)

    atexit.register(clean)
    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()
