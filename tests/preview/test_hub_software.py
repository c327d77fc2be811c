"""Differences: a chart that moves without its hub image, an image that moves without its chart, and vulnerabilities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubs.preview.diff.hub_software import HubSoftware, hub_software, software_problems
from hubs.preview.releases import ChartReference, Release
from tests.preview.project import Project

OCEAN = "stacks/earth/ocean.yaml"
FIXED = "quay.io/earth/hub:4.4.0-jupyterhub5.5.4-1"
OFFICIAL = "quay.io/jupyterhub/k8s-hub"
PARTED = "chart and hub image are not for the same version"
VULNERABLE = "has known vulnerabilities"
STAYS = "but the hub image stays"


def state(chart: str, image: str, jupyterhub: str = "") -> HubSoftware:
    return HubSoftware(chart, jupyterhub, image)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (state("4.3.3", f"{OFFICIAL}:4.3.3"), state("4.4.0", f"{OFFICIAL}:4.3.3"), [PARTED]),
        (state("4.4.0", f"{OFFICIAL}:4.4.0"), state("4.3.3", f"{OFFICIAL}:4.4.0"), [PARTED]),
        (state("4.3.3", f"{OFFICIAL}:4.3.3"), state("4.3.3", FIXED), [PARTED]),
        (state("4.3.3", f"{OFFICIAL}:4.3.3"), state("4.4.0", FIXED), []),
        (state("4.3.3", "a/hub:1"), state("4.4.0", "a/hub:1"), [STAYS, VULNERABLE]),
        (state("4.3.3", "a/hub:1"), state("4.4.0", "a/hub:2"), [VULNERABLE]),
        (state("9.0.0", "a/hub:1"), state("9.0.1", "a/hub:1"), [STAYS]),
        (state("4.4.0", "a/hub:1"), state("4.4.0", "a/hub:2"), []),
        (state("4.4.0-ours", "a/hub:1", "5.5.0"), state("4.4.1-ours", FIXED, "5.5.1"), [PARTED]),
        (state("4.4.0", FIXED), state("4.4.0-ours", FIXED, "5.5.0"), []),
        (state("4.3.3", f"{OFFICIAL}:4.4.0"), state("4.3.3", f"{OFFICIAL}:4.4.0"), []),
        (state("4.4.0", FIXED), state("4.3.3", f"{OFFICIAL}:4.3.3"), [VULNERABLE]),
        (None, state("4.3.3", f"{OFFICIAL}:4.3.3"), []),
        (None, state("4.3.3", FIXED), []),
        (None, state("4.4.0", FIXED), []),
    ],
)
def test_dangers(old: HubSoftware | None, new: HubSoftware, expected: list[str]) -> None:
    found = list(software_problems(old, new))
    assert len(found) == len(expected), found
    for words, (_, danger) in zip(expected, found, strict=True):
        assert words in danger


def release(chart: str, version: str, values: dict[str, Any]) -> Release:
    return Release("ocean-prod", "ocean-prod", ChartReference(chart, version), values, "1.33.0")


def test_from_a_release(tmp_path: Path) -> None:
    image = {"hub": {"image": {"name": "a/hub", "tag": "1"}}}
    assert hub_software(release("jupyterhub", "4.4.0", image), tmp_path) == state("4.4.0", "a/hub:1")
    assert hub_software(release("binderhub-service", "1.0.0", {"image": {"name": "a", "tag": "1"}}), tmp_path) is None
    chart = tmp_path / "charts" / "jupyterhub"
    chart.mkdir(parents=True)
    broken = release("charts/jupyterhub", "", image)
    assert hub_software(broken, tmp_path) == state("", "a/hub:1"), "the renderer reports what is wrong with the chart"
    (chart / "Chart.yaml").write_text("name: jupyterhub\nversion: 4.4.0-ours\nappVersion: 5.5.0\n")
    assert hub_software(broken, tmp_path) == state("4.4.0-ours", "a/hub:1", "5.5.0")


@pytest.mark.parametrize("where", ["hub", "stack", "archive"])
def test_a_chart_without_its_image_is_a_danger(project: Project, where: str) -> None:
    if where == "archive":
        project.replace("charts/jupyterhub/Chart.yaml", "version: 4.4.0", "version: 4.3.3")
        project.replace("charts/jupyterhub/Chart.yaml", "appVersion: 5.5.0", "appVersion: 5.4.4")
    elif where == "stack":
        project.replace("stacks/Pulumi.earth.yaml", "4.4.0, archive: charts/jupyterhub, repository: null", "4.3.3")
    else:
        charts = "{jupyterhub: {version: 4.3.3, archive: null, repository: 'https://hub.jupyter.org/helm-chart/'}}"
        project.replace(
            OCEAN, "prod: {domain: ocean.example.org}", f"prod: {{domain: ocean.example.org, charts: {charts}}}"
        )
    done = project.hubs("diff", "earth", "--base", "HEAD", "--format", "json")
    (stack,) = json.loads(done.stdout)["stacks"]
    names = "ocean/prod" if where == "hub" else "ocean/prod, ocean/staging"
    expected = (
        f"{names}: {PARTED}: {FIXED} was built for chart 4.4.0 (JupyterHub 5.5.4),"
        " and the hub's chart is 4.3.3 (JupyterHub 5.4.4)"
    )
    sentences = [entry["sentence"] for entry in stack["judgements"] if entry["level"] == "dangerous"]
    assert expected.partition(": ")[2] in sentences, done.stderr
