"""`python -m hubs.settings`: every setting with its type, default and meaning."""

from __future__ import annotations

import contextlib

from hubs.settings.reference import lines

if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # the reader has seen enough
        print("\n".join(lines()), flush=True)
