"""`python -m hubs`: the command `hubs` of the checkout in the working directory."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    try:
        from hubs.cli import main
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("hubs"):
            raise
        sys.exit(f"The Python package {error.name} is not installed: run `make setup`, then .venv/bin/hubs.")
    main()
