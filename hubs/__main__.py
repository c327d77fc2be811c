"""`hubs` and `python -m hubs`: the command `hubs` of the checkout in the working directory."""

from __future__ import annotations

import os
import sys


def start() -> None:
    """Run the command. Ctrl-C while it is being imported ends it as it does later."""
    try:
        from hubs.cli import main

        main()
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("hubs"):
            raise
        sys.exit(f"The Python package {error.name} is not installed: run `make setup`, then .venv/bin/hubs.")
    except KeyboardInterrupt:
        os.write(2, b"stopped\n")
        os._exit(130)  # at once: an import was interrupted, and what it left can't be cleaned up


if __name__ == "__main__":
    start()
