"""Take pictures of the options pages whose profiles a pull request changes.

    python -m scripts.preview_pictures REPORT FOLDER

Runs in the job that has the pull request's code and no secrets. REPORT is the report of `preview_artifact.py`. Creates
FOLDER and installs what the pages need only if a page changes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from hubs.usage import arguments

PROFILES = "singleuser.profileList"
SET_UP = ["make", "--silent", ".venv/.installed-page", ".venv/.proxy"]
MAX_PAGES = 20


def main() -> int:
    """Write FOLDER/<stack>-<community>-<hub>.png for each page. Return 1 if a page failed."""
    report, folder = map(Path, arguments(__doc__, 2))
    if not report.is_file():
        print("no report, so no pictures")
        return 0
    pages = [page for stack in json.loads(report.read_text())["stacks"] for page in changed_pages(stack)]
    if not pages:
        print("no options page changes")
        return 0
    subprocess.run(SET_UP, check=True)
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    for stack, hub in pages[:MAX_PAGES]:
        picture = folder / f"{stack}-{hub.replace('/', '-')}.png"
        command = [sys.executable, "-m", "hubs", "page", stack, hub, "--screenshot", str(picture)]
        failed |= subprocess.run(command, check=False).returncode
    if len(pages) > MAX_PAGES:
        print(f"wrote pictures of the first {MAX_PAGES} of {len(pages)} pages only")
    return failed


def changed_pages(stack: dict[str, Any]) -> list[tuple[str, str]]:
    """Return stack and name (community/hub) of each hub that is new or whose profiles change."""
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
