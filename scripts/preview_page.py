"""Write the report of `preview_artifact.py` as one HTML page.

    python3 -m scripts.preview_page FOLDER PAGE

Runs in the workflow that may comment, with the main branch's code: a page that the pull request's own code wrote could
contain anything. FOLDER is not trusted. Writes no page if there is no valid report: the comment says why.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hubs.preview.diff.html_page import html_report
from hubs.printable import printable
from hubs.usage import arguments
from scripts.preview_comment import ArtifactError, reports


def main() -> int:
    """Write the page, and return 0."""
    folder, page = map(Path, arguments(__doc__, 2))
    try:
        found = reports(folder) if (folder / "report.json").is_file() else []
    except ArtifactError as error:
        print(f"no page: {printable(str(error))}")
        return 0
    if found:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(html_report(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
