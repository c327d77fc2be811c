"""A new kind of registry: the type checker lists each place that does not support it yet."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import ROOT

SETTINGS, TABLE, CHECK = "hubs/settings/registry.py", "components/registry/kinds.py", "hubs/check/registry.py"
UNION = "ArtifactRegistry | Quay | Oci"
INVENTED = '''
class Ghcr(RegistryKind):
    """GitHub's registry."""

    type: Literal["ghcr"]
    owner: str
'''
MEMBERS = """
    def problems(self, stack: Stack) -> Iterator[Problem]:
        return iter(())

    @property
    def secrets_needed(self) -> tuple[str, ...]:
        return "username", "password"

    @property
    def host(self) -> str:
        return "ghcr.io"

    @property
    def url(self) -> str:
        return "https://ghcr.io"

    @property
    def pull_secret(self) -> bool:
        return True

    def image_prefix(self, stack: Stack, hub: Hub) -> str:
        return f"ghcr.io/{self.owner}/{stack.prefix(hub)}-"

    def username(self, stack: Stack, hub: Hub) -> Any:
        return hub.secrets.registry.username
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


def complaints(cache: Path, changes: dict[str, list[tuple[str, str]]]) -> list[str]:
    """Return mypy's errors for the program after replacing texts in the files of `changes`."""
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(cache / "cache")]
    for path, replacements in changes.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        for old, new in replacements:
            assert text.count(old) == 1, f"{old!r} is not in {path}"
            text = text.replace(old, new)
        changed = cache / path.replace("/", "-")
        changed.write_text(text, encoding="utf-8")
        command += ["--shadow-file", path, str(changed)]
    command += [SETTINGS, TABLE, CHECK, "hubs/settings/checks.py", "hubs/values/registry.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [line for line in done.stdout.splitlines() if ": error: " in line]


def union(kind: str) -> tuple[str, str]:
    definition = f"Registry = Annotated[{UNION}, "
    return definition, f"{kind}\n\n{definition.replace(UNION, f'{UNION} | Ghcr')}"


def test_the_type_checker_lists_each_place_that_lacks_the_kind(cache: Path) -> None:
    found = complaints(cache, {SETTINGS: [union(INVENTED)]})
    lacking = {match[1] for line in found if (match := re.search(r'"Ghcr" of .* has no attribute "(\w+)"', line))}
    assert {"problems", "secrets_needed", "host", "url", "image_prefix"} <= lacking
    assert any(line.startswith("hubs/values/registry.py") and 'type "Kind"' in line for line in found)
    for path in (TABLE, CHECK):
        assert any(line.startswith(path) and "assert_never" in line for line in found), path


def test_a_class_and_an_entry_in_each_table_complete_it(cache: Path) -> None:
    imported = ("import ArtifactRegistry, Oci, Quay", "import ArtifactRegistry, Ghcr, Oci, Quay")
    entry = "        case Oci():\n"
    changes = {
        SETTINGS: [union(INVENTED + MEMBERS)],
        TABLE: [imported, (entry, f"        case Ghcr():\n            raise NotImplementedError\n{entry}")],
        CHECK: [imported, ("case Quay() | Oci():", "case Quay() | Oci() | Ghcr():")],
    }
    assert complaints(cache, changes) == []
