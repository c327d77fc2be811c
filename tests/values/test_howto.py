"""With the settings of the manual how-to that this program replaces, the values equal those of the how-to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from hubs.values.registry import registry_access
from hubs.values.releases import releases
from hubs.values.tokens import Tokens
from tests.repository import Repository

HOWTO = Path(__file__).parent / "howto"
REGISTRIES = {
    "quay": ("{type: quay, organization: howto}", "howto+robot"),
    "google": ("{type: artifact-registry, location: us-central1, project: howto}", "_json_key"),
}


def values(repository: Repository, kind: str) -> dict[str, Any]:
    settings, username = REGISTRIES[kind]
    (repository.root / "stacks/earth/ocean.yaml").unlink()
    repository.write("stacks/earth/howto.yaml", (HOWTO / "community.yaml").read_text())
    repository.stack("{type: quay, organization: earth}", settings)
    repository.stack("    ocean: {auth:", "    howto: {auth:")
    stack = repository.load()
    (hub,) = stack.hubs
    access = replace(registry_access(stack, hub, "robot-password"), username=username)
    tokens = Tokens("proxy", "cookie", "crypt", "binder")
    return {release.key: release.values(access, tokens).data for release in releases(stack, hub)}


def missing(expected: Any, found: Any, path: str = "") -> list[str]:
    """Return the paths in `expected` that differ in `found`. Mappings may have more keys, lists no more items."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [line for key, item in expected.items() for line in missing(item, found.get(key), f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        # Sorted by key, because the order of tolerations does not matter.
        pairs = enumerate(zip(sorted(expected, key=_key), sorted(found, key=_key), strict=True))
        return [line for number, (one, other) in pairs for line in missing(one, other, f"{path}.{number}")]
    return [] if expected == found and type(expected) is type(found) else [f"{path}: {found!r} is not {expected!r}"]


def _key(item: Any) -> str:
    return str(item.get("key")) if isinstance(item, dict) else ""


@pytest.mark.parametrize("kind", REGISTRIES)
@pytest.mark.parametrize("part", ["expected", None])
def test_what_the_howto_writes_comes_out(repository: Repository, kind: str, part: str | None) -> None:
    expected = yaml.safe_load((HOWTO / f"{part or kind}.yaml").read_text())
    assert missing(expected, values(repository, kind)) == []


def test_google_needs_no_pull_secret(repository: Repository) -> None:
    assert "imagePullSecret" not in values(repository, "google")["jupyterhub"]


def test_image_option_offers_to_build(repository: Repository) -> None:
    (profile,) = values(repository, "quay")["jupyterhub"]["singleuser"]["profileList"]
    assert profile["profile_options"]["image"]["dynamic_image_building"] == {"enabled": True}


def test_a_difference_is_found() -> None:
    assert missing({"a": [{"key": "x", "b": 1}]}, {"a": [{"key": "x", "b": 2}]}) == [".a.0.b: 2 is not 1"]
    assert missing({"a": {"b": True}}, {"a": {"b": 1}}) == [".a.b: 1 is not True"]
    assert missing({"a": [1]}, {"a": [1, 2]}) == [".a: [1, 2] is not [1]"]
    assert missing({"a": 1}, {}) == [".a: None is not 1"]
