"""Write a new file below `stacks/` if it is valid together with the existing files. Never overwrites a file."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import yaml

from hubs.errors import UserError
from hubs.new.kinds import problem
from hubs.preview.values import load_with_placeholders
from hubs.settings.base import ClusterName, Name
from hubs.settings.errors import Problem, SettingsError
from hubs.settings.secrets import PURPOSES


def quoted(value: Any) -> str:
    """Return a value as YAML on one line."""
    text: str = yaml.safe_dump(value, default_flow_style=True, width=float("inf"), allow_unicode=True)
    return text.removesuffix("...\n").strip()


def check_name(what: str, name: str) -> None:
    """Refuse a name that a new `cluster` or `community` can't have, before it is used in a path. Raises UserError."""
    wrong = problem(name, {"cluster": ClusterName, "community": Name}[what])
    if what == "community" and name in PURPOSES:
        wrong = "is a key of imagebuilding:secrets, for a kind of secret"
    if wrong:
        raise UserError(f"{name[:100]!a} can't be the name of a {what}: it {wrong}")


def refuse_existing_file(root: Path, name: str) -> None:
    """Refuse the file `name` below `root` if it exists. Raises UserError."""
    path = root / name
    if path.exists() or path.is_symlink():
        raise UserError(f"{name} already exists: change it, or choose another name")


def create(root: Path, name: str, text: str, stack: str) -> None:
    """Write `text` to the file `name` below `root`. The settings of `stack` must be valid with it.

    Raises UserError and writes nothing if the file already exists or its content is not valid.
    """
    refuse_existing_file(root, name)
    _check(root, name, text, stack)
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)


def _check(root: Path, name: str, text: str, stack: str) -> None:
    """Load the settings of `stack` with the new file added, in a temporary folder."""
    if not (root / "Pulumi.yaml").is_file():
        raise UserError("Pulumi.yaml: does not exist: run the command in a copy of this project")
    with tempfile.TemporaryDirectory(prefix="imagebuilding-new-") as folder:
        copy = Path(folder)
        if (root / "stacks").is_dir():
            shutil.copytree(root / "stacks", copy / "stacks", symlinks=True)
        shutil.copy(root / "Pulumi.yaml", copy / "Pulumi.yaml")
        file = copy / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        try:
            load_with_placeholders(stack, copy)
        except SettingsError as error:
            raise UserError(*dict.fromkeys(_line(item, name) for item in error.problems)) from None


def _line(problem: Problem, new: str) -> str:
    """Return a problem as text. A problem in the new file has no file and line, because the file was not written."""
    if problem.source.file != new:
        return str(problem)
    return f"{problem.path}: {problem.message}" if problem.path else problem.message
