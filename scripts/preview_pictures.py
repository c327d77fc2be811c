"""Take pictures of the options pages that a pull request changes, before and after.

    python -m scripts.preview_pictures REPORT BASE FOLDER

Runs in the job that has the pull request's code and no secrets. REPORT is the report of `preview_artifact.py` on the
changes since the revision BASE. Creates FOLDER and installs what the pages need only if a page changes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from hubs.preview.diff.revisions import worktree
from hubs.usage import arguments

SET_UP = ["make", "--silent", ".venv/.installed-page", ".venv/.proxy"]
MAX_PAGES = 20
_SHEET = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>Options pages before and after</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 24px; color: #222; background: #fff }}
section div {{ display: flex; gap: 24px; align-items: flex-start; overflow-x: auto }}
figure {{ margin: 0; flex: 0 0 48% }} img {{ width: 100%; border: 1px solid #ccc }}
</style></head><body><h1>Options pages before and after</h1>{pages}</body></html>
"""


@dataclass(frozen=True)
class Page:
    """The options page of a hub that changes. `new`: the hub did not exist before. `alike`: hubs with an equal page."""

    stack: str
    hub: str
    """COMMUNITY/HUB."""
    new: bool
    alike: tuple[str, ...] = ()

    def picture(self, side: str) -> str:
        """The name of the file with the page `before` or `after`. Both are next to each other in a list."""
        return f"{self.stack}-{self.hub.replace('/', '-')}-{side}.png"


def main() -> int:
    """Write FOLDER/<stack>-<community>-<hub>-before.png and -after.png for each page, and index.html with all of them
    side by side. Return 1 if a picture of the new page failed."""
    report, base, folder = arguments(__doc__, 3)
    if not Path(report).is_file():
        print("no report, so no pictures")
        return 0
    found = [page for stack in json.loads(Path(report).read_text())["stacks"] for page in changed_pages(stack)]
    if not found:
        print("no options page changes")
        return 0
    subprocess.run(SET_UP, check=True)
    return take(found[:MAX_PAGES], base, Path(folder).resolve(), len(found) - MAX_PAGES)


def take(pages: Sequence[Page], base: str, folder: Path, left_out: int) -> int:
    """Write the pictures and the sheet. `left_out`: how many pages have none, if that is more than 0."""
    folder.mkdir(parents=True, exist_ok=True)
    root, failed = Path.cwd(), 0
    with ExitStack() as trees:
        before = trees.enter_context(worktree(root, base)) if any(not page.new for page in pages) else root
        for page in pages:
            failed |= _take(page, root, folder / page.picture("after"))
            if not page.new and _take(page, before, folder / page.picture("before")):
                # The old code may fail on this machine. The pull request can't do anything about that.
                print(f"no picture of {page.stack} {page.hub} before the change")
    (folder / "index.html").write_text(_SHEET.format(pages="".join(_section(page, folder) for page in pages)))
    if left_out > 0:
        print(f"wrote pictures of the first {len(pages)} of {len(pages) + left_out} pages only")
    return failed


def changed_pages(stack: dict[str, Any]) -> list[Page]:
    """Return the hubs of a stack in a report whose options page is new or changes, one for equal pages."""
    found: dict[str, Page] = {}
    for hub in stack["hubs"]:
        lines = [release["page"] for release in hub["releases"] if release["page"]]
        if lines:
            new = hub["action"] == "added"
            key = json.dumps([new, lines])
            first = found.get(key)
            found[key] = (
                replace(first, alike=(*first.alike, hub["name"]))
                if first
                else Page(stack["stack"], hub["name"], new=new)
            )
    return list(found.values())


def _take(page: Page, tree: Path, picture: Path) -> int:
    """Take a picture with the program of a tree, which `python -m` finds in the folder that it runs in."""
    command = [sys.executable, "-m", "hubs", "page", page.stack, page.hub, "--screenshot", str(picture)]
    return subprocess.run(command, cwd=tree, check=False).returncode


def _section(page: Page, folder: Path) -> str:
    names = [
        (side, escape(page.picture(side))) for side in ("before", "after") if (folder / page.picture(side)).exists()
    ]
    figures = "".join(
        f'<figure><figcaption>{side}</figcaption><a href="{name}"><img src="{name}" alt="{side}"></a></figure>'
        for side, name in names
    )
    new = " (new)" if page.new else ""
    hubs = escape(", ".join((page.hub, *page.alike)))
    return f"<section><h2>{escape(page.stack)}: {hubs}{new}</h2><div>{figures}</div></section>"


if __name__ == "__main__":
    sys.exit(main())
