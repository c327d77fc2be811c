"""Write a new file below `stacks/`: only if it is valid together with what is there, and nothing is overwritten."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from hubs.errors import UserError
from hubs.preview.values import load_with_placeholders
from hubs.settings.errors import Problem, SettingsError


def quoted(value: Any) -> str:
    """A value as YAML on one line."""
    text: str = yaml.safe_dump(value, default_flow_style=True, width=float("inf"), allow_unicode=True)
    return text.removesuffix("...\n").strip()


def check_name(what: str, name: str, kind: Any) -> None:
    """Refuse a name that is not of the type `kind`, before it becomes a part of a path. Raises UserError."""
    try:
        TypeAdapter(kind).validate_python(name)
    except ValidationError as error:
        raise UserError(
            f"{name[:100]!r} can't be the name of a {what}: it {error.errors()[0]['ctx']['error']}"
        ) from None


def create(root: Path, name: str, text: str, stack: str) -> None:
    """Write `text` to the file `name` below `root`. The settings of `stack` must be valid with it.

    Raises UserError, and writes nothing, where the file exists or its content is not valid.
    """
    path = root / name
    if path.exists() or path.is_symlink():
        raise UserError(f"{name} exists already: change it, or choose another name")
    _check(root, name, text, stack)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)


def _check(root: Path, name: str, text: str, stack: str) -> None:
    """Load the settings of `stack` with the file added, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="imagebuilding-new-") as folder:
        copy = Path(folder)
        shutil.copytree(root / "stacks", copy / "stacks", symlinks=True)
        shutil.copy(root / "Pulumi.yaml", copy / "Pulumi.yaml")
        file = copy / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        try:
            load_with_placeholders(stack, copy)
        except SettingsError as error:
            raise UserError("\n".join(dict.fromkeys(_line(item, name) for item in error.problems))) from None


def _line(problem: Problem, new: str) -> str:
    """Without file and line where it is about the new file, which nobody sees."""
    if problem.source.file != new:
        return str(problem)
    return f"{problem.path}: {problem.message}" if problem.path else problem.message
