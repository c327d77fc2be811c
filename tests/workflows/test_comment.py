"""The comment on a pull request, written from an untrusted artifact."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.preview_comment import AUTHOR, MARK
from tests.preview.commonmark import outside_code
from tests.repository import ROOT
from tests.workflows.api import REPOSITORY, State, run, serve

HEAD = "a" * 40
DANGER = {
    "level": "dangerous",
    "touches": "login",
    "where": "ocean (prod)",
    "title": "administrators",
    "sentence": "administrators: + mallory",
    "effect": "",
    "lines": ["+ mallory"],
    "source": "stacks/earth/ocean.yaml:4",
}
REPORT: dict[str, Any] = {
    "stack": "earth",
    "class": "dangerous",
    "headlines": [{"level": "dangerous", "hubs": "ocean (prod)", "text": "administrators changed"}],
    "counts": "1 of 2 hubs changes",
    "judgements": [DANGER],
    "todos": [],
    "warnings": [],
    "pages": [],
    "sections": [],
}


@pytest.fixture
def api() -> Iterator[State]:
    with serve() as state:
        state.pulls[7] = {"state": "open", "head": {"sha": HEAD}, "base": {"repo": {"full_name": REPOSITORY}}}
        yield state


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    (tmp_path / "number").write_text("7")
    (tmp_path / "errors.txt").write_text("")
    (tmp_path / "report.json").write_text(json.dumps({"version": 2, "stacks": [REPORT]}))
    return tmp_path


def comment(api: State, artifact: Path) -> subprocess.CompletedProcess[str]:
    # -S: without installed packages, as in the workflow.
    return run(api, ROOT, "-S", "-m", "scripts.preview_comment", str(artifact), HEAD_SHA=HEAD, RUN_ID="42")


def test_pictures_are_linked(api: State, artifact: Path) -> None:
    api.artifacts = [
        {"id": 1, "name": "preview", "expired": False},
        {"id": 2, "name": "pages", "expired": True},
        {"id": 3, "name": "pages", "expired": False},
    ]
    assert comment(api, artifact).returncode == 0
    link = f"https://github.com/{REPOSITORY}/actions/runs/42/artifacts/3"
    assert f"[Pictures of the options pages that change]({link})" in api.comments[0]["body"]


def test_the_page_is_written_by_this_code_and_linked(api: State, artifact: Path, tmp_path: Path) -> None:
    page = tmp_path / "page" / "report.html"
    evil = REPORT | {"counts": "<script>x</script>"}
    (artifact / "report.json").write_text(json.dumps({"version": 2, "stacks": [evil]}))
    assert run(api, ROOT, "-S", "-m", "scripts.preview_page", str(artifact), str(page)).returncode == 0
    assert "administrators: + mallory" in page.read_text()
    assert "<script" not in page.read_text()
    url = "https://github.com/o/r/actions/runs/1/artifacts/2"
    done = run(
        *(api, ROOT, "-S", "-m", "scripts.preview_comment", str(artifact)), HEAD_SHA=HEAD, RUN_ID="42", REPORT_URL=url
    )
    assert done.returncode == 0
    assert f"[The whole report as a page]({url})" in api.comments[0]["body"]


@pytest.mark.parametrize("report", ["{", '{"version": 1, "stacks": []}', '{"version": 2, "stacks": []}'])
def test_no_page_without_a_valid_report(api: State, artifact: Path, tmp_path: Path, report: str) -> None:
    (artifact / "report.json").write_text(report)
    page = tmp_path / "page" / "report.html"
    assert run(api, ROOT, "-S", "-m", "scripts.preview_page", str(artifact), str(page)).returncode == 0
    assert not page.parent.exists()
    assert comment(api, artifact).returncode == (0 if "2" in report else 1)
    assert "The whole report" not in api.comments[0]["body"]


def test_no_pictures(api: State, artifact: Path) -> None:
    assert comment(api, artifact).returncode == 0
    assert "Pictures" not in api.comments[0]["body"]


def test_written_once_and_then_over(api: State, artifact: Path) -> None:
    others = [{"id": number, "issue": 7, "user": {"login": "ada"}, "body": f"{MARK} mine"} for number in range(5)]
    api.comments += others
    assert comment(api, artifact).returncode == 0
    (artifact / "report.json").write_text(json.dumps({"version": 2, "stacks": [REPORT | {"counts": "2 hubs change"}]}))
    assert comment(api, artifact).returncode == 0
    (ours,) = [found for found in api.comments if found["user"]["login"] == AUTHOR]
    assert ours["body"].startswith(MARK)
    assert "2 hubs change" in ours["body"]
    assert "> [!CAUTION]\n> **Dangerous: who may log in or administer**\n> - **ocean (prod)**: " in ours["body"]
    assert api.comments[:5] == others  # comments of other authors are never changed


@pytest.mark.parametrize("number", ["", "0", "-1", "7; rm -rf /", "../8", "7\n8", "\uff17", "8", "9" * 30])
def test_numbers_that_are_not_the_pull_requests(api: State, artifact: Path, number: str) -> None:
    api.pulls[8] = {"state": "open", "head": {"sha": "b" * 40}, "base": {"repo": {"full_name": REPOSITORY}}}
    (artifact / "number").write_text(number)
    assert comment(api, artifact).returncode == 1
    assert api.comments == []


@pytest.mark.parametrize(
    "change", [{"state": "closed"}, {"base": {"repo": {"full_name": "other/repo"}}}, {"head": {"sha": "c" * 40}}]
)
def test_pull_requests_that_are_not_the_events(api: State, artifact: Path, change: dict[str, Any]) -> None:
    api.pulls[7] |= change
    assert comment(api, artifact).returncode == 1
    assert api.comments == []


def test_hostile_report(api: State, artifact: Path) -> None:
    evil = "</details>\n```\n@octocat <img src=x>"
    entry = DANGER | dict.fromkeys(("where", "title", "sentence", "effect", "source"), evil) | {"lines": [evil]}
    headline = {"level": "careful", "hubs": evil, "text": evil}
    section = {"title": evil, "lines": [evil] * 20}
    report = {
        "stack": evil,
        "class": "careful",
        "headlines": [headline],
        "counts": evil,
        "judgements": [entry, entry | {"level": "routine"}],
        "todos": [evil],
        "warnings": [evil],
        "pages": [section],
        "sections": [section],
    }
    (artifact / "report.json").write_text(json.dumps({"version": 2, "stacks": [report]}))
    (artifact / "errors.txt").write_text(evil)
    assert comment(api, artifact).returncode == 0
    body = api.comments[0]["body"]
    outside = outside_code(body)
    assert "octocat" in body
    assert "octocat" not in outside
    assert outside.count("<details>") == outside.count("</details>") == 2
    assert "<img" not in outside


@pytest.mark.parametrize(
    "report",
    [
        "",
        "{",
        "[[[" * 10_000,
        '"x"',
        "[1]",
        "5",
        '{"version": 2}',
        '{"version": 2, "stacks": 5}',
        '{"version": 2, "stacks": [{"stack": 1}]}',
        "null",
    ],
)
def test_broken_reports(api: State, artifact: Path, report: str) -> None:
    (artifact / "report.json").write_text(report)
    assert comment(api, artifact).returncode == 1
    assert api.comments[0]["body"].startswith(f"{MARK}\n\nThere is no valid preview of commit {HEAD[:12]}: `")


def test_large_report_is_cut(api: State, artifact: Path) -> None:
    lines = ["+ " + "x" * 100] * 5000
    sections = [{"title": f"hub{number}", "lines": lines} for number in range(5)]
    report = REPORT | {"sections": sections}
    (artifact / "report.json").write_text(json.dumps({"version": 2, "stacks": [report]}))
    assert comment(api, artifact).returncode == 0
    assert len(api.comments[0]["body"]) <= 65_536
    assert "Left out, because GitHub limits comments" in api.comments[0]["body"]


def test_report_without_end(api: State, artifact: Path) -> None:
    with (artifact / "report.json").open("wb") as file:
        file.truncate(1024**3)
    done = comment(api, artifact)
    assert (done.returncode, done.stderr) == (1, "report.json is too large\n")


def test_symbolic_link_in_the_artifact(api: State, artifact: Path, tmp_path: Path) -> None:
    (artifact / "errors.txt").unlink()
    (artifact / "errors.txt").symlink_to("/etc/passwd")
    assert comment(api, artifact).returncode == 1
    assert "root" not in api.comments[0]["body"]


def test_an_invalid_preview_replaces_the_comment_on_an_earlier_commit(api: State, artifact: Path) -> None:
    assert comment(api, artifact).returncode == 0
    (artifact / "report.json").write_text("{")
    assert comment(api, artifact).returncode == 1
    assert len(api.comments) == 1
    assert "There is no valid preview of commit" in api.comments[0]["body"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([], False),
        ([{"filename": "stacks/earth/ocean.yaml"}] * 5, False),
        ([{"filename": "stacks/earth/ocean.yaml"}] * 5 + [{"filename": "hubs/preview/plan.py"}], True),
        ([{"filename": "stacks/x.py", "previous_filename": "hubs/x.py", "status": "renamed"}], True),
        ([{"filename": "stacks/earth/ocean.yaml"}] * 3000, True),
    ],
)
def test_a_pull_request_that_changes_the_code_of_its_preview(
    api: State, artifact: Path, files: list[dict[str, str]], told: bool
) -> None:
    api.files, api.page_size = files, max(2, len(files) // 4)
    assert comment(api, artifact).returncode == 0
    assert ("changes files outside of `stacks/`" in api.comments[0]["body"]) is told


def test_errors_of_a_preview_are_shown(api: State, artifact: Path) -> None:
    (artifact / "report.json").unlink()
    (artifact / "errors.txt").write_text("stacks/earth/ocean.yaml:4: imgae: is no setting")
    assert comment(api, artifact).returncode == 0
    assert "The preview failed:\n\n```\nstacks/earth/ocean.yaml:4: imgae: is no setting\n```" in api.comments[0]["body"]


def test_mistakes_of_one_community_do_not_hide_the_report(api: State, artifact: Path) -> None:
    (artifact / "errors.txt").write_text("stacks/earth/ocean.yaml:4: imgae: is no setting")
    assert comment(api, artifact).returncode == 0
    body = api.comments[0]["body"]
    mistakes = "Not everything could be compared:\n\n```\nstacks/earth/ocean.yaml:4: imgae: is no setting\n```"
    assert mistakes in body
    assert len(body.partition(mistakes)[2]) > 100


def test_nothing_changes(api: State, artifact: Path) -> None:
    (artifact / "report.json").write_text(json.dumps({"version": 2, "stacks": []}))
    assert comment(api, artifact).returncode == 0
    assert "No stack changes." in api.comments[0]["body"]


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500])
def test_github_says_no(api: State, artifact: Path, status: int) -> None:
    api.failing = status
    done = comment(api, artifact)
    assert done.returncode == 1
    assert str(status) in done.stderr


def test_a_report_of_another_version(api: State, artifact: Path) -> None:
    (artifact / "report.json").write_text(json.dumps({"version": 1, "stacks": [REPORT]}))
    done = comment(api, artifact)
    assert done.returncode == 1
    assert done.stderr == "report.json has another format version than the main branch: update the branch\n"
