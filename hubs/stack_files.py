"""Names and paths of the stacks' files: `stacks/Pulumi.<stack>.yaml`, and `stacks/<stack>/` for the communities.

A stack and its folder have the same name, so that no file has to be read to know whose folder it is. Needs only Python.
"""

from __future__ import annotations

from pathlib import Path


def stack_file(stack: str, root: Path) -> Path:
    """Return the path of a stack's file."""
    return root / "stacks" / f"Pulumi.{stack}.yaml"


def stack_of(file_name: str) -> str | None:
    """Return the stack that a file in `stacks/` belongs to by its name, or None for another kind of file."""
    if not (file_name.startswith("Pulumi.") and file_name.endswith(".yaml")):
        return None
    return file_name.removeprefix("Pulumi.").removesuffix(".yaml")


def stack_names(root: Path) -> list[str]:
    """Return all stacks that have a file, sorted."""
    names = (stack_of(path.name) for path in (root / "stacks").glob("Pulumi.*.yaml"))
    return sorted(name for name in names if name is not None)


def folders_without_stack(root: Path) -> list[str]:
    """Return the names of folders in `stacks/` that no stack reads, sorted."""
    stacks = set(stack_names(root))
    return sorted(path.name for path in (root / "stacks").glob("*/") if path.name not in stacks)


def links(root: Path) -> list[tuple[str, str]]:
    """Return the files and folders that a stack reads by symbolic links below `stacks/`.

    Each is a path relative to `root`, and the name of the stack.
    """
    found = []
    for stack in stack_names(root):
        folder = root / "stacks" / stack
        for path in (stack_file(stack, root), folder, *(folder.glob("*") if folder.is_dir() else ())):
            target = path.resolve()
            if target != root.resolve() / path.relative_to(root) and target.is_relative_to(root.resolve()):
                found.append((target.relative_to(root.resolve()).as_posix(), stack))
    return found
