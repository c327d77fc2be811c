"""The issue on drift."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scripts import drift
from scripts.drift import Comparison, comparison, update_issue
from scripts.github import GitHub
from tests.preview.commonmark import outside_code
from tests.workflows.api import State

MARKER = "hunter2-marker"


def differs(*resources: str) -> Comparison:
    return Comparison(resources, ())


def step(op: str, name: str, *reasons: str, kind: str = "kubernetes:helm.sh/v3:Release") -> dict[str, Any]:
    """A step as `pulumi preview --json` prints it (the engine 3.2, shortened)."""
    state = {"inputs": {"values": {"note": MARKER}}, "outputs": {"status": MARKER}}
    urn = f"urn:pulumi:earth::imagebuilding::imagebuilding:hub:ImagebuildingHub$imagebuilding:hub:Chart${kind}::{name}"
    return {"op": op, "urn": urn, "oldState": state, "newState": state, "diffReasons": [*reasons], "detailedDiff": None}


def test_opened_written_over_and_closed(github_api: State) -> None:
    for number in range(5):
        github_api.issues.append({"number": number, "state": "open", "title": f"other {number}", "labels": ["drift"]})
    update_issue(GitHub(), "earth", differs("update Release a"))
    update_issue(GitHub(), "mars", differs("update Release c"))
    update_issue(GitHub(), "earth", differs("update Release b"))
    earth, mars = github_api.issues[5:]
    assert earth["title"] == "Drift in stack earth"
    assert "- `update Release b`" in earth["body"]
    assert "Release a" not in earth["body"]
    assert "`hubs preview earth --refresh --diff`" in earth["body"]
    update_issue(GitHub(), "earth", Comparison((), ()))
    assert (earth["state"], mars["state"]) == ("closed", "open")
    assert {issue["state"] for issue in github_api.issues[:5]} == {"open"}


def test_no_drift_and_no_issue(github_api: State) -> None:
    update_issue(GitHub(), "earth", Comparison((), ()))
    assert github_api.issues == []
    assert [method for method, _ in github_api.asked] == ["GET"]


def test_resources_of_any_number_and_name(github_api: State) -> None:
    update_issue(GitHub(), "earth", differs(*["update Release ``\n@octocat " + "y" * 1000] * 5000))
    body = github_api.issues[0]["body"]
    assert len(body) < 65_536
    assert "and 4900 more resources" in body
    assert "octocat" not in outside_code(body)


def test_what_the_engine_prints() -> None:
    steps = [
        step("refresh", "a"),
        step("same", "b"),
        step("update", "ocean-prod-jupyterhub", "values"),
        step("create", "c"),
    ]
    output = f"The Pulumi CLI is not on PATH; installing it\n{json.dumps({'steps': steps}, indent=4)}"
    found = comparison(7, output, "error: no changes were expected for preview but changes were proposed")
    assert found == Comparison(("update Release ocean-prod-jupyterhub (values)", "create Release c"), ())
    assert comparison(0, json.dumps({"steps": steps[:2], "diagnostics": []}), "") == Comparison((), ())


@pytest.mark.parametrize(
    ("output", "errors", "reasons"),
    [
        ("", "error: no passphrase\x1b[2J\n", ("error: no passphrase\\x1b[2J",)),
        ("", "", ("the engine gave no reason",)),
        ("{", "", ("{",)),
        ('{"steps": [{}]}', "", ('{"steps": [{}]}',)),
        ('{"diagnostics": [{"severity": "error", "message": "boom\\n\\nat x"}]}', "", ("boom", "at x")),
    ],
)
def test_a_comparison_that_failed(github_api: State, output: str, errors: str, reasons: tuple[str, ...]) -> None:
    found = comparison(1, output, errors)
    assert found == Comparison((), reasons)
    update_issue(GitHub(), "earth", found)
    body = github_api.issues[0]["body"]
    assert body.startswith("The comparison failed. The reason is in [the log](")
    assert not any(reason in body for reason in reasons if len(reason) > 3), "the engine's words are not published"


def test_no_value_is_published(
    github_api: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Done:
        returncode, stderr = 7, ""
        stdout = json.dumps({"steps": [step("update", "ocean-prod-jupyterhub", "values")], "diagnostics": []})

    monkeypatch.setattr("subprocess.run", lambda *_, **__: Done())
    monkeypatch.setattr("sys.argv", ["", "earth"])
    assert drift.main() == 1
    assert capsys.readouterr().out == "update Release ocean-prod-jupyterhub (values)\n"
    assert MARKER not in github_api.issues[0]["body"]
