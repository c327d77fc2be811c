"""What is deployed and watched, from the deployments that GitHub records."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from hubs.errors import UserError
from scripts.deployments import due, idle, newest
from scripts.github import GitHub
from tests.preview.project import Project
from tests.repository import ROOT
from tests.workflows.api import State
from tests.workflows.api import run as run_python

MARS = "config:\n  imagebuilding:cluster: {name: mars}\n"
DEMO = "config:\n  imagebuilding:cluster: {name: demo, demonstration: true}\n"


def deploy(api: State, stack: str, commit: str, *statuses: str, **more: Any) -> None:
    """Record a deployment. `statuses`: the last one first."""
    one = {"id": len(api.deployments) + 1, "environment": stack, "ref": "main", "sha": commit, "statuses": statuses}
    api.deployments.append(one | more)


@pytest.fixture
def stacks(project: Project) -> Project:
    """A repository with the stacks earth, mars and demo."""
    project.write("stacks/Pulumi.mars.yaml", MARS)
    project.write("stacks/Pulumi.demo.yaml", DEMO)
    project.commit()
    return project


def touch(project: Project, path: str) -> str:
    project.write(path, f"# {path}\n")
    return project.commit()


def test_a_stack_is_due_until_its_deployment_succeeds(github_api: State, stacks: Project) -> None:
    first = stacks.git("rev-parse", "HEAD").strip()
    assert due(GitHub(), stacks.root) == ["earth", "mars"]  # never deployed
    deploy(github_api, "earth", first, "inactive", "success", "in_progress")
    deploy(github_api, "mars", first, "success", "in_progress")
    assert due(GitHub(), stacks.root) == []
    second = touch(stacks, "stacks/mars/dust.yaml")
    assert due(GitHub(), stacks.root) == ["mars"]
    for result in ("failure", "error", "inactive"):
        deploy(github_api, "mars", second, result, "in_progress")
    third = touch(stacks, "docs/unrelated.md")
    assert due(GitHub(), stacks.root) == ["mars"], (
        "what failed or was cancelled is tried again, whatever the next change is"
    )
    deploy(github_api, "mars", third, "success")
    assert due(GitHub(), stacks.root) == []


def test_a_run_that_waits_is_no_success(github_api: State, stacks: Project) -> None:
    commit = stacks.git("rev-parse", "HEAD").strip()
    for stack in ("earth", "mars"):
        deploy(github_api, stack, commit, "waiting")
    assert due(GitHub(), stacks.root) == ["earth", "mars"]


def test_only_deployments_of_the_main_branch_count(github_api: State, stacks: Project) -> None:
    commit = stacks.git("rev-parse", "HEAD").strip()
    deploy(github_api, "earth", commit, "success", ref="refs/heads/main")
    deploy(github_api, "mars", commit, "success", ref="someones-branch")
    deploy(github_api, "preview-mars", commit, "success")
    assert due(GitHub(), stacks.root) == ["mars"]


def test_a_commit_that_is_gone(github_api: State, stacks: Project) -> None:
    deploy(github_api, "earth", "a" * 40, "success")
    deploy(github_api, "mars", "--output=x", "success")
    assert due(GitHub(), stacks.root) == ["earth", "mars"]


def test_a_revert_is_deployed(github_api: State, stacks: Project) -> None:
    touch(stacks, "stacks/mars/dust.yaml")
    bad = stacks.git("rev-parse", "HEAD").strip()
    for stack in ("earth", "mars"):
        deploy(github_api, stack, bad, "success")
    stacks.git("revert", "--no-edit", "HEAD")
    assert due(GitHub(), stacks.root) == ["mars"]


@pytest.mark.parametrize("state", ["waiting", "queued", "pending", "in_progress"])
def test_what_is_being_deployed_is_not_compared(github_api: State, stacks: Project, state: str) -> None:
    deploy(github_api, "earth", "a" * 40, "success")
    deploy(github_api, "mars", "a" * 40, state)
    deploy(github_api, "mars", "b" * 40, "inactive")  # a newer one, that a third one replaced while it waited
    assert idle(GitHub(), stacks.root) == ["earth"]


def test_only_the_newest_commit_is_deployed(
    github_api: State, monkeypatch: pytest.MonkeyPatch, stacks: Project
) -> None:
    monkeypatch.setenv("GITHUB_SHA", "a" * 40)
    github_api.tip = "a" * 40
    newest(GitHub(), stacks.root)
    github_api.tip = "b" * 40
    with pytest.raises(UserError, match=f"not deployed: {'a' * 40} is no longer the newest commit of main"):
        newest(GitHub(), stacks.root)


def run(project: Project, api: State, command: str) -> subprocess.CompletedProcess[str]:
    """Run the script as the workflow does."""
    shutil.copytree(
        ROOT / "scripts", project.root / "scripts", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
    )
    variables = project.environment(GITHUB_SHA="a" * 40)
    return run_python(api, project.root, "-m", "scripts.deployments", command, **variables)


def test_the_command(github_api: State, stacks: Project) -> None:
    done = run(stacks, github_api, "due")
    assert (done.returncode, json.loads(done.stdout)) == (0, ["earth", "mars"])
    assert done.stderr == "earth: has no successful deployment\nmars: has no successful deployment\n"
    assert json.loads(run(stacks, github_api, "idle").stdout) == ["earth", "mars"]
    github_api.tip = "a" * 40
    assert (run(stacks, github_api, "newest").returncode, run(stacks, github_api, "newest").stdout) == (0, "")
    github_api.tip = "b" * 40
    assert run(stacks, github_api, "newest").returncode == 1


@pytest.mark.parametrize("command", ["due", "idle", "newest"])
def test_without_an_answer_nothing_is_decided(github_api: State, stacks: Project, command: str) -> None:
    github_api.failing = 502
    done = run(stacks, github_api, command)
    assert (done.returncode, done.stdout) == (1, "")
    assert "status 502" in done.stderr


def test_a_stack_file_that_can_not_be_read_stops_everything(github_api: State, stacks: Project) -> None:
    stacks.write("stacks/Pulumi.mars.yaml", "config: {demonstration: true\n")
    done = run(stacks, github_api, "due")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("stacks/Pulumi.mars.yaml:")
