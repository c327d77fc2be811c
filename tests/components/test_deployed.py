"""What is deployed, read from a state."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from components.deployed import DECOMMISSIONS, HUB, NAMESPACE, REPOSITORY, STACK, Outputs, deployed, resources
from hubs.settings.moves import DELETED, KEPT, Deployed, planned
from tests.components.resources import resources as registered
from tests.repository import Repository

COMMUNITY = "stacks/earth/ocean.yaml"
GOOGLE = "{type: artifact-registry, location: us}"


def state(repository: Repository) -> dict[str, Outputs]:
    """Return the state after an update that deployed all resources, and then failed: no component has outputs."""
    return {item.urn: {} if item.type == HUB else item.inputs for item in registered(repository).program.resources}


def without(found: dict[str, Outputs], kind: str, name: str) -> dict[str, Outputs]:
    """Return the state without one resource."""
    return {urn: outputs for urn, outputs in found.items() if not urn.endswith(f"{kind}::{name}")}


HOMES = (
    "volume: {}",
    "nfs: {server: nfs.example.org, path: /export/ocean}",
    "disk: {volume_id: vol-1}",
    "disk: {volume_id: vol-1, path: a/b}",
    "none: true",
)


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("decommission", [False, True])
@pytest.mark.parametrize("registry", ["{type: quay, organization: earth}", GOOGLE])
@pytest.mark.parametrize("renamed", ["", ", renamed_from: sea/old"])
def test_what_is_deployed_is_what_was_planned(
    repository: Repository, home: str, decommission: bool, registry: str, renamed: str
) -> None:
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    repository.stack("{type: quay, organization: earth}", registry)
    word = ", decommission: true" if decommission else ""
    repository.replace(COMMUNITY, "prod: {", f"prod: {{home: {{{home}}}{word}{renamed}, ")
    found, wanted = deployed(state(repository)), planned(repository.load())
    images = registry == GOOGLE
    assert found.clusters == {"earth"}
    assert found.announced == frozenset(), "a preview records nothing"
    assert found.hubs.keys() == wanted.hubs.keys()
    for slug, hub in found.hubs.items():
        assert (hub.repository is not None) == images
        assert replace(hub, repository=None) == replace(
            wanted.hubs[slug],
            recorded_home=None,
            images_when_removed=wanted.hubs[slug].namespace_when_removed if images else None,
        )


def test_a_hub_of_which_only_a_part_was_deployed(repository: Repository) -> None:
    repository.stack("{type: quay, organization: earth}", GOOGLE)
    found = state(repository)
    parts = without(without(found, "Release", "ocean-prod"), "Repository", "earth-ocean-prod")
    hub = deployed(parts).hubs["ocean-prod"]
    assert (hub.namespace, hub.home, hub.repository) == ("ocean-prod", None, None)
    hub = deployed(without(parts, NAMESPACE, "ocean-prod")).hubs["ocean-prod"]
    assert (hub.namespace, hub.marks) == (None, set())


def test_a_hub_of_an_older_program_is_known_but_not_marked(repository: Repository) -> None:
    repository.stack("{type: quay, organization: earth}", GOOGLE)
    old: dict[str, Outputs] = {}
    for urn, outputs in state(repository).items():
        if f"{NAMESPACE}::" in urn:
            old[urn] = {"metadata": {"name": outputs["metadata"]["name"], "annotations": {}}}
        elif f"{REPOSITORY}::" in urn:
            old[urn] = {**outputs, "description": "Images built on the hub earth-ocean-prod"}
        elif urn.endswith(f"{HUB}::ocean-prod"):
            old[urn] = {"namespace": "ocean-prod", "home": "volume", "domain": "ocean.example.org"}
        else:
            old[urn] = outputs
    hub = deployed(old).hubs["ocean-prod"]
    assert (hub.key, hub.namespace, hub.home, hub.domain) == (None, "ocean-prod", "volume", "ocean.example.org")
    assert hub.marks == {None}


def test_a_storage_that_is_not_the_programs(repository: Repository) -> None:
    values = "values: {jupyterhub: {singleuser: {storage: {type: static, static: {pvcName: theirs}}}}}"
    repository.replace(COMMUNITY, "prod: {", f"prod: {{{values}, ")
    assert deployed(state(repository)).hubs["ocean-prod"].home is None


def test_the_word_of_the_last_update_that_began_and_of_the_last_that_succeeded() -> None:
    prefix = "urn:pulumi:earth::imagebuilding"
    found = deployed(
        {
            f"{prefix}::{STACK}::imagebuilding-earth": {
                "hubs": {
                    "ocean/prod": {"namespace": "a", "decommission": True},
                    "ocean/staging": {"namespace": "b", "decommission": False},
                }
            },
            f"{prefix}::{DECOMMISSIONS}::earth": {"namespaces": ["b"]},
        }
    )
    assert (found.confirmed, found.announced) == (frozenset("a"), frozenset("b"))


def test_the_marks_of_a_hub_with_decommission(repository: Repository) -> None:
    repository.stack("{type: quay, organization: earth}", GOOGLE)
    repository.replace(COMMUNITY, "prod: {", "prod: {decommission: true, ")
    hubs = deployed(state(repository)).hubs
    assert (hubs["ocean-prod"].marks, hubs["ocean-staging"].marks) == ({DELETED}, {KEPT})
    marked = {
        item.type: item.retain_on_delete
        for item in registered(repository).program.resources
        if "ocean-prod" in item.name
    }
    assert (marked[NAMESPACE], marked[REPOSITORY]) == (False, False), "what the engine does is what the mark says"


@pytest.mark.parametrize("answer", [None, {}, {"outputs": None}, {"outputs": {}}])
def test_nothing_before_the_first_update(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    assert asyncio.run(read(monkeypatch, answer, [])) == {}
    assert deployed({}) == Deployed()


def test_the_state_is_read_when_nothing_saves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    found = asyncio.run(read(monkeypatch, {"outputs": {"urn": {"type": "x", "outputs": {"a": 1}}}}, order))
    assert found == {"urn": {"a": 1}}
    assert order == ["the stack is saved", "read"]


async def read(monkeypatch: pytest.MonkeyPatch, answer: Any, order: list[str]) -> dict[str, Outputs]:
    """Read the state of an engine that gives this answer."""

    async def saved() -> str:
        await asyncio.sleep(0)
        order.append("the stack is saved")
        return "urn:stack"

    async def invoke(token: str, arguments: dict[str, str]) -> Any:
        await asyncio.sleep(0)
        order.append("read")
        assert (token, arguments) == ("pulumi:pulumi:readStackResourceOutputs", {"stackName": "me/imagebuilding/earth"})
        return answer

    root = SimpleNamespace(urn=SimpleNamespace(future=saved))
    monkeypatch.setattr(pulumi.runtime, "get_root_resource", lambda: root)
    monkeypatch.setattr(pulumi.runtime, "invoke_async", invoke)
    for what, name in (("organization", "me"), ("project", "imagebuilding"), ("stack", "earth")):
        monkeypatch.setattr(pulumi, f"get_{what}", lambda name=name: name)
    return await resources()
