"""A project folder for a test: a stack, one community, and the program's own charts."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from hubs.preview.values import load_with_placeholders
from hubs.settings.errors import Problem, SettingsError
from hubs.settings.hub import Hub
from hubs.settings.stack import Stack

ROOT = Path(__file__).resolve().parents[1]

STACK = """\
config:
  kubernetes:context: earth
  gcp:project: earth-hubs
  imagebuilding:cluster: {name: earth}
  imagebuilding:registry: {type: quay, organization: earth}
  imagebuilding:secrets:
    registry: {username: earth+robot, password: {secure: "v1:cipher"}}
    ocean: {auth: {client_id: {secure: "v1:cipher"}, client_secret: {secure: "v1:cipher"}}}
"""

OCEAN = """\
display_name: Ocean Observatory
auth: {type: github, allow: ["ocean-org:hub-users"], admins: [ada]}
hubs:
  staging: {domain: staging.ocean.example.org}
  prod: {domain: ocean.example.org}
"""


PROGRAM = ("__main__.py", "Pulumi.yaml", "components", "hubs")
"""The files and folders that the program is made of."""


def copy_files(root: Path, names: Iterable[str] = PROGRAM) -> None:
    """Copy these files and folders of the repository into the folder `root`."""
    root.mkdir(parents=True, exist_ok=True)
    for name in names:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)


@dataclass(frozen=True)
class Repository:
    """The files of a project below `root`. The stack is `earth`, its community `ocean`."""

    root: Path

    def write(self, path: str, text: str) -> None:
        """Write `text` to `path` below the root, and create missing folders."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        """Replace `old`, which must exist, in the file at `path`."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new))

    def stack(self, old: str, new: str) -> None:
        """Replace in the stack's file."""
        self.replace("stacks/Pulumi.earth.yaml", old, new)

    def ocean(self, text: str) -> None:
        """Write the community's file."""
        self.write("stacks/earth/ocean.yaml", text)

    def load(self) -> Stack:
        """Load the settings, with placeholders for secrets. Raises SettingsError."""
        return load_with_placeholders("earth", self.root)

    def hub(self, key: str = "ocean/prod") -> Hub:
        """Load the settings of one hub."""
        return self.load().hub(key)

    def warnings(self) -> list[Problem]:
        """Load the settings and return the warnings, without those about the version of the default hub image."""
        return without_default_image(self.load())

    def errors(self) -> list[str]:
        """Return the error lines, or an empty list if the settings are valid."""
        try:
            self.load()
        except SettingsError as error:
            return str(error).splitlines()
        return []


def without_default_image(stack: Stack) -> list[Problem]:
    """Return the stack's warnings without those about the version of the default hub image."""
    return [problem for problem in stack.warnings if not problem.path.endswith(": hub_image")]


def make_repository(root: Path) -> Repository:
    """Create a valid stack with a valid community."""
    result = Repository(root)
    copy_files(root, ("Pulumi.yaml", "__main__.py"))
    result.write("stacks/Pulumi.earth.yaml", STACK)
    result.ocean(OCEAN)
    return result
