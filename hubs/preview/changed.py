"""Print the stacks that a change affects, as a JSON list for workflows.

    python3 -m hubs.preview.changed BASE [HEAD]


Prints all stacks if BASE is not a commit, as for a new branch. Omits demonstration stacks, which no workflow deploys.
Needs only Python and git.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from hubs.preview.diff.revisions import RevisionError, git, resolve
from hubs.stack_files import stack_file, stack_names, stack_of

_HARMLESS_FOLDERS = (
    "tests",
    "bench",
    "docs",
    ".github",
    ".ci",
    "scripts",
    "hubs/check",
    "hubs/cli",
    "hubs/engine",
    "hubs/new",
    "hubs/page",
    "hubs/preview",
)
_HARMLESS_FILES = ("Makefile", "LICENSE", ".gitignore", ".gitattributes", "requirements-dev.lock", "pyproject.toml")


def changed_stacks(paths: Iterable[str], stacks: Sequence[str]) -> list[str]:
    """Return those of `stacks` that a change of `paths` (relative to the repository, with slashes) can affect.

    A stack's own files affect that stack: `stacks/Pulumi.<stack>.yaml` and everything in `stacks/<stack>/`. Files that
    only people, tests and previews read affect none. Everything else affects all stacks: an unnecessary deployment is
    better than a missing one.
    """
    touched: set[str] = set()
    for text in paths:
        path = PurePosixPath(text)
        own = _stack_of(path)
        if own in stacks:
            touched.add(str(own))
        elif own is None and not _is_harmless(path):
            return list(stacks)
    return [stack for stack in stacks if stack in touched]


def changed_paths(root: Path, base: str, head: str | None) -> list[str]:
    """Return the files that differ between two commits, or between `base` and the working tree with its new files."""
    names = git(root, "diff", "--name-only", "--relative", "--no-renames", "-z", base, *([head] if head else []))
    if head is None:
        names += git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted(name for name in names.split("\0") if name)


def _stack_of(path: PurePosixPath) -> str | None:
    """Return the stack that the file belongs to, whether or not that stack exists."""
    match path.parts:
        case ("stacks", name):
            return stack_of(name)
        case ("stacks", folder, _, *_):
            return folder
    return None


def _is_harmless(path: PurePosixPath) -> bool:
    folders = {str(folder) for folder in path.parents}
    # The schemas next to the stacks are for editors. A chart's values.schema.json is not.
    unread = path.suffix == ".md" or (str(path.parent) == "stacks" and path.name.endswith(".schema.json"))
    return unread or bool(folders & set(_HARMLESS_FOLDERS)) or str(path) in _HARMLESS_FILES


def main() -> int:
    """Print the list, and return the exit code."""
    base, head = sys.argv[1], (sys.argv[2:] or ["HEAD"])[0]
    root = Path.cwd()
    stacks = [stack for stack in stack_names(root) if not is_demonstration(root, stack)]
    try:
        changed = changed_stacks(changed_paths(root, resolve(root, base), head), stacks)
    except RevisionError:
        changed = stacks
    print(json.dumps(changed))
    return 0


def is_demonstration(root: Path, stack: str) -> bool:
    """Return whether the stack's file contains `demonstration: true`."""
    text = stack_file(stack, root).read_text(errors="replace")
    return bool(re.search(r"^[^#\n]*\bdemonstration:\s*true\b", text, re.MULTILINE))


if __name__ == "__main__":
    sys.exit(main())
