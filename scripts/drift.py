"""Detect drift of a stack, and keep one issue per stack: opened and updated while it drifts, closed when it does not.

    python -m scripts.drift STACK

Needs the project's environment and the credentials of the engine. RUN_URL is the address of the log.
"""

from __future__ import annotations

import os
import subprocess
import sys

from hubs.preview.diff.markdown import fenced
from hubs.printable import printable
from scripts.github import GitHub, GitHubError

LABEL = "drift"
MAX_LINES = 400
MAX_CHARACTERS = 50_000


def main() -> int:
    """Compare the stack with its real resources. Return 1 if they differ, so that the workflow run fails."""
    stack = sys.argv[1]
    # Refreshed: what was changed by hand is not in the engine's own state.
    command = [sys.executable, "-m", "hubs", "preview", stack, "--refresh", "--diff", "--expect-no-changes"]
    done = subprocess.run(
        [*command, "--non-interactive"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    print(done.stdout, flush=True)
    try:
        update_issue(GitHub(), stack, done.returncode != 0, done.stdout)
    except GitHubError as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if done.returncode else 0


def update_issue(github: GitHub, stack: str, drifted: bool, output: str) -> None:
    """Open, update or close the issue of a stack. `output` is the engine's output. Raises GitHubError."""
    title = f"Drift in stack {stack}"
    existing = [
        issue
        for issue in github.pages(f"/issues?state=open&labels={LABEL}")
        if issue["title"] == title and "pull_request" not in issue
    ]
    if not drifted:
        resolved = {"body": "Resolved: the stack matches its config again."}
        for issue in existing:
            github.request("POST", f"/issues/{issue['number']}/comments", resolved)
            github.request("PATCH", f"/issues/{issue['number']}", {"state": "closed"})
    elif existing:
        github.request("PATCH", f"/issues/{existing[0]['number']}", {"body": _body(output)})
    else:
        github.request("POST", "/issues", {"title": title, "body": _body(output), "labels": [LABEL]})


def _body(output: str) -> str:
    lines = [printable(line) for line in output.splitlines()[-MAX_LINES:]]
    while sum(len(line) + 1 for line in lines) > MAX_CHARACTERS:
        lines = lines[len(lines) // 10 + 1 :]
    log = os.environ["RUN_URL"]
    return (
        "The stack's resources do not match its config: a merged change was not applied, a resource was changed by "
        "hand, or the comparison failed.\n\n"
        f"The last lines of `pulumi preview --expect-no-changes` ([full log]({log})):\n\n{fenced(lines)}"
    )


if __name__ == "__main__":
    sys.exit(main())
