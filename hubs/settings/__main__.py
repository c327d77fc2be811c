"""`python -m hubs.settings [SETTING]`: the reference of one setting, or of all."""

from __future__ import annotations

import contextlib
import sys

from hubs.settings.reference import UnknownSettingError, reference

if __name__ == "__main__":
    try:
        with contextlib.suppress(BrokenPipeError):  # the reader has seen enough
            print(reference(sys.argv[1] if len(sys.argv) > 1 else None), flush=True)
    except UnknownSettingError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
