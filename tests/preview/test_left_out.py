"""One community's mistake hides nothing of the others: in plans, values, renderings and differences."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from hubs.cli import run as hubs
from hubs.preview.plan import as_json_for_rendering
from hubs.preview.planner import _plan as plan_of
from hubs.preview.program import run
from hubs.stack_files import stack_names
from tests.preview.project import OCEAN, Project
from tests.repository import ROOT, copy_files

COMMUNITIES = [
    (stack, path.stem) for stack in stack_names(ROOT) for path in sorted((ROOT / "stacks" / stack).glob("*.yaml"))
]
TYPO = "stacks/earth/ocean.yaml:1: displayname: unknown key; did you mean display_name?"


def planned(stack: str, root: Path) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(as_json_for_rendering(run(stack, root)))
    return plan


def of_others(plan: dict[str, Any], community: str) -> list[str]:
    """Return the resources of a plan that are not the community's, as text."""
    ours = {item["urn"] for item in plan["resources"] if item.get("hub", "").startswith(f"{community}/")}
    found = []
    for item in plan["resources"]:
        if item["urn"] in ours or item["parent"] in ours:
            ours.add(item["urn"])
        else:
            found.append(json.dumps(item))
    return found


@pytest.mark.parametrize(("stack", "community"), COMMUNITIES)
def test_the_plans_of_others_stay_as_they_are(tmp_path: Path, stack: str, community: str) -> None:
    root = tmp_path / "project"
    copy_files(root, ["__main__.py", "Pulumi.yaml"])
    shutil.copytree(ROOT / "stacks", root / "stacks")
    whole = planned(stack, root)
    assert whole["left_out"] == {}
    others = of_others(whole, community)
    path = root / f"stacks/{stack}/{community}.yaml"
    text = path.read_text()
    for broken in ("[", text.replace("display_name:", "displayname:"), text.replace("hubs:", "hubs: {}\nx-hubs:")):
        path.write_text(broken)
        plan = planned(stack, root)
        assert {key.partition("/")[0] for key in plan["left_out"]} == {community}
        assert list(map(json.dumps, plan["resources"])) == others


@pytest.fixture
def two(project: Project) -> Project:
    """Return a project with a second community, committed."""
    project.write("stacks/earth/reef.yaml", OCEAN.replace("ocean.example.org", "reef.example.org"))
    secrets = "auth: {client_id: {secure: 'v1:id:aaaa'}, client_secret: {secure: 'v1:secret:aaaa'}}"
    project.stack("    ocean:\n", f"    reef:\n      {secrets}\n    ocean:\n")
    project.commit()
    return project


def break_ocean(project: Project) -> None:
    project.replace("stacks/earth/ocean.yaml", "display_name:", "displayname:")


def test_commands_show_the_rest_and_say_what_is_wrong(two: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert hubs(["plan", "earth"], two.root) == 0
    break_ocean(two)
    capsys.readouterr()
    for command in ("plan earth", "plan earth --json", "plan earth -v"):
        assert hubs(command.split(), two.root) == 1
        out, err = capsys.readouterr()
        assert err == f"{TYPO}\n"
        assert "reef" in out
        assert "staging.ocean" not in out
    for command, code in (
        ("values earth reef/prod", 0),
        ("where earth reef/prod auth.allow", 0),
        ("values earth ocean/prod", 1),
        ("where earth ocean/prod auth.allow", 1),
    ):
        assert hubs(command.split(), two.root) == code
        assert capsys.readouterr().err == (f"{TYPO}\n" if code else "")
    for command in ("up earth", "check earth", "preview earth"):
        assert hubs(command.split(), two.root) == 1
        assert TYPO in capsys.readouterr().err


def test_the_others_are_rendered(two: Project) -> None:
    whole = two.hubs("render", "earth", "--out", "whole")
    assert (whole.returncode, whole.stderr.count("\n")) == (0, 1)
    break_ocean(two)
    for _ in range(2):  # made, and from the cache
        done = two.hubs("render", "earth", "--out", "rest")
        assert done.returncode == 1
        assert TYPO in done.stderr.splitlines()
        rest = {path.name: path.read_text() for path in (two.root / "rest").iterdir()}
        assert rest == {path.name: path.read_text() for path in (two.root / "whole").iterdir() if "reef" in path.name}


def difference(project: Project, *options: str) -> tuple[int, str, str]:
    done = project.hubs("diff", "earth", "--base", "main", *options)
    return done.returncode, done.stdout, done.stderr


def test_a_hub_with_a_mistake_is_not_removed(two: Project) -> None:
    break_ocean(two)
    two.replace("stacks/earth/reef.yaml", "admins: [ada]", "admins: [ada, bob]")
    code, out, err = difference(two)
    assert code == 1
    assert f"earth: the working tree: {TYPO}" in err.splitlines()
    assert "not compared: ocean (prod, staging)" in out
    assert "bob" in out
    assert "removed" not in out
    assert "(added)" not in out
    assert difference(two, "--exit-code")[0] == 128


def test_a_mistake_that_is_repaired(two: Project) -> None:
    break_ocean(two)
    two.commit()
    two.replace("stacks/earth/ocean.yaml", "displayname:", "display_name:")
    code, out, err = difference(two)
    assert (code, TYPO in err, TYPO in out) == (0, False, True)
    assert "not compared: ocean (prod, staging)" in out
    assert "(added)" not in out
    assert difference(two, "--exit-code")[0] == 1


def test_a_mistake_on_both_sides(two: Project) -> None:
    break_ocean(two)
    two.commit()
    two.replace("stacks/earth/reef.yaml", "admins: [ada]", "admins: [ada, bob]")
    code, out, _ = difference(two)
    assert code == 1
    assert "bob" in out


def test_the_plan_of_an_earlier_version_is_a_list() -> None:
    plan = plan_of(b'[{"type": "t", "name": "n", "inputs": {}}]\n')
    assert (len(plan.resources), plan.todo, plan.left_out) == (1, (), {})
