"""Modules that workflows run say what is missing in one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.repository import ROOT

MODULES = ["hubs.preview.changed"] + [
    f"scripts.{path.stem}"
    for path in sorted((ROOT / "scripts").glob("*.py"))
    if "__main__" in path.read_text() and path.stem != "__init__"
]


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", MODULES)
def test_without_arguments(module: str) -> None:
    done = run(module)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python")
    assert module in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("module", "arguments", "said"),
    [
        ("scripts.preview_comment", ["folder"], "the environment variable GITHUB_REPOSITORY is not set\n"),
        ("scripts.deployments", ["due"], "the environment variable GITHUB_REPOSITORY is not set\n"),
        ("scripts.deployments", ["dua"], "there is no command 'dua'; did you mean due?\n"),
        ("scripts.kubeconfig", ["nowhere"], "stacks/Pulumi.nowhere.yaml"),
    ],
)
def test_without_variables(module: str, arguments: list[str], said: str) -> None:
    done = run(module, *arguments)
    assert done.returncode in (1, 2)
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def test_ctrl_c_while_the_command_is_imported(tmp_path: Path) -> None:
    """The import of click is made slow, so that the signal arrives in it."""
    slow = tmp_path / "slow"
    slow.mkdir()
    (slow / "click.py").write_text("import time\nprint('importing', flush=True)\ntime.sleep(60)\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "hubs", "plan", "demo"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{slow}:{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "importing\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "stopped\n")
