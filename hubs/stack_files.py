"""Names and paths of the stacks' files, `stacks/Pulumi.<stack>.yaml`. Needs only Python."""

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
