"""One-line changes through `values`, in each layer of the example stacks: what is said about them, and what is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubs.preview.diff.judged import Level
from hubs.settings.stack import Stack
from tests.preview import value_layers as layers

CASES: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("value_changes.yaml").read_text())
LEVELS = {level.word: level for level in Level}
Load = Callable[[str, str, str, Any], Stack]


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Return a function that loads a stack with values in a layer. Each one is loaded once."""
    known: dict[str, Stack] = {}

    def loaded(stack: str, layer: str, chart: str, values: Any) -> Stack:
        key = json.dumps([stack, layer, chart, values] if values else [stack])
        if key not in known:
            repository = layers.example_stacks(tmp_path_factory.mktemp("stacks") / "project")
            if values:
                layers.write(repository, stack, layer, chart, values)
            known[key] = layers.load(repository, stack)
        return known[key]

    return loaded


def test_half_of_the_changes_are_dangerous_and_every_release_is_there() -> None:
    dangerous = [name for name, case in CASES.items() if case["level"] == "dangerous"]
    assert len(CASES) > 100
    assert 0.4 < len(dangerous) / len(CASES) < 0.65
    assert {case["release"].split()[1] for case in CASES.values()} == set(layers.CHARTS)


@pytest.mark.parametrize("name", CASES)
def test_a_change_through_values(name: str, load: Load) -> None:
    case = CASES[name]
    stack, chart = case["release"].split()
    layer = layers.LAYERS[sorted(CASES).index(name) % len(layers.LAYERS)]
    old, new = (load(stack, layer, chart, case.get(side)) for side in ("before", "after"))
    found = layers.judged(chart, stack, old, new)
    texts = [one.text for one in found]
    assert layers.level(found) is LEVELS[case["level"]], texts
    assert "says" not in case or any(case["says"] in text for text in texts), texts
    assert "not" not in case or not any(case["not"] in text for text in texts), texts
    dangers = [one.text for one in found if one.level is Level.DANGEROUS]
    assert len(dangers) <= 1, "one cause, one danger"


def test_who_people_are_has_a_file_and_line(load: Load) -> None:
    values = {"hub": {"config": {"GenericOAuthenticator": {"username_claim": "email"}}}}
    found = layers.judged(
        "jupyterhub", "mars", load("mars", "hub", "", None), load("mars", "hub", "jupyterhub", values)
    )
    assert [one.source.partition(":")[0] for one in found] == ["stacks/mars/astro.yaml"]
    assert "everyone gets another user name" in found[0].text
