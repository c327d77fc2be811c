"""A new kind of registry: the type checker lists each place that does not support it yet."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import ROOT

SETTINGS = "hubs/settings/registry.py"
IMPORT = "from hubs.settings.registry import "
PLACES = [
    str(path.relative_to(ROOT))
    for folder in ("hubs", "components")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if IMPORT in (text := path.read_text(encoding="utf-8")) and "assert_never(" in text
]
"""Files that branch on the kind."""
INVENTED = '''
class InventedRegistry(RegistryKind):
    """No such registry exists."""

    type: Literal["invented"]
'''


def members() -> str:
    """Return the members of `Kind` as members of a class."""
    tree = ast.parse((ROOT / SETTINGS).read_text(encoding="utf-8"))
    (kind,) = (item for item in tree.body if isinstance(item, ast.ClassDef) and item.name == "Kind")
    found = [item for item in kind.body if isinstance(item, ast.FunctionDef)]
    for item in found:
        item.body = ast.parse("raise NotImplementedError").body
    return "\n".join(re.sub(r"^", "    ", ast.unparse(item), flags=re.M) + "\n" for item in found)


def defined(text: str, kind: str) -> str:
    """Return the text of the settings with `kind` in front of the union, and in the union."""
    return replaced(text, r"^Registry = Annotated\[([^,]+),", rf"{kind}\n\nRegistry = Annotated[\1 | InventedRegistry,")


def branching(text: str) -> str:
    """Return the text of a file that branches on the kind, with a branch for the invented one."""
    text = text.replace(IMPORT, f"{IMPORT}InventedRegistry\n{IMPORT}", 1)
    branch = r"\1case InventedRegistry():\n\1    raise NotImplementedError\n"
    return replaced(text, r"^( +)case _:\n +assert_never\(", rf"{branch}\g<0>")


def replaced(text: str, pattern: str, new: str) -> str:
    text, count = re.subn(pattern, new, text, flags=re.M)
    assert count == 1, f"{pattern} occurs {count} times"
    return text


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy")


def complaints(cache: Path, changed: dict[str, str]) -> list[str]:
    """Return mypy's errors for the program with other texts of the files in `changed`."""
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(cache / "cache")]
    for path, text in changed.items():
        shadow = cache / path.replace("/", "-")
        shadow.write_text(text, encoding="utf-8")
        command += ["--shadow-file", path, str(shadow)]
    command += [SETTINGS, *PLACES, "hubs/settings/checks.py", "hubs/settings/missing.py", "hubs/values/registry.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [line for line in done.stdout.splitlines() if ": error: " in line]


def source(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_the_type_checker_lists_each_place_that_lacks_the_kind(cache: Path) -> None:
    found = complaints(cache, {SETTINGS: defined(source(SETTINGS), INVENTED)})
    pattern = r'"InventedRegistry" of .* has no attribute "(\w+)"'
    lacking = {match[1] for line in found if (match := re.search(pattern, line))}
    assert {"problems", "secrets_needed", "host", "url", "image_prefix"} <= lacking
    assert any(line.startswith("hubs/values/registry.py") and 'type "Kind"' in line for line in found)
    assert {"components/registry/kinds.py", "hubs/check/registry.py"} <= set(PLACES)
    for path in PLACES:
        assert any(line.startswith(path) and "assert_never" in line for line in found), path


def test_a_class_and_a_branch_in_each_place_complete_it(cache: Path) -> None:
    changed = {path: branching(source(path)) for path in PLACES}
    changed[SETTINGS] = defined(source(SETTINGS), f"{INVENTED}\n{members()}")
    assert complaints(cache, changed) == []
