"""Find drift, and tell of it: an issue for each stack, written over while it differs, closed when it does not.

    python -m scripts.drift STACK

Needs the environment of the project and what the engine needs. RUN_URL: where the log is.
"""

from __future__ import annotations

import os
import subprocess
import sys

from hubs.preview.diff.markdown import fenced
from hubs.preview.diff.words import printable
from scripts.github import GitHub, GitHubError

LABEL = "drift"
MAX_LINES = 400
MAX_CHARACTERS = 50_000


def main() -> int:
    """Compare the stack with what is there. The exit code: 1 when it differs, so that the run is red too."""
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
        tell(GitHub(), stack, done.returncode != 0, done.stdout)
    except GitHubError as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if done.returncode else 0


def tell(github: GitHub, stack: str, differs: bool, output: str) -> None:
    """Open, write over or close the issue of a stack; `output` is what the engine said. Raises GitHubError."""
    title = f"{stack} is not as its config says"
    existing = [
        issue
        for issue in github.pages(f"/issues?state=open&labels={LABEL}")
        if issue["title"] == title and "pull_request" not in issue
    ]
    if not differs:
        for issue in existing:
            github.ask("POST", f"/issues/{issue['number']}/comments", {"body": "It is again."})
            github.ask("PATCH", f"/issues/{issue['number']}", {"state": "closed"})
    elif existing:
        github.ask("PATCH", f"/issues/{existing[0]['number']}", {"body": _body(output)})
    else:
        github.ask("POST", "/issues", {"title": title, "body": _body(output), "labels": [LABEL]})


def _body(output: str) -> str:
    lines = [printable(line) for line in output.splitlines()[-MAX_LINES:]]
    while sum(len(line) + 1 for line in lines) > MAX_CHARACTERS:
        lines = lines[len(lines) // 10 + 1 :]
    log = os.environ["RUN_URL"]
    return (
        "Something was merged but not applied, something was changed by hand, or the stack could not be looked at. "
        f"The end of what `pulumi preview --expect-no-changes` says ([whole log]({log})):\n\n{fenced(lines)}"
    )


if __name__ == "__main__":
    sys.exit(main())
