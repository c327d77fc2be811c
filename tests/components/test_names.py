"""The longest names that settings accept give names that Kubernetes and Helm accept."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.components.resources import RELEASE, leaves, resources
from tests.repository import Repository

# The name of a release has at most 53 characters, which community and hub share with the longest suffix.
COMMUNITY = "c" * 20
HUB = "h" * 20
CLUSTER = "e" * 40

HOMES = {
    "volume": "volume: {}",
    "nfs": "nfs: {server: nas, path: /export}",
    "disk": "disk: {volume_id: vol-0a}",
}
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


def longest(repository: Repository, home: str, hub: str = HUB) -> None:
    (repository.root / "stacks/earth/ocean.yaml").unlink()
    repository.stack("{name: earth}", f"{{name: {CLUSTER}, provider: aws}}")
    repository.stack(
        "    ocean: {auth:",
        f'    {COMMUNITY}: {{auth: {{client_id: a, client_secret: {{secure: "v1:c"}}}}}}\n    x: {{auth:',
    )
    repository.write(
        f"stacks/earth/{COMMUNITY}.yaml",
        "display_name: Long\nauth: {type: github, admins: [ada]}\n"
        f"service_account: {{annotations: {{}}}}\nhome: {{{home}}}\nhubs: {{{hub}: {{domain: long.example.org}}}}\n",
    )


@pytest.mark.parametrize("home", HOMES.values(), ids=HOMES)
def test_names_of_objects(repository: Repository, home: str) -> None:
    longest(repository, home)
    found = resources(repository).program.resources
    releases = [item for item in found if item.type == RELEASE]
    assert len(releases) == (3 if "disk" in home else 2)
    for release in releases:
        assert len(release.inputs["name"]) <= 53
        assert _LABEL.fullmatch(release.inputs["namespace"])
    objects = [item for item in found if item.type.startswith("kubernetes:") and item not in releases]
    for item in objects:
        metadata: dict[str, Any] = item.inputs.get("metadata") or {}
        kind = item.type.split(":")[-1]
        # Names of namespaces and Services are labels of DNS, other names are subdomains.
        pattern = _LABEL if kind in ("Namespace", "Service") else _SUBDOMAIN
        assert pattern.fullmatch(metadata.get("name", "none")), f"{kind} {metadata}"
        for value in (metadata.get("labels") or {}).values():
            assert _LABEL_VALUE.fullmatch(value), f"{kind} {metadata}"


def test_labels_and_selectors_in_values(repository: Repository) -> None:
    longest(repository, HOMES["nfs"])
    for release in resources(repository).all(RELEASE):
        for path, value in leaves(release.inputs["values"]):
            if re.search(r"(labels|nodeSelector|node_selector)\.", path, re.IGNORECASE):
                assert _LABEL_VALUE.fullmatch(str(value)), path


def test_one_letter_more_is_refused(repository: Repository) -> None:
    longest(repository, HOMES["volume"], f"{HUB}h")
    (line,) = repository.errors()
    assert line.endswith("name: the names of community and hub together must have at most 40 characters")
