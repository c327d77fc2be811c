from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hubs.preview.changed import changed_paths, changed_stacks
from hubs.stack_files import folders_without_stack, links, stack_names
from tests.preview.project import Project
from tests.repository import ROOT

STACKS = ["demo", "earth", "mars"]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], []),
        (["stacks/Pulumi.earth.yaml"], ["earth"]),
        (["stacks/earth/ocean.yaml", "stacks/mars/dust.yaml"], ["earth", "mars"]),
        (["stacks/earth/images/deep/er.yaml"], ["earth"]),
        (["README.md", "docs/how.html", "tests/values/test_x.py", ".github/workflows/x.yml", "LICENSE"], []),
        (["hubs/preview/diff/lines.py", "Makefile", "requirements-dev.lock"], []),
        (["hubs/values/hub.py"], STACKS),
        (["hubs/settings/auth.py", "stacks/earth/ocean.yaml"], STACKS),
        (["components/hub.py"], STACKS),
        (["__main__.py"], STACKS),
        (["Pulumi.yaml"], STACKS),
        (["requirements.lock"], STACKS),
        (["charts/jupyterhub.tgz"], STACKS),
        (["something/nobody/thought/of"], STACKS),
        (["stacks/shared.yaml"], STACKS),
        (["stacks/Pulumi.gone.yaml", "stacks/gone/old.yaml"], []),
        (["stacks/README.md"], []),
        (["stacks/community.schema.json", "stacks/stack.schema.json"], []),
        (["stacks/other.json"], STACKS),
        (["charts/jupyterhub/values.schema.json"], STACKS),
        (["stacks/earth/README.md"], ["earth"]),
        (["testsuite/x"], STACKS),
    ],
)
def test_which_stacks_change(paths: list[str], expected: list[str]) -> None:
    assert changed_stacks(paths, STACKS) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("stacks/venus/ocean.yaml", STACKS),  # a folder that no stack reads: someone may expect that it is deployed
        ("stacks/shared/ocean.yaml", ["earth"]),
        ("stacks/shared/deep/er.yaml", ["earth"]),
        ("stacks/earth/ocean.yaml", ["earth", "mars"]),
        ("docs/notes.txt", ["mars"]),
        ("stacks/other/x.yaml", []),
    ],
)
def test_links_and_folders_without_a_stack(path: str, expected: list[str]) -> None:
    linked = [("stacks/shared", "earth"), ("stacks/earth/ocean.yaml", "mars"), ("docs/notes.txt", "mars")]
    assert changed_stacks([path], STACKS, linked=linked, unowned=["shared", "venus"]) == expected


def test_links_of_a_tree(tmp_path: Path) -> None:
    stacks = tmp_path / "stacks"
    for folder in ("earth", "mars", "shared"):
        (stacks / folder).mkdir(parents=True)
    for name in ("earth", "mars", "venus"):
        (stacks / f"Pulumi.{name}.yaml").touch()
    (stacks / "earth" / "ocean.yaml").touch()
    (stacks / "mars" / "ocean.yaml").symlink_to("../earth/ocean.yaml")
    (stacks / "venus").symlink_to("shared")
    (stacks / "earth" / "away.yaml").symlink_to("/etc/hostname")
    assert links(tmp_path) == [("stacks/earth/ocean.yaml", "mars"), ("stacks/shared", "venus")]
    assert folders_without_stack(tmp_path) == ["shared"]


def test_stacks_of_a_tree(tmp_path: Path) -> None:
    (tmp_path / "stacks" / "earth").mkdir(parents=True)
    for name in ("Pulumi.mars.yaml", "Pulumi.earth.yaml", "other.yaml", "earth/Pulumi.x.yaml"):
        (tmp_path / "stacks" / name).touch()
    assert stack_names(tmp_path) == ["earth", "mars"]


def test_paths_of_commits_and_of_the_working_tree(project: Project) -> None:
    base = project.git("rev-parse", "HEAD").strip()
    project.replace("stacks/earth/ocean.yaml", "2026-01", "2026-02")
    project.write("stacks/earth/new file with spaces.yaml", "")
    assert changed_paths(project.root, base, None) == [
        "stacks/earth/new file with spaces.yaml",
        "stacks/earth/ocean.yaml",
    ]
    assert changed_paths(project.root, base, "HEAD") == []
    project.git("rm", "--quiet", "--cached", "hubs/values/jupyterhub.py")
    project.commit()
    project.git("mv", "stacks/earth/ocean.yaml", "stacks/earth/sea.yaml")
    head = project.commit()
    found = changed_paths(project.root, base, head)
    assert {"stacks/earth/ocean.yaml", "stacks/earth/sea.yaml"} <= set(found)


def test_code_that_is_deployed_touches_every_stack() -> None:
    """Everything that the program imports can change what is deployed."""
    program = """
import ast, importlib, pathlib, pkgutil, sys, components
for node in ast.walk(ast.parse(pathlib.Path("__main__.py").read_text())):
    if isinstance(node, ast.ImportFrom):
        importlib.import_module(node.module)
for found in pkgutil.walk_packages(components.__path__, "components."):
    importlib.import_module(found.name)
print(*(name for name in sys.modules if name.partition(".")[0] in ("hubs", "components")))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = done.stdout.split()
    assert {"hubs.values.releases", "hubs.settings.loader", "components.hub"} <= set(modules)
    harmless = [name for name in modules if changed_stacks([f"{name.replace('.', '/')}.py"], STACKS) != STACKS]
    assert harmless == []
