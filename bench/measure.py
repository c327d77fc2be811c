"""Measure a command: wall time, and the peak memory of the command or of a process that it started."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """`seconds` of wall time; `mebibytes` of peak resident memory of one process."""

    seconds: float
    mebibytes: float


def measure(command: Sequence[str | Path], folder: Path, cache: Path, stdout: Path | None = None) -> Cost:
    """Run `command` in `folder` with the previews' cache at `cache`. Raises RuntimeError if it fails."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with (stdout or Path(os.devnull)).open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment | {"XDG_CACHE_HOME": str(cache)},
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} failed with code {process.returncode}")
    return Cost(seconds, usage.ru_maxrss / 1024)
