"""Select the pages that a pull request changes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import preview_pictures
from scripts.preview_pictures import changed_pages


def hub(name: str, action: str, *paths: str) -> dict[str, Any]:
    return {"name": name, "action": action, "releases": [{"values": [{"path": path} for path in paths]}]}


def test_new_hubs_and_changed_profiles() -> None:
    hubs = [
        hub("a", "changed", "singleuser.profileList.0.display_name"),
        hub("b", "changed", "hub.config.Authenticator.admin_users"),
        hub("c", "added"),
        hub("d", "removed", "singleuser.profileList"),
        hub("e", "changed", "cull.every", "singleuser.profileList"),
    ]
    assert changed_pages({"stack": "earth", "hubs": hubs}) == [("earth", "a"), ("earth", "c"), ("earth", "e")]


@pytest.mark.parametrize("report", [None, [], [{"stack": "earth", "hubs": [hub("a", "changed", "cull.every")]}]])
def test_nothing_is_set_up_for_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, report: Any) -> None:
    if report is not None:
        (tmp_path / "report.json").write_text(json.dumps({"version": 1, "stacks": report}))
    monkeypatch.setattr(preview_pictures, "SET_UP", ["false"])
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "report.json"), str(tmp_path / "pages")])
    assert preview_pictures.main() == 0
    assert not (tmp_path / "pages").exists()


def test_a_picture_of_each_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown: list[list[str]] = []

    class Done:
        returncode = 0

    def run(command: list[str], **_: Any) -> Done:
        shown.append(command[2:])
        return Done()

    page = hub("ocean/prod", "changed", "singleuser.profileList.0.images")
    (tmp_path / "report.json").write_text(json.dumps({"version": 1, "stacks": [{"stack": "earth", "hubs": [page]}]}))
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "report.json"), str(tmp_path / "pages")])
    assert preview_pictures.main() == 0
    picture = str(tmp_path / "pages" / "earth-ocean-prod.png")
    assert shown[1:] == [["hubs", "page", "earth", "ocean/prod", "--screenshot", picture]]
