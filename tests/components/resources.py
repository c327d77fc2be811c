"""Find the resources that the program registers for a test's repository, by type and name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hubs.preview.program import Program, Registration, run
from hubs.preview.secrets import Secret
from tests.repository import Repository

RELEASE = "kubernetes:helm.sh/v3:Release"
NAMESPACE = "kubernetes:core/v1:Namespace"


@dataclass(frozen=True)
class Resources:
    """The resources of a run of the program."""

    program: Program

    def all(self, kind: str) -> list[Registration]:
        """Return the resources whose type is, or ends with, `kind`."""
        return [item for item in self.program.resources if item.type == kind or item.type.split(":")[-1] == kind]

    def one(self, kind: str, name: str) -> Registration:
        """Return the resource of this type and name."""
        (found,) = [item for item in self.all(kind) if item.name == name]
        return found

    def values(self, release: str) -> dict[str, Any]:
        """Return the values of a release."""
        result: dict[str, Any] = self.one(RELEASE, release).inputs["values"]
        return result


def resources(repository: Repository) -> Resources:
    """Run the program on the stack `earth` of a test's repository."""
    return Resources(run("earth", repository.root))


def leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every scalar with its path."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from leaves(value, f"{path}[{index}]")
    else:
        yield path, data


def secret_paths(data: Any) -> set[str]:
    """Return the paths of values that are registered as secrets."""
    return {path for path, value in leaves(data) if isinstance(value, Secret)}
