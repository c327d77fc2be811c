"""Pictures of the pages that a pull request changes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import preview_pictures
from scripts.preview_pictures import Page, changed_pages
from tests.preview.project import Project, make_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "project", tmp_path / "cache")


def hub(name: str, action: str, *, page: bool) -> dict[str, Any]:
    lines = [{"mark": "+", "level": 0, "kind": "profile", "name": "CPU"}] if page else []
    return {"name": name, "action": action, "releases": [{"page": []}, {"page": lines}]}


def test_new_hubs_and_changed_pages() -> None:
    hubs = [
        hub("a", "changed", page=True),
        hub("b", "changed", page=False),
        hub("c", "added", page=True),
        {"name": "d", "action": "removed", "releases": []},
        hub("e", "changed", page=True),
    ]
    found = changed_pages({"stack": "earth", "hubs": hubs})
    assert found == [Page("earth", "a", new=False, alike=("e",)), Page("earth", "c", new=True)]


@pytest.mark.parametrize("report", [None, [], [{"stack": "earth", "hubs": [hub("a", "changed", page=False)]}]])
def test_nothing_is_set_up_for_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, report: Any) -> None:
    if report is not None:
        (tmp_path / "report.json").write_text(json.dumps({"version": 1, "stacks": report}))
    monkeypatch.setattr(preview_pictures, "SET_UP", ["false"])
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "report.json"), "HEAD", str(tmp_path / "pages")])
    assert preview_pictures.main() == 0
    assert not (tmp_path / "pages").exists()


def test_each_page_before_and_after(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, project: Project) -> None:
    """On a real repository and a real report. The stand-in for the browser records which tree's files it would show."""
    ocean = "stacks/earth/ocean.yaml"
    project.replace(ocean, "prod: {domain: ocean.example.org}", "prod: {domain: ocean.example.org, profiles: []}")
    report = project.hubs("diff", "earth", "--format", "json")
    (tmp_path / "report.json").write_text(report.stdout)
    really = subprocess.run

    def run(command: list[str], cwd: Path | None = None, **options: Any) -> Any:
        if command[:3] != [sys.executable, "-m", "hubs"]:
            return really(command, cwd=cwd, **options)
        assert command[3:7] == ["page", "earth", "ocean/prod", "--screenshot"]
        Path(command[7]).write_bytes((Path(cwd or "") / ocean).read_bytes())
        return really(["true"])

    monkeypatch.chdir(project.root)
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(preview_pictures, "SET_UP", ["true"])
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "report.json"), "HEAD", str(tmp_path / "pages")])
    assert preview_pictures.main() == 0
    pages = tmp_path / "pages"
    assert sorted(path.name for path in pages.iterdir()) == [
        "earth-ocean-prod-after.png",
        "earth-ocean-prod-before.png",
        "index.html",
    ]
    assert "profiles: []" in (pages / "earth-ocean-prod-after.png").read_text()
    assert "profiles: []" not in (pages / "earth-ocean-prod-before.png").read_text()
    sheet = (pages / "index.html").read_text()
    assert sheet.index("earth-ocean-prod-before.png") < sheet.index("earth-ocean-prod-after.png")
    assert really(["git", "worktree", "list"], capture_output=True, text=True).stdout.count("\n") == 1


def test_only_the_new_page_has_to_succeed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, project: Project) -> None:
    def taken(page: Page, tree: Path, picture: Path) -> int:
        return int(tree != project.root if page.hub == "a" else tree == project.root)

    monkeypatch.chdir(project.root)
    monkeypatch.setattr(preview_pictures, "_take", taken)
    assert preview_pictures.take([Page("earth", "a", new=False)], "HEAD", tmp_path, 0) == 0
    assert preview_pictures.take([Page("earth", "b", new=True)], "HEAD", tmp_path, 0) == 1
