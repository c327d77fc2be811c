"""A content-addressed cache in a folder: plans and rendered manifests, by a hash of all that they were made from.

Nothing secret is ever stored: plans and manifests hold placeholders where secrets go.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from pathlib import Path

UNUSED_SECONDS = 30 * 24 * 3600
SWEEP_EVERY_SECONDS = 24 * 3600


class Cache:
    """Bytes by key. Safe under parallel runs: entries appear whole, by a rename, and each carries its own checksum.

    `folder=None` stores nothing and finds nothing (`--no-cache`). A folder that can't be written only makes
    things slower. Entries that nobody used for 30 days are removed.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                _sweep(folder)
            except OSError:
                self.folder = None

    @classmethod
    def default(cls) -> Cache:
        """The user's own: `$XDG_CACHE_HOME/imagebuilding`, or `~/.cache/imagebuilding`."""
        home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        return cls(Path(home) / "imagebuilding")

    def get(self, key: str) -> bytes | None:
        """The bytes stored under `key`; None when there are none, or when they are damaged."""
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
                os.utime(path)  # still in use: the sweep goes by the time of last use
        except OSError:
            pass  # removed by another run in between: what was read is whole
        return content

    def put(self, key: str, content: bytes) -> None:
        """Store `content`; a full disk or a read-only folder is no error."""
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
    """A key for everything that `parts` say, as 64 hex digits. Where one part ends and the next begins counts."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def _sweep(folder: Path) -> None:
    """Remove what nobody used for long, at most once a day."""
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
