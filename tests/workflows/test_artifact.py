"""The files that the job with the pull request's code writes for the comment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.preview.project import Project
from tests.repository import ROOT

pytestmark = pytest.mark.usefixtures("helm")

OCEAN = "stacks/earth/ocean.yaml"


def artifact(project: Project, folder: Path) -> int:
    shutil.copytree(
        ROOT / "scripts", project.root / "scripts", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
    )
    return subprocess.run(
        [sys.executable, "-m", "scripts.preview_artifact", "HEAD", str(folder)],
        cwd=project.root,
        env=project.environment(PULL_REQUEST="7"),
        capture_output=True,
        check=False,
    ).returncode


def test_report(project: Project, tmp_path: Path) -> None:
    project.replace(OCEAN, "2026-01", "2026-02")
    assert artifact(project, tmp_path / "artifact") == 0
    (report,) = json.loads((tmp_path / "artifact" / "report.json").read_text())["stacks"]
    assert report["stack"] == "earth"
    assert (tmp_path / "artifact" / "errors.txt").read_text() == ""
    assert (tmp_path / "artifact" / "number").read_text() == "7"


def test_errors(project: Project, tmp_path: Path) -> None:
    project.replace(OCEAN, "image:", "imgae:")
    assert artifact(project, tmp_path / "artifact") == 1
    (report,) = json.loads((tmp_path / "artifact" / "report.json").read_text())["stacks"]
    assert report["counts"] == "not compared: ocean (prod, staging)"
    assert "stacks/earth/ocean.yaml:4" in (tmp_path / "artifact" / "errors.txt").read_text()


def test_without_a_report(project: Project, tmp_path: Path) -> None:
    project.write("stacks/Pulumi.earth.yaml", "config: [")
    assert artifact(project, tmp_path / "artifact") == 1
    assert not (tmp_path / "artifact" / "report.json").exists()
    assert "stacks/Pulumi.earth.yaml:2" in (tmp_path / "artifact" / "errors.txt").read_text()
