"""Write the files of `preview_artifact.py` as a comment on the pull request.

    python3 -m scripts.preview_comment FOLDER

Runs in the workflow that may comment, with the main branch's code. FOLDER is not trusted, because untrusted code
created it: the number must be that of an open pull request of this repository whose last commit was previewed (HEAD_SHA
and RUN_ID, from the event), and the report is read as data and formatted here. Each pull request has one comment, which
is updated. REPORT_URL is the address of the page of `preview_page.py`, if there is one.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from hubs.preview.diff.github import code, fenced
from hubs.preview.diff.markdown import GITHUB_LIMIT, markdown_report, size
from hubs.preview.diff.report import VERSION, Report
from hubs.printable import printable
from hubs.usage import arguments, variable
from scripts.github import GitHub, GitHubError

MARK = "<!-- imagebuilding: preview of this pull request -->"
AUTHOR = "github-actions[bot]"
PAGES = "pages"
"""The artifact with the pictures."""
MAX_REPORT_BYTES = 20 * 1024 * 1024
_NOTE = "Preview of commit {commit}, computed without credentials by the code of this pull request."
_OWN_CODE = (
    "**This pull request changes files outside of `stacks/`.** The preview can be wrong, because it was computed by"
    " code that nobody has reviewed yet."
)
_MAX_ERROR_LINES, _MAX_ERROR_LINE = 30, 500
MOST_FILES = 3000
"""GitHub lists no more files of a pull request
(https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files)."""


class ArtifactError(Exception):
    """The files of the first workflow are not valid."""


def main() -> int:
    """Write the comment, and return the exit code."""
    try:
        folder = Path(arguments(__doc__, 1)[0])
        github, head = GitHub(), variable("HEAD_SHA")
        number = checked_number(github, folder, head)
        pages, own_code = pictures(github, variable("RUN_ID")), changes_code(github, number)
        try:
            text = comment(folder, head, pages, os.environ.get("REPORT_URL", ""), own_code=own_code)
        except ArtifactError as error:
            # Otherwise the comment on an earlier commit would stay, and look like that of this one.
            write(github, number, invalid(head, str(error)))
            raise
        write(github, number, text)
    except (ArtifactError, GitHubError) as error:
        print(printable(str(error)), file=sys.stderr)
        return 1
    return 0


def checked_number(github: GitHub, folder: Path, head: str) -> int:
    """Return the number of the pull request if it is the one of the event. Raises ArtifactError otherwise."""
    text = _read(folder / "number", 20).strip()
    if not re.fullmatch(r"[1-9][0-9]{0,9}", text):
        raise ArtifactError("the file number does not contain a pull request number")
    pull = github.request("GET", f"/pulls/{text}")
    if pull["state"] != "open" or pull["base"]["repo"]["full_name"] != github.repository:
        raise ArtifactError(f"pull request {text} is not an open pull request of this repository")
    if pull["head"]["sha"] != head:
        raise ArtifactError(f"pull request {text} is not the previewed one, or has newer commits")
    return int(text)


def pictures(github: GitHub, run: str) -> str:
    """Return the URL of the pictures of a workflow run, or an empty text if it has none."""
    for artifact in github.request("GET", f"/actions/runs/{int(run)}/artifacts")["artifacts"]:
        if artifact["name"] == PAGES and not artifact["expired"]:
            server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
            return f"{server}/{github.repository}/actions/runs/{int(run)}/artifacts/{int(artifact['id'])}"
    return ""


def changes_code(github: GitHub, number: int) -> bool:
    """Return whether the pull request changes anything outside of `stacks/`, which may take part in the preview."""
    files = list(github.pages(f"/pulls/{number}/files"))
    names = {str(file.get(key) or "stacks/") for file in files for key in ("filename", "previous_filename")}
    return len(files) >= MOST_FILES or not all(name.startswith("stacks/") for name in names)


def comment(folder: Path, head: str, pages: str = "", page: str = "", *, own_code: bool = False) -> str:
    """Return the text of the comment, within GitHub's size limit. `pages`: URL of the pictures; `page`: URL of the
    report as a page.

    `own_code`: whether the pull request changes the code that computed the preview. Raises ArtifactError.
    """
    before, after = [MARK], [_NOTE.format(commit=head[:12])]
    if own_code:
        before.append(_OWN_CODE)
    errors = [line for line in _read(folder / "errors.txt", 100_000).splitlines() if line.strip()]
    if errors:
        shown = [printable(line)[:_MAX_ERROR_LINE] for line in errors[:_MAX_ERROR_LINES]]
        partial = (folder / "report.json").is_file()
        what = "Not everything could be compared:" if partial else "The preview failed:"
        before.append(f"{what}\n\n{fenced(shown)}")
    if pages:
        after.insert(0, f"[Pictures of the options pages that change]({pages})")
    if page:
        after.insert(0, f"[The whole report as a page]({page})")
    if not (folder / "report.json").is_file():
        return "\n\n".join([*before, *after])
    found = reports(folder)
    room = GITHUB_LIMIT - sum(size(part) + 2 for part in (*before, *after))
    report = markdown_report(found, room) if found else "No stack changes."
    return "\n\n".join([*before, report, *after])


def invalid(head: str, error: str) -> str:
    """Return the text of the comment if there is no valid preview."""
    return f"{MARK}\n\nThere is no valid preview of commit {head[:12]}: {code(error, 300)}"


def write(github: GitHub, number: int, text: str) -> None:
    """Update the workflow's comment, or add one. Comments of other authors are never changed."""
    for existing in github.pages(f"/issues/{number}/comments"):
        if existing["user"]["login"] == AUTHOR and existing["body"].startswith(MARK):
            github.request("PATCH", f"/issues/comments/{existing['id']}", {"body": text})
            return
    github.request("POST", f"/issues/{number}/comments", {"body": text})


def reports(folder: Path) -> list[Report]:
    """Return the reports in the artifact. Raises ArtifactError if they are not valid."""
    try:
        plain: Any = json.loads(_read(folder / "report.json", MAX_REPORT_BYTES))
        if plain["version"] != VERSION:
            raise ArtifactError("report.json has another format version than the main branch: update the branch")
        return [Report.from_plain(entry) for entry in plain["stacks"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ArtifactError(f"report.json is not a valid report: {str(error)[:200]}") from None


def _read(path: Path, most: int) -> str:
    if path.is_symlink() or not path.is_file():
        raise ArtifactError(f"the file {path.name} does not exist")
    if path.stat().st_size > most:
        raise ArtifactError(f"{path.name} is too large")
    return path.read_bytes().decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
