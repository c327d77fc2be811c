"""Numbers as people read them."""

from __future__ import annotations

import json

from hubs.page.choice import describe, lines
from hubs.preview.diff.words import shown
from hubs.preview.rounding import rounded
from tests.preview.project import Project

NOISE = 15.109639999999999


def test_noise_of_fractions_is_gone_and_nothing_else_changes() -> None:
    data = {"a": [NOISE, 0.42262500000000003, 1e-7, 1e20, 3, True, None, "15.109639999999999"]}
    assert rounded(data) == {"a": [15.10964, 0.422625, 1e-7, 1e20, 3, True, None, "15.109639999999999"]}


def test_in_differences() -> None:
    assert shown(NOISE) == "15.10964"
    assert shown({"cpu": [NOISE]}) == '{"cpu": [15.10964]}'


def test_on_the_page_after_start() -> None:
    container = {"name": "notebook", "image": "i:1", "resources": {"limits": {"cpu": 3.3810000000000002}}}
    said = "\n".join(lines(describe({"spec": {"containers": [container]}}, {}, "")))
    assert "cpu: at most 3.381," in said


def test_values_are_rounded_for_people_and_plans_are_not(project: Project) -> None:
    project.replace(
        "stacks/earth/ocean.yaml", "hubs:", f"values: {{jupyterhub: {{singleuser: {{extra: {NOISE}}}}}}}\nhubs:"
    )
    assert "extra: 15.10964\n" in project.hubs("values", "earth", "ocean/prod").stdout
    plan = json.loads(project.hubs("plan", "earth", "--json").stdout)
    (release,) = [entry["inputs"] for entry in plan if entry["inputs"].get("name") == "ocean-prod"]
    assert release["values"]["singleuser"]["extra"] == NOISE
