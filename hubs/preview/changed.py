"""Print the stacks that a change affects, as a JSON list for workflows.

    python -m hubs.preview.changed BASE [HEAD]

Prints all stacks if BASE is not a commit, as for a new branch. Omits demonstration stacks, which no workflow deploys.
Needs git.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path, PurePosixPath

from hubs.preview.diff.revisions import RevisionError, git, resolve
from hubs.settings.errors import SettingsError
from hubs.settings.loader import is_demonstration, read_stack_file
from hubs.stack_files import folders_without_stack, links, stack_names, stack_of
from hubs.usage import arguments

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


def changed_stacks(
    paths: Iterable[str],
    stacks: Sequence[str],
    *,
    linked: Iterable[tuple[str, str]] = (),
    unowned: Collection[str] = (),
) -> list[str]:
    """Return those of `stacks` that a change of `paths` (relative to the repository, with slashes) can affect.

    A stack's own files affect that stack: `stacks/Pulumi.<stack>.yaml` and everything in `stacks/<stack>/`, and what
    symbolic links there lead to (`linked`). Files that only people, tests and previews read affect none. Everything
    else affects all stacks, also a file in a folder that no stack reads (`unowned`): an unnecessary deployment is
    better than a missing one.
    """
    touched: set[str] = set()
    for text in paths:
        path = PurePosixPath(text)
        own = _stack_of(path)
        readers = {stack for target, stack in linked if path.is_relative_to(target)}
        touched |= readers
        if own in stacks:
            touched.add(str(own))
        elif not readers and (own in unowned or (own is None and not _is_harmless(path))):
            return list(stacks)
    return [stack for stack in stacks if stack in touched]


def changed_between(root: Path, base: str, head: str | None, stacks: Sequence[str]) -> list[str]:
    """Return those of `stacks` that the changes from one commit to another, or to the working tree, can affect.

    Raises RevisionError if a commit does not exist.
    """
    paths = changed_paths(root, resolve(root, base), head)
    return changed_stacks(paths, stacks, linked=links(root), unowned=folders_without_stack(root))


def deployed_stacks(root: Path) -> list[str]:
    """Return the stacks that workflows deploy: all except demonstrations. Raises SettingsError."""
    clusters = {stack: read_stack_file(stack, root).get("imagebuilding:cluster") for stack in stack_names(root)}
    return [stack for stack, cluster in clusters.items() if cluster is None or not is_demonstration(cluster)]


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
    base, head = (*arguments(__doc__, 1, 2), "HEAD")[:2]
    root = Path.cwd()
    try:
        stacks = deployed_stacks(root)
        changed = changed_between(root, base, head, stacks)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    except RevisionError:
        changed = stacks
    print(json.dumps(changed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
