"""Which stacks a change touches: the one question that every workflow asks.

    python3 -m hubs.preview.changed BASE [HEAD]

Prints a JSON list. All stacks where BASE is not a commit, as for a new branch.

Needs nothing but Python and git. Stacks for demonstration are left out there: no workflow deploys them.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from hubs.preview.diff.revisions import RevisionError, git, resolve

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
    """Those of `stacks` that a change of `paths` (relative to the repository, with slashes) can touch, in order.

    A stack's own files touch it: `stacks/Pulumi.<stack>.yaml` and all in `stacks/<stack>/`. What only people,
    tests and previews read touches none. Everything else is shared and touches all: a file that nobody thought of
    here is deployed once too often rather than forgotten.
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


def stacks_in(root: Path) -> list[str]:
    """The stacks of a tree, sorted: every `stacks/Pulumi.<stack>.yaml`."""
    names = (
        path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in (root / "stacks").glob("Pulumi.*.yaml")
    )
    return sorted(names)


def changed_paths(root: Path, base: str, head: str | None) -> list[str]:
    """The files that differ between two commits, or between `base` and the working tree with what is new in it."""
    names = git(root, "diff", "--name-only", "--relative", "--no-renames", "-z", base, *([head] if head else []))
    if head is None:
        names += git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted(name for name in names.split("\0") if name)


def _stack_of(path: PurePosixPath) -> str | None:
    """The stack whose own file this is. (It may have gone, or never have been one.)"""
    match path.parts:
        case ("stacks", name) if name.startswith("Pulumi.") and name.endswith(".yaml"):
            return name.removeprefix("Pulumi.").removesuffix(".yaml")
        case ("stacks", folder, _, *_):
            return folder
    return None


def _is_harmless(path: PurePosixPath) -> bool:
    folders = {str(folder) for folder in path.parents}
    # The schemas next to the stacks are for editors. A chart's values.schema.json is not.
    unread = path.suffix == ".md" or (str(path.parent) == "stacks" and path.name.endswith(".schema.json"))
    return unread or bool(folders & set(_HARMLESS_FOLDERS)) or str(path) in _HARMLESS_FILES


def main() -> int:
    """Print the list. The exit code."""
    base, head = sys.argv[1], (sys.argv[2:] or ["HEAD"])[0]
    root = Path.cwd()
    stacks = [stack for stack in stacks_in(root) if not is_demonstration(root, stack)]
    try:
        changed = changed_stacks(changed_paths(root, resolve(root, base), head), stacks)
    except RevisionError:
        changed = stacks
    print(json.dumps(changed))
    return 0


def is_demonstration(root: Path, stack: str) -> bool:
    """Whether the stack's file says `demonstration: true`."""
    text = (root / "stacks" / f"Pulumi.{stack}.yaml").read_text(errors="replace")
    return bool(re.search(r"^[^#\n]*\bdemonstration:\s*true\b", text, re.MULTILINE))


if __name__ == "__main__":
    sys.exit(main())
