"""Write the changes of a pull request to files for `preview_comment.py`.

    python -m scripts.preview_artifact BASE FOLDER

Runs in the job that has the pull request's code and no secrets. Needs the project's environment. PULL_REQUEST is the
number of the pull request.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hubs.usage import arguments, variable

MAX_ERRORS = 20_000


def main() -> int:
    """Write report.json (if the diff printed one), errors.txt and number, and return the exit code of the diff."""
    base, place = arguments(__doc__, 2)
    folder = Path(place)
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "hubs", "diff", "--all", "--base", base, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.stdout:
        (folder / "report.json").write_text(done.stdout)
    failed = done.returncode != 0
    (folder / "errors.txt").write_text(done.stderr[:MAX_ERRORS] if failed else "")
    (folder / "number").write_text(variable("PULL_REQUEST"))
    print(done.stderr, file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
