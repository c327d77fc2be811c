"""Changes that are refused because they would leave people's files behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hubs.settings.moves import departures, refusals, summary
from hubs.settings.stack import Stack
from tests.repository import Repository

COMMUNITY = "stacks/earth/ocean.yaml"


def deployed(stack: Stack) -> dict[str, dict[str, Any]]:
    return {hub.key: summary(hub) for hub in stack.hubs}


def test_nothing_is_refused_where_nothing_moves(repository: Repository) -> None:
    stack = repository.load()
    assert refusals(stack, deployed(stack)) == []
    assert refusals(stack, {}) == []
    assert departures(stack, deployed(stack)) == []


@pytest.mark.parametrize(
    ("new", "setting", "was", "now"),
    [
        ("namespace: other", "namespace", "ocean-prod", "other"),
        ("home: {nfs: {server: nfs, path: /b}}", "home", "nfs nfs:/a", "nfs nfs:/b"),
        ("home: {nfs: null, volume: {}}", "home", "nfs nfs:/a", "volume"),
    ],
)
def test_files_are_not_left_behind(repository: Repository, new: str, setting: str, was: str, now: str) -> None:
    repository.replace(COMMUNITY, "hubs:", "home: {nfs: {server: nfs, path: /a}}\nhubs:")
    before = deployed(repository.load())
    repository.replace(
        COMMUNITY,
        "ocean.example.org}\n  prod: {domain: ocean.example.org",
        f"ocean.example.org}}\n  prod: {{domain: ocean.example.org, {new}",
    )
    (problem,) = refusals(repository.load(), before)
    assert str(problem).startswith(f"{COMMUNITY}:6: ocean/prod: {setting}: is {now}, but the deployed hub has {was}")
    written = f"moved_from: {{{setting}: '{was}'}}"
    assert problem.message.endswith(f"write {written}")
    repository.replace(COMMUNITY, new, f"{new}, {written}")
    assert refusals(repository.load(), before) == [], "the words that the refusal says are accepted"


def test_a_renamed_hub(repository: Repository) -> None:
    before = deployed(repository.load())
    repository.replace(COMMUNITY, "  prod:", "  main:")
    stack = repository.load()
    (problem,) = refusals(stack, before)
    assert str(problem).startswith(f"{COMMUNITY}:5: ocean/main: has the domain of ocean/prod, which is deployed")
    assert "namespace: ocean-prod" in problem.message


def test_what_becomes_of_a_hub_that_left(repository: Repository) -> None:
    stack = repository.load()
    before = deployed(stack)
    without = replace(stack, hubs=stack.hubs[:1])
    (kept,) = departures(without, before)
    assert (
        kept.message
        == "was removed from the config: it stops; its namespace ocean-prod, people's files and images are kept"
    )
    before["ocean/prod"]["decommission"] = True
    (deleted,) = departures(without, before)
    assert deleted.message == (
        "was removed from the config: its namespace ocean-prod with all files in it and its images are deleted"
        " (decommission)"
    )


@pytest.mark.parametrize(
    "registry",
    ["{type: quay, organization: earth}", "{type: artifact-registry, location: us}", "{type: oci, host: r.org}"],
)
def test_the_name_of_a_deployed_cluster_stays(repository: Repository, registry: str) -> None:
    repository.stack("{type: quay, organization: earth}", registry)
    stack = repository.load()
    before = {hub.key: summary(hub) | {"image_prefix": stack.registry.image_prefix(stack, hub)} for hub in stack.hubs}
    assert refusals(stack, before) == []
    repository.stack("{name: earth}", "{name: moon}")
    assert [str(problem) for problem in refusals(repository.load(), before)] == [
        "stacks/Pulumi.earth.yaml:4: imagebuilding:cluster.name: is moon, but ocean/staging is deployed with earth."
        " Change it back"
    ]
