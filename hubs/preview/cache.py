"""A content-addressed cache in a folder: plans and rendered manifests, by a hash of everything they are made from.

The cache contains no secrets: plans and manifests contain placeholders instead.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Self

from hubs import confine

UNUSED_SECONDS = 30 * 24 * 3600
SWEEP_EVERY_SECONDS = 24 * 3600


class Cache:
    """Bytes by key. Safe for parallel runs: entries are complete when they appear, and each has its own checksum.

    With `folder=None` nothing is stored or found (`--no-cache`). A folder that can't be written disables the cache.
    Entries that were not used for 30 days are removed. Leaving it as a context manager removes `scratch`.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                _sweep(folder)
            except OSError:
                self.folder = None

    @classmethod
    def default(cls) -> Cache:
        """Return the user's cache: `$XDG_CACHE_HOME/imagebuilding`, or `~/.cache/imagebuilding`.

        On a machine that can't confine the code of a pull request, nothing is stored or found: such code could store
        wrong results for later runs.
        """
        if not confine.is_confined():
            return cls(None)
        home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return cls(Path(home) / "imagebuilding")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._scratch is not None:
            self._scratch.cleanup()

    def scratch(self) -> Path:
        """Return a folder for files that are needed in this run only."""
        with self._lock:
            if self._scratch is None:
                self._scratch = tempfile.TemporaryDirectory(prefix="imagebuilding-")
        return Path(self._scratch.name)

    def get(self, key: str) -> bytes | None:
        """Return the bytes stored under `key`, or None if there are none or they are damaged."""
        if self.folder is None:
            return None
        path = self._path(key)
        try:
            stored = path.read_bytes()
        except OSError:
            return None
        checksum, content = stored[:64], stored[64:]
        if hashlib.sha256(content).hexdigest().encode() != checksum:
            return None
        try:
            if time.time() - path.stat().st_mtime > SWEEP_EVERY_SECONDS:
                os.utime(path)  # the sweep removes entries by the time of last use
        except OSError:
            pass  # another run removed the entry meanwhile; the content is already read
        return content

    def put(self, key: str, content: bytes) -> None:
        """Store `content`. A full disk or a read-only folder is not an error."""
        if self.folder is None:
            return
        path = self._path(key)
        temporary = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                temporary = Path(file.name)
                file.write(hashlib.sha256(content).hexdigest().encode() + content)
            temporary.replace(path)
        except OSError:
            if temporary is not None:
                temporary.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        assert self.folder is not None  # noqa: S101  (callers checked it)
        return self.folder / "entries" / key[:2] / key


def key_of(*parts: bytes | str) -> str:
    """Return a key for all `parts`, as 64 hexadecimal digits. The boundaries between parts matter."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def canonical(value: Any) -> str:
    """Return plain data as JSON text that is the same for equal data."""
    return json.dumps(value, sort_keys=True)


def _sweep(folder: Path) -> None:
    """Remove entries that were not used for a long time, at most once a day."""
    marker = folder / "swept"
    now = time.time()
    if marker.exists() and now - marker.stat().st_mtime < SWEEP_EVERY_SECONDS:
        return
    marker.touch()
    for entry in (folder / "entries").glob("*/*"):
        try:
            if now - entry.stat().st_mtime > UNUSED_SECONDS:
                entry.unlink()
        except FileNotFoundError:
            continue  # another run swept it first
