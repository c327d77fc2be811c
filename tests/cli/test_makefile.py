"""Every target that a message, a docstring or a page names exists and is thin."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from hubs.preview.helm import HELM_VERSION
from tests.repository import ROOT

TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
FOLDERS = ("hubs", "components", "scripts", "bench", "stacks", "docs", ".github")
# CHANGELOG.md also names targets of earlier releases.
FILES = ("README.md", "CONTRIBUTING.md", "__main__.py", "pyproject.toml", "Pulumi.yaml", "Makefile")
# In prose "make" is a verb: a target is in backquotes, after `run`, or alone at the start of a line.
NAMED = re.compile(
    r"(?:`{1,2}|^\s*(?:- run: )?|run )make ((?:[a-z]+|\.venv/\S+)(?: \.venv/\S+)*)(?=[ `\n.,;:)'\"]|$)",
    re.MULTILINE,
)


def named() -> dict[str, set[str]]:
    """Return the targets that are named, with the files that name them."""
    found: dict[str, set[str]] = {}
    paths = [ROOT / name for name in FILES]
    for folder in FOLDERS:
        paths += [path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".md", ".yml", ".yaml", ".rst")]
    for path in paths:
        if path.is_file():
            for targets in NAMED.findall(path.read_text()):
                for target in targets.split():
                    found.setdefault(target, set()).add(str(path.relative_to(ROOT)))
    return found


def test_every_target_that_is_named_exists() -> None:
    found = named()
    assert {"setup", "test", "preview", "page"} <= set(found), "the pattern finds what is named"
    rules = set(re.findall(r"^(\.venv/\S+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {target: files for target, files in found.items() if target not in TARGETS | rules} == {}


def make(*arguments: str) -> list[str]:
    """The lines that make prints. The tests themselves run below `make test`, whose options are not passed on."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    command = ["make", "--no-print-directory", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_help_lists_every_target() -> None:
    lines = make("help")
    assert {line.split(maxsplit=1)[0] for line in lines} == TARGETS
    assert all(len(line) <= 110 for line in lines)


def test_aliases_pass_everything_on() -> None:
    def commands(*arguments: str) -> str:
        return make("-n", *arguments)[-1]

    assert commands("preview", "STACK=earth") == ".venv/bin/hubs plan earth "
    assert commands("up", "STACK=earth", "ARGS=--yes --non-interactive").split() == (
        [".venv/bin/hubs", "up", "earth", "--yes", "--non-interactive"]
    )
    assert commands("check", "CONTEXT=a b", "AFTER=1") == '.venv/bin/hubs check demo --context "a b" --after '
    assert commands("diff", "BASE=main").split() == [".venv/bin/hubs", "diff", "demo", "--base", "main"]


def test_tools_builds_the_helm_that_its_message_names() -> None:
    assert f"HELM := {HELM_VERSION}\n" in (ROOT / "Makefile").read_text()


def test_tools_tries_again_what_could_not_be_installed(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    for name in ("hubs/page/proxy/package.json", "hubs/page/proxy/package-lock.json", ".venv/.created"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    def tools(exit_code: int, target: str) -> str:
        for name in ("go", "npm", "apt-get"):
            (tmp_path / name).write_text(f"#!/bin/sh\nexit {exit_code}\n")
            (tmp_path / name).chmod(0o755)
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        command = ["make", "-C", str(tmp_path), "--no-print-directory", target]
        environment = {"PATH": path}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert tools(1, ".venv/.helm") == "not installed: helm\n"
    assert "helm" not in tools(0, ".venv/.helm").splitlines()[0].split()
    assert "installed helm\n" in tools(0, "tools")
    assert "installed helm\n" not in tools(1, "tools")
