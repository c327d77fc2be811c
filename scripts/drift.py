"""Detect drift of a stack, and keep one issue per stack: opened and updated while it drifts, closed when it does not.

    python -m scripts.drift STACK

Issue and log name the resources that differ and their properties, but no values: in a public repository everyone can
read both, and values that were changed by hand can be secrets. Error messages of the engine are in the log only.
Needs the project's environment and the credentials of the engine. RUN_URL is the address of the log.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from hubs.preview.diff.github import code
from hubs.preview.diff.words import plural
from hubs.printable import printable
from hubs.usage import arguments, variable
from scripts.github import GitHub, GitHubError

LABEL = "drift"
MAX_NAMED = 100
"""Resources that an issue names."""
_UNCHANGED = ("same", "refresh", "read")
"""Operations of the engine that change nothing."""
_ERROR_LINES = 20


@dataclass(frozen=True)
class Comparison:
    """What the engine found: resources that differ, and why the comparison failed. Neither means no drift."""

    resources: tuple[str, ...]
    errors: tuple[str, ...]


def main() -> int:
    """Compare the stack with its real resources. Return 1 if they differ, so that the workflow run fails."""
    (stack,) = arguments(__doc__, 1)
    # Refreshed: what was changed by hand is not in the engine's own state.
    command = [sys.executable, "-m", "hubs", "preview", stack, "--refresh", "--json", "--expect-no-changes"]
    done = subprocess.run(
        [*command, "--non-interactive"], capture_output=True, text=True, errors="replace", check=False
    )
    found = comparison(done.returncode, done.stdout, done.stderr)
    for line in (*found.resources, *found.errors):
        print(line, flush=True)
    try:
        update_issue(GitHub(), stack, found)
    except GitHubError as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if found.resources or found.errors else 0


def comparison(code: int, output: str, errors: str) -> Comparison:
    """Return the result of `pulumi preview --json --expect-no-changes`, from its exit code and what it printed."""
    start = 0 if output.startswith("{") else output.find("\n{") + 1  # an installation of the engine is reported first
    try:
        digest = json.loads(output[start:])
        steps = [step for step in digest.get("steps") or [] if step["op"] not in _UNCHANGED]
        resources = tuple(_resource(step) for step in steps)
        messages = [note["message"] for note in digest.get("diagnostics") or [] if note["severity"] == "error"]
    except (ValueError, TypeError, KeyError, AttributeError):
        resources, messages = (), [output]
    if code == 0 or (resources and not messages):
        return Comparison(resources, ())
    lines = [line for text in (*messages, errors) for line in text.splitlines() if line.strip()]
    return Comparison(resources, tuple(map(printable, lines[:_ERROR_LINES])) or ("the engine gave no reason",))


def _resource(step: dict[str, Any]) -> str:
    """Return one line, such as `update Release ocean-prod-jupyterhub (values)`, without any value."""
    kind, name = str(step["urn"]).split("::")[-2:]
    properties = ", ".join(map(str, step.get("diffReasons") or []))
    return printable(f"{step['op']} {kind.rpartition(':')[2]} {name}" + (f" ({properties})" if properties else ""))


def update_issue(github: GitHub, stack: str, found: Comparison) -> None:
    """Open, update or close the issue of a stack. Raises GitHubError."""
    title = f"Drift in stack {stack}"
    existing = [
        issue
        for issue in github.pages(f"/issues?state=open&labels={LABEL}")
        if issue["title"] == title and "pull_request" not in issue
    ]
    if not (found.resources or found.errors):
        resolved = {"body": "Resolved: the stack matches its config again."}
        for issue in existing:
            github.request("POST", f"/issues/{issue['number']}/comments", resolved)
            github.request("PATCH", f"/issues/{issue['number']}", {"state": "closed"})
    elif existing:
        github.request("PATCH", f"/issues/{existing[0]['number']}", {"body": _body(stack, found)})
    else:
        github.request("POST", "/issues", {"title": title, "body": _body(stack, found), "labels": [LABEL]})


def _body(stack: str, found: Comparison) -> str:
    log = f"[the log]({variable('RUN_URL')})"
    parts = []
    if found.resources:
        named = [f"- {code(resource[:300])}" for resource in found.resources[:MAX_NAMED]]
        if len(found.resources) > MAX_NAMED:
            named.append(f"- and {plural(len(found.resources) - MAX_NAMED, 'more resource')}, in {log}")
        about = "The stack differs from its files: a merged change was not applied, or a resource was changed by hand."
        parts.append(f"{about} An update would:\n\n" + "\n".join(named))
        see = code(f"hubs preview {stack} --refresh --diff")
        parts.append(f"Values are not shown here, because they can be secret. {see} shows them on your machine.")
    if found.errors:
        parts.append(f"The comparison failed. The reason is in {log}.")
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
