"""Decide what the workflows deploy and watch, from the deployments that GitHub records for each environment.

    python -m scripts.deployments due      print the stacks to deploy, as a JSON list
    python -m scripts.deployments idle     print the stacks that are not being deployed, as a JSON list
    python -m scripts.deployments newest   fail unless this run's commit is the newest of the main branch

GitHub records a deployment, with its commit and its result, for each job with `environment: STACK`
(https://docs.github.com/en/rest/deployments/deployments). So a stack is due if it changed since the commit of its last
successful deployment: what failed, was cancelled or was rejected is tried again by the next run. Needs git.
GITHUB_SHA is the commit of the run.
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hubs.errors import UserError, unknown
from hubs.preview.changed import changed_between, deployed_stacks
from hubs.preview.diff.revisions import RevisionError
from hubs.usage import arguments, variable
from scripts.github import GitHub, GitHubError

MAIN = "main"
BUSY = ("waiting", "queued", "pending", "in_progress")
"""States of a deployment that has no result yet. `waiting`: for an approval."""


LAST = 10
"""Deployments that can run or wait. Older ones have a result."""


def main() -> int:
    """Print the list, and return the exit code."""
    commands = {"due": due, "idle": idle, "newest": newest}
    (word,) = arguments(__doc__, 1)
    if word not in commands:
        print(unknown(f"there is no command {word!r}", word, list(commands)), file=sys.stderr)
        return 2
    try:
        found = commands[word](GitHub(), Path.cwd())
    except (UserError, GitHubError) as error:
        print(error, file=sys.stderr)
        return 1
    if found is not None:
        print(json.dumps(found))
    return 0


def due(github: GitHub, root: Path) -> list[str]:
    """Return the stacks whose last successful deployment is of a commit since which something changed.

    Includes stacks that were never deployed, or from a commit that no longer exists. Raises UserError, GitHubError.
    """
    found = []
    for stack in deployed_stacks(root):
        commit = last_success(github, stack)
        reason = _reason(root, stack, commit)
        print(f"{stack}: {reason or f'not changed since {commit}'}", file=sys.stderr)
        found += [stack] if reason else []
    return found


def _reason(root: Path, stack: str, commit: str | None) -> str:
    if commit is None:
        return "has no successful deployment"
    try:
        return f"changed since {commit}" if changed_between(root, commit, "HEAD", [stack]) else ""
    except RevisionError:
        return f"was last deployed from {commit}, which is not in this repository"


def idle(github: GitHub, root: Path) -> list[str]:
    """Return the stacks that are not being deployed now, and do not wait for it. Raises UserError, GitHubError."""
    found = []
    for stack in deployed_stacks(root):
        if is_busy(github, stack):
            print(f"{stack}: is being deployed, or waits for an approval", file=sys.stderr)
        else:
            found.append(stack)
    return found


def newest(github: GitHub, _root: Path) -> None:
    """Raise UserError unless this run's commit is the newest of the main branch."""
    commit, tip = variable("GITHUB_SHA"), github.request("GET", f"/git/ref/heads/{MAIN}")["object"]["sha"]
    if commit != tip:
        raise UserError(
            f"not deployed: {commit} is no longer the newest commit of {MAIN}, which is {tip}. The run of that commit"
            " deploys both"
        )


def last_success(github: GitHub, stack: str) -> str | None:
    """Return the commit of the stack's last successful deployment, or None if there is none. Raises GitHubError."""
    for deployment in _deployments(github, stack):
        if "success" in _states(github, deployment):
            return str(deployment["sha"])
    return None


def is_busy(github: GitHub, stack: str) -> bool:
    """Return whether one of the stack's last deployments runs or waits. Raises GitHubError."""
    last = itertools.islice(_deployments(github, stack), LAST)
    return any(states[0] in BUSY for deployment in last if (states := _states(github, deployment)))


def _deployments(github: GitHub, stack: str) -> Any:
    """Return the deployments of the stack from the main branch, the newest first."""
    found = github.pages(f"/deployments?environment={quote(stack, safe='')}")
    return (deployment for deployment in found if deployment["ref"] in (MAIN, f"refs/heads/{MAIN}"))


def _states(github: GitHub, deployment: dict[str, Any]) -> list[str]:
    """Return all states that a deployment had, the last one first. A newer deployment adds `inactive`."""
    return [str(status["state"]) for status in github.pages(f"/deployments/{int(deployment['id'])}/statuses")]


if __name__ == "__main__":
    sys.exit(main())
