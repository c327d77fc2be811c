"""The workflows are valid for actionlint, pin their actions, and have no secrets where untrusted code runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.preview.project import Project
from tests.repository import ROOT

FOLDER = ROOT / ".github"
FILES = sorted([*FOLDER.glob("workflows/*.yml"), *FOLDER.glob("actions/*/action.yml")])
WORKFLOWS = {path.stem: path for path in FILES if path.parent.name == "workflows"}


def read(name: str) -> dict[Any, Any]:
    content: dict[Any, Any] = yaml.safe_load(WORKFLOWS[name].read_text())
    return content


def test_actionlint() -> None:
    places = [None, str(Path(sys.prefix) / "bin")]
    found = next((path for place in places if (path := shutil.which("actionlint", path=place))), None)
    if found is None:
        pytest.skip("actionlint is missing: install Go and run `make tools`")
    done = subprocess.run(
        [found, "-no-color", *WORKFLOWS.values()], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_zizmor() -> None:
    """Without the network, and without advice on style."""
    found = shutil.which("zizmor", path=str(Path(sys.prefix) / "bin"))
    assert found, "zizmor is among the development requirements"
    done = subprocess.run(
        [found, "--offline", "--no-progress", "--min-severity", "medium", str(FOLDER)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_actions_are_pinned_by_commit(path: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", path.read_text())
    assert used or path.name == "none"
    for action, comment in used:
        assert action.startswith("./") or re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action), action
        assert action.startswith("./") or re.fullmatch(r" # v\d+\.\d+\.\d+", comment), f"{action} names no version"


def test_one_commit_for_each_action() -> None:
    pins: dict[str, set[str]] = {}
    for path in FILES:
        for action, commit in re.findall(r"uses: ([\w./-]+)@(\w+)", path.read_text()):
            pins.setdefault(action, set()).add(commit)
    assert {action: len(commits) for action, commits in pins.items()} == dict.fromkeys(pins, 1)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_what_others_write_never_becomes_shell(path: Path) -> None:
    for script in _scripts(yaml.safe_load(path.read_text())):
        assert "${{" not in script


def _scripts(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["run"]] if isinstance(node.get("run"), str) else []
        return own + [script for value in node.values() for script in _scripts(value)]
    return [script for item in node for script in _scripts(item)] if isinstance(node, list) else []


def test_the_job_that_runs_a_strangers_code_has_nothing() -> None:
    text, workflow = WORKFLOWS["preview"].read_text(), read("preview")
    assert workflow["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in workflow["jobs"].values())
    assert "secrets." not in text
    assert "github.token" not in text
    assert "pull_request_target" not in "".join(path.read_text() for path in FILES)
    checkouts = [
        step for job in workflow["jobs"].values() for step in job["steps"] if "checkout@" in step.get("uses", "")
    ]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_workflow_that_comments_runs_nothing_of_the_pull_request() -> None:
    workflow = read("comment")
    assert set(workflow[True]) == {"workflow_run"}  # in YAML 1.1 `on` means true
    (job,) = workflow["jobs"].values()
    (checkout,) = [step for step in job["steps"] if "checkout@" in step.get("uses", "")]
    assert "ref" not in checkout["with"]
    assert "repository" not in checkout["with"]
    assert job["permissions"] == {"actions": "read", "contents": "read", "pull-requests": "write"}
    assert workflow[True]["workflow_run"]["workflows"] == [read("preview")["name"]]


def test_the_cloud_is_only_for_branches_of_the_repository() -> None:
    workflow = read("engine-preview")
    assert "head.repo.full_name == github.repository" in workflow["jobs"]["changed"]["if"]
    assert workflow["jobs"]["preview"]["needs"] == "changed"


def test_one_deployment_at_a_time_for_each_stack() -> None:
    job = read("deploy")["jobs"]["up"]
    assert job["concurrency"] == {"group": "stack-${{ matrix.stack }}", "cancel-in-progress": False}
    assert job["environment"] == "${{ matrix.stack }}"
    assert "stack-" not in str([job.get("concurrency") for job in read("engine-preview")["jobs"].values()])


def test_a_stack_is_not_compared_while_it_is_deployed() -> None:
    jobs = read("drift")["jobs"]
    assert jobs["drift"]["concurrency"] == read("deploy")["jobs"]["up"]["concurrency"]
    # A job that is added to the group replaces one that waits in it, so a stack with a deployment is left out.
    assert jobs["drift"]["needs"] == "stacks"
    assert "scripts.deployments idle" in str(jobs["stacks"]["steps"])


def test_an_older_run_never_deploys_after_a_newer_one() -> None:
    scripts = _scripts(read("deploy")["jobs"]["up"])
    at = [number for number, script in enumerate(scripts) if "hubs up" in script]
    assert [scripts[number - 1] for number in at] == [".venv/bin/python -m scripts.deployments newest"]


def test_only_the_main_branch_is_deployed_and_compared() -> None:
    for name, first in (("deploy", "changed"), ("drift", "stacks")):
        jobs = read(name)["jobs"]
        assert jobs[first]["if"] == "github.ref == 'refs/heads/main'"
        assert all(job.get("needs") == first for key, job in jobs.items() if key != first)


def test_each_kind_of_access_has_its_own_environment() -> None:
    jobs = {"deploy": "up", "engine-preview": "preview", "drift": "drift"}
    found = {read(name)["jobs"][job]["environment"] for name, job in jobs.items()}
    assert found == {"${{ matrix.stack }}", "preview-${{ matrix.stack }}", "drift-${{ matrix.stack }}"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_no_failure_is_ignored(path: Path) -> None:
    """In `echo "$(command)"` the shell ignores that the command fails, and the workflow would go on with nothing."""
    for script in _scripts(yaml.safe_load(path.read_text())):
        assert not re.search(r"^\s*(?!\w+=)\S.*\$\(", script, re.M), script


def test_changed_stacks_for_the_matrix(project: Project) -> None:
    def changed(*arguments: str) -> list[str]:
        command = [sys.executable, "-m", "hubs.preview.changed", *arguments]
        done = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=True)
        found: list[str] = json.loads(done.stdout)
        return found

    base = project.commit()
    project.write("stacks/Pulumi.mars.yaml", "config:\n  imagebuilding:cluster: {name: mars} # demonstration: true\n")
    project.write("stacks/Pulumi.demo.yaml", "config:\n  imagebuilding:cluster: {name: demo, demonstration: true}\n")
    project.commit()
    project.write("stacks/Pulumi.pluto.yaml", "config:\n  imagebuilding:cluster: {name: moon}\n")
    project.commit()
    assert changed(base) == ["mars", "pluto"]
    base = project.commit()
    project.write("stacks/moon/lost.yaml", "")  # no stack's folder: the deployment refuses it with an explanation
    project.commit()
    assert changed(base) == ["earth", "mars", "pluto"]
    project.git("mv", "stacks/moon", "stacks/pluto")
    base = project.commit()
    project.write("stacks/pluto/lost.yaml", "changed: true")
    project.commit()
    assert changed(base) == ["pluto"]
    project.git("rm", "-r", "--quiet", "stacks/Pulumi.pluto.yaml", "stacks/pluto")
    base = project.commit()
    assert changed(base, base) == []
    assert changed("0" * 40) == ["earth", "mars"]
    assert changed("none") == ["earth", "mars"]
    project.write("hubs/values/new.py", "")
    project.commit()
    assert changed("HEAD^1") == ["earth", "mars"]


def test_the_engine_has_the_version_of_its_sdk(tmp_path: Path) -> None:
    action = yaml.safe_load((FOLDER / "actions" / "cloud" / "action.yml").read_text())
    read_version, install = action["runs"]["steps"][:2]
    output = tmp_path / "output"
    environment = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(output)}
    subprocess.run(["bash", "-eo", "pipefail", "-c", read_version["run"]], cwd=ROOT, env=environment, check=True)
    assert output.read_text() == f"version={installed_version('pulumi')}\n"
    assert install["uses"].startswith("pulumi/actions@")
    assert install["with"] == {"pulumi-version": "${{ steps.pulumi.outputs.version }}"}


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_who_runs_the_engine_prepares_for_it(name: str) -> None:
    for job in read(name)["jobs"].values():
        steps = job.get("steps", [])
        engine = [
            n
            for n, step in enumerate(steps)
            if re.search(r"hubs (up|preview)\b|scripts\.drift \S", step.get("run", ""))
        ]
        prepared = [n for n, step in enumerate(steps) if step.get("uses") == "./.github/actions/cloud"]
        assert not engine or (prepared and prepared[0] < engine[0])
    assert {"deploy", "drift", "engine-preview"} <= WORKFLOWS.keys()
