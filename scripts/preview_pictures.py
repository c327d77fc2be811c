"""Runs in the job that has the pull request's code and no secret: pictures of the pages whose profiles changed.

    python -m scripts.preview_pictures REPORT FOLDER

REPORT is what `preview_artifact.py` wrote. Makes FOLDER only where there is a page to show, and sets up what the pages
need only then.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROFILES = "singleuser.profileList"
SET_UP = ["make", "--silent", ".venv/.installed-page", ".venv/.proxy"]
MAX_PAGES = 20


def main() -> int:
    """Write FOLDER/<stack>-<community>-<hub>.png for each. The exit code is 1 where a page could not be shown."""
    report, folder = Path(sys.argv[1]), Path(sys.argv[2])
    if not report.is_file():
        print("there is no report, so there are no pictures")
        return 0
    pages = [page for stack in json.loads(report.read_text()) for page in changed_pages(stack)]
    if not pages:
        print("no page changes")
        return 0
    subprocess.run(SET_UP, check=True)
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    for stack, hub in pages[:MAX_PAGES]:
        picture = folder / f"{stack}-{hub.replace('/', '-')}.png"
        command = [sys.executable, "-m", "hubs", "page", stack, hub, "--screenshot", str(picture)]
        failed |= subprocess.run(command, check=False).returncode
    if len(pages) > MAX_PAGES:
        print(f"only the first {MAX_PAGES} of {len(pages)} pages are shown")
    return failed


def changed_pages(stack: dict[str, Any]) -> list[tuple[str, str]]:
    """Stack and name (community/hub) of each hub that is new or whose profiles differ."""
    return [
        (stack["stack"], hub["name"])
        for hub in stack["hubs"]
        if hub["action"] == "added"
        or any(
            change["path"].startswith(PROFILES)
            for release in hub["releases"]
            for change in release["values"]
            if hub["action"] != "removed"
        )
    ]


if __name__ == "__main__":
    sys.exit(main())
