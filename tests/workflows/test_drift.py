"""The issue on drift."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.drift import update_issue
from scripts.github import GitHub
from tests.workflows.api import REPOSITORY, TOKEN, State, serve


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    with serve() as state:
        monkeypatch.setenv("GITHUB_API_URL", state.url)
        monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("RUN_URL", "https://github.com/org/hubs/actions/runs/1")
        yield state


def test_opened_written_over_and_closed(api: State) -> None:
    for number in range(5):
        api.issues.append({"number": number, "state": "open", "title": f"other {number}", "labels": ["drift"]})
    update_issue(GitHub(), "earth", True, "one thing differs")
    update_issue(GitHub(), "mars", True, "on mars")
    update_issue(GitHub(), "earth", True, "two things differ")
    earth, mars = api.issues[5:]
    assert earth["title"] == "Drift in stack earth"
    assert "two things differ" in earth["body"]
    assert "one thing" not in earth["body"]
    update_issue(GitHub(), "earth", False, "")
    assert (earth["state"], mars["state"]) == ("closed", "open")
    assert {issue["state"] for issue in api.issues[:5]} == {"open"}


def test_no_drift_and_no_issue(api: State) -> None:
    update_issue(GitHub(), "earth", False, "")
    assert api.issues == []
    assert [method for method, _ in api.asked] == ["GET"]


def test_output_of_any_size_and_content(api: State) -> None:
    update_issue(GitHub(), "earth", True, "```\n@octocat\x1b[2J\n" + ("y" * 1000 + "\n") * 5000)
    body = api.issues[0]["body"]
    assert len(body) < 65_536
    assert "\x1b" not in body
