"""Renovate finds every version that is pinned, so that each one moves by a pull request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.generated import images
from tests.repository import ROOT

CONFIG: dict[str, Any] = json.loads((ROOT / "renovate.json").read_text())
PLACES = [*(ROOT / "hubs").rglob("*"), *(ROOT / "images").rglob("*"), *ROOT.iterdir()]
FILES = [path.relative_to(ROOT) for path in PLACES if path.is_file()]


def matches(patterns: list[str], path: Path) -> bool:
    """Return whether one of Renovate's patterns (`/regular expression/`) matches the path."""
    assert all(pattern[0] == pattern[-1] == "/" for pattern in patterns)
    return any(re.search(pattern[1:-1], str(path)) for pattern in patterns)


@cache
def found() -> list[dict[str, str]]:
    """Return what the custom managers find, with Python's spelling of JavaScript's named groups."""
    result = []
    for manager in CONFIG["customManagers"]:
        for path in FILES:
            if matches(manager["managerFilePatterns"], path):
                text = (ROOT / path).read_text(encoding="utf-8")
                for pattern in manager["matchStrings"]:
                    for match in re.finditer(pattern.replace("(?<", "(?P<"), text):
                        name = {"depName": manager.get("depNameTemplate", "")}
                        groups = {key: value for key, value in match.groupdict().items() if value is not None}
                        result.append({"file": str(path), **name, **groups})
    return result


def charts() -> Iterator[tuple[str, str]]:
    config = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    for chart in config["imagebuilding:charts"]["default"].values():
        yield chart["name"], chart["version"]


@pytest.mark.parametrize(("name", "version"), list(charts()))
def test_charts(name: str, version: str) -> None:
    assert [f for f in found() if name in (f["depName"], f.get("chart")) and f["currentValue"] == version] != []


def test_images_of_the_program() -> None:
    pinned = {(f["depName"], f["currentValue"]) for f in found()}
    names = re.findall(r"`([^`@ ]+/[^`@ ]+:[^`@ ]+)(?:@[^`]*)?` \|$", images(), re.M)
    assert len(names) >= 5
    assert [name for name in names if tuple(name.rsplit(":", 1)) not in pinned] == []


def test_tools_of_the_makefile() -> None:
    text = (ROOT / "Makefile").read_text()
    versions = re.findall(r"^[A-Z0-9_]+ := (v\d\S*)$", text, re.M)
    assert versions
    assert {f["currentValue"] for f in found() if f["file"] == "Makefile"} == set(versions)
    modules = re.findall(r"go install (\S+)@", text)
    for name in (f["depName"] for f in found() if f["file"] == "Makefile"):
        assert any(module.startswith(name) for module in modules), name


def test_locks() -> None:
    locks = {path for path in FILES if path.suffix == ".lock"}
    assert len(locks) >= 5
    assert locks - {path for path in locks if matches(CONFIG["pip_requirements"]["managerFilePatterns"], path)} == {
        # The releases of JupyterHub in images of charts. Renovate would replace each of them by the newest.
        Path("hubs/page/jupyterhub.lock")
    }


def test_each_kind_of_file_has_a_manager() -> None:
    wanted = {
        "github-actions": ".github/workflows",
        "npm": "hubs/page/proxy/package.json",
        "dockerfile": "images/hub/Dockerfile",
    }
    for manager, path in wanted.items():
        assert (ROOT / path).exists()
        assert manager in CONFIG["enabledManagers"]


def test_the_chart_and_the_hub_image_are_one_pull_request() -> None:
    (rule,) = [rule for rule in CONFIG["packageRules"] if rule.get("groupName") == "chart jupyterhub"]
    (base,) = re.findall(r"^FROM (\S+):", (ROOT / "images/hub/Dockerfile").read_text(), re.M)
    assert {"jupyterhub", base} == set(rule["matchDepNames"])


def test_versions_with_a_grammar_of_their_own_are_understood() -> None:
    rules = [rule for rule in CONFIG["packageRules"] if str(rule.get("versioning", "")).startswith("regex:")]
    assert rules
    for rule in rules:
        pattern = rule["versioning"].removeprefix("regex:").replace("(?<", "(?P<")
        names = [re.escape(name).replace(r"\*\*", ".*") for name in rule["matchDepNames"]]
        versions = [f["currentValue"] for f in found() if any(re.fullmatch(name, f["depName"]) for name in names)]
        assert versions
        assert [version for version in versions if not re.search(pattern, version)] == []
