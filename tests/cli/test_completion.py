"""Completion of commands, stacks and hubs: what click offers, and what bash completes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from hubs.cli import commands, run
from tests.repository import ROOT, Repository


def offered(root: Path, *words: str) -> list[str]:
    """Return what is offered for the last of `words`."""
    completion = ShellComplete(commands, {"obj": root}, "hubs", "_HUBS_COMPLETE")
    return [item.value for item in completion.get_completions(list(words[:-1]), words[-1])]


def test_commands_stacks_and_hubs(repository: Repository) -> None:
    assert offered(repository.root, "re") == ["refresh", "render"]
    assert offered(repository.root, "plan", "") == ["earth"]
    assert offered(repository.root, "plan", "x") == []
    assert offered(repository.root, "values", "earth", "") == ["ocean/staging", "ocean/prod"]
    assert offered(repository.root, "where", "earth", "ocean/p") == ["ocean/prod"]
    assert offered(repository.root, "page", "earth", "ocean/s") == ["ocean/staging"]
    assert offered(repository.root, "new", "community", "x", "--cluster", "e") == ["earth"]
    assert "--json" in offered(repository.root, "plan", "earth", "--")
    assert "--for-rendering" not in offered(repository.root, "plan", "earth", "--")


def test_files_with_mistakes_are_skipped(repository: Repository) -> None:
    repository.write("stacks/earth/broken.yaml", "hubs: {")
    repository.write("stacks/earth/odd.yaml", "hubs: 3")
    assert offered(repository.root, "values", "earth", "") == ["ocean/staging", "ocean/prod"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_for_the_shell(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert run(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_HUBS_COMPLETE={shell}_complete" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_in_bash(tmp_path: Path) -> None:
    (tmp_path / "hubs").write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m hubs "$@"\n')
    (tmp_path / "hubs").chmod(0o755)
    script = """
    eval "$(hubs completion bash)"
    COMP_WORDS=(hubs where earth ocean/); COMP_CWORD=3
    _hubs_completion hubs ocean/ earth
    printf '%s\\n' "${COMPREPLY[@]}"
    """
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["ocean/staging", "ocean/prod"]
