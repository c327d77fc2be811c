"""Standard output and error that no text from a file can use to control the terminal."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from typing import Any, TextIO

from hubs.printable import printable

# On a terminal: the colours, cursor movements and erased lines of rich and of the progress line.
_OURS = re.compile(r"(\x1b\[[0-9;]*[mKA]|\x1b\[\?25[lh]|[\n\t]|\r(?=\x1b\[))")
_BREAKS = re.compile(r"([\n\t])")


class _Escaping:
    """A text stream that escapes what is written to it, except line breaks and tabs. Everything else is the stream's.

    Commands escape what they print themselves, because only they know where a line ends. This is for what they forget.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._kept = _OURS if stream.isatty() else _BREAKS

    def write(self, text: str) -> int:
        if not text.isprintable():
            parts = self._kept.split(text)
            text = "".join(part if index % 2 else printable(part) for index, part in enumerate(parts))
        return self._stream.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def escaped() -> Iterator[None]:
    """Escape what is written to standard output and error inside the block.

    A character that the stream's encoding lacks is escaped too, instead of being an error.
    """
    before = sys.stdout, sys.stderr
    for stream in before:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.stdout, sys.stderr = (_Escaping(stream) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def discard(stream: TextIO) -> None:
    """Send the rest of a stream nowhere. Otherwise Python would try to write it at exit, and report a second error."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
