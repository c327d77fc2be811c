"""Changes that are refused because they would leave people's files behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from hubs.settings.moves import DELETED, KEPT, Deployed, departures, planned, refusals
from tests.repository import Repository

COMMUNITY = "stacks/earth/ocean.yaml"


def changed(deployed: Deployed, hub: str = "ocean-prod", **facts: Any) -> Deployed:
    """Return what is deployed with other facts about one hub."""
    hubs = dict(deployed.hubs)
    hubs[hub] = replace(hubs[hub], **facts)
    return replace(deployed, hubs=hubs)


def test_nothing_is_refused_where_nothing_moves(repository: Repository) -> None:
    stack = repository.load()
    assert refusals(stack, planned(stack)) == []
    assert refusals(stack, Deployed()) == []
    assert departures(stack, planned(stack)) == []


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
    before = planned(repository.load())
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


@pytest.mark.parametrize("mark", [DELETED, None])
def test_a_namespace_that_is_not_marked_as_kept_does_not_move(repository: Repository, mark: str | None) -> None:
    before = changed(planned(repository.load()), namespace_when_removed=mark)
    repository.replace(
        COMMUNITY, "domain: ocean", "namespace: other, moved_from: {namespace: ocean-prod}, domain: ocean"
    )
    (problem,) = refusals(repository.load(), before)
    assert "the update would delete the old namespace ocean-prod" in problem.message


GOOGLE = "{type: artifact-registry, location: us}"
ELSEWHERE = (
    "{type: artifact-registry, location: europe-west1}",
    "{type: artifact-registry, location: us, project: images}",
    "{type: artifact-registry, location: us, kms_key: a/key}",
    "{type: quay, organization: earth}",
)


@pytest.mark.parametrize("mark", [DELETED, None, KEPT])
@pytest.mark.parametrize("registry", [GOOGLE, *ELSEWHERE])
def test_images_that_are_not_marked_as_kept_do_not_move(
    repository: Repository, mark: str | None, registry: str
) -> None:
    repository.stack("{type: quay, organization: earth}", GOOGLE)
    place = {"repositoryId": "earth-ocean-prod", "location": "us", "project": "earth-hubs", "kmsKeyName": None}
    before = changed(planned(repository.load()), repository=place, images_when_removed=mark)
    repository.stack(GOOGLE, registry)
    found = refusals(repository.load(), before)
    assert len(found) == (registry != GOOGLE and mark != KEPT)
    for problem in found:
        assert "would delete the images of ocean/prod, because its repository earth-ocean-prod" in problem.message


def test_what_servers_mount_counts_and_not_what_was_recorded(repository: Repository) -> None:
    before = changed(planned(repository.load()), home="nfs nfs:/a", recorded_home="volume")
    (problem,) = refusals(repository.load(), before)
    assert "is volume, but the deployed hub has nfs nfs:/a" in problem.message


@pytest.mark.parametrize("storage", ["{type: none}", "{type: static, static: {pvcName: theirs}}"])
def test_values_that_replace_the_storage_are_not_compared(repository: Repository, storage: str) -> None:
    repository.replace(
        COMMUNITY,
        "domain: ocean",
        f"values: {{jupyterhub: {{singleuser: {{storage: {storage}}}}}}}, domain: ocean",
    )
    stack = repository.load()
    assert refusals(stack, changed(planned(stack), home="none", recorded_home="volume")) == []


HOMES = ("volume: {}", "nfs: {server: nfs, path: /a}", "disk: {volume_id: vol-1}", "none: true")
RENAMED = [
    ("main", "renamed_from: prod", "prod"),
    ("main", "renamed_from: ocean/prod", "prod"),
]


@pytest.mark.parametrize(("name", "word", "said"), RENAMED)
@pytest.mark.parametrize(
    "home", ["volume: {}", "nfs: {server: nfs, path: /a}", "disk: {volume_id: vol-1}", "none: true"]
)
@pytest.mark.parametrize("key", ["ocean/prod", None])
def test_a_renamed_hub(repository: Repository, name: str, word: str, said: str, home: str, key: str | None) -> None:
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    repository.replace(COMMUNITY, "prod: {", f"prod: {{home: {{{home}}}, ")
    before = changed(planned(repository.load()), key=key)
    repository.replace(COMMUNITY, "  prod:", f"  {name}:")
    (problem,) = refusals(repository.load(), before)
    assert str(problem).startswith(f"{COMMUNITY}:5: ocean/main: has the domain of ocean/prod, which is deployed")
    assert f"write renamed_from: {said} into it" in problem.message
    assert "secrets that are in imagebuilding:secrets.ocean.prod to imagebuilding:secrets.ocean.main" in problem.message
    repository.replace(COMMUNITY, f"{name}: {{", f"{name}: {{{word}, ")
    stack = repository.load()
    assert refusals(stack, before) == departures(stack, before) == []
    assert planned(stack).hubs["ocean-prod"] == replace(before.hubs["ocean-prod"], key="ocean/main")


def test_a_renamed_community(repository: Repository) -> None:
    before = planned(repository.load())
    (repository.root / COMMUNITY).rename(repository.root / "stacks/earth/sea.yaml")
    repository.stack("    ocean:", "    sea:")
    first, second = refusals(repository.load(), before)
    assert "write renamed_from: ocean/staging into it" in first.message
    assert "write renamed_from: ocean/prod into it" in second.message
    for name in ("staging", "prod"):
        repository.replace("stacks/earth/sea.yaml", f"{name}: {{", f"{name}: {{renamed_from: ocean/{name}, ")
    assert refusals(repository.load(), before) == []


def test_two_hubs_cannot_have_been_the_same(repository: Repository) -> None:
    repository.replace(COMMUNITY, "prod: {", "prod: {renamed_from: staging, ")
    assert any("ocean-staging is already used by ocean/staging" in line for line in repository.errors())


def test_what_becomes_of_a_hub_that_left(repository: Repository) -> None:
    stack = repository.load()
    without = replace(stack, hubs=stack.hubs[:1])
    (kept,) = departures(without, planned(stack))
    assert (
        kept.message
        == "was removed from the config: it stops; its namespace ocean-prod, people's files and images are kept"
    )
    assert str(kept).startswith("stacks/earth/ocean.yaml: ocean/prod: ")


MARKS: Mapping[str, tuple[str | None, str | None, bool, bool]] = {
    "never": (KEPT, KEPT, False, False),
    "deployed by an older program": (None, None, False, True),
    "half of an update": (DELETED, KEPT, True, True),
    "the other half": (KEPT, DELETED, True, True),
    "an update that failed after it": (DELETED, DELETED, True, False),
    "an update that began without the word and failed": (DELETED, DELETED, False, True),
}


@pytest.mark.parametrize("case", MARKS)
@pytest.mark.parametrize("repository_resource", [None, {"name": "earth-ocean-prod"}])
def test_it_is_deleted_only_after_an_update_that_said_so(
    repository: Repository, case: str, repository_resource: Mapping[str, Any] | None
) -> None:
    stack = repository.load()
    without = replace(stack, hubs=stack.hubs[:1])
    word = frozenset({"ocean-prod"})
    namespace, images, announced, confirmed = MARKS[case]
    if repository_resource is None and case == "half of an update":
        namespace = KEPT
    before = replace(
        changed(
            planned(stack),
            namespace_when_removed=namespace,
            images_when_removed=images,
            repository=repository_resource,
        ),
        announced=word if announced else frozenset(),
        confirmed=word if confirmed else frozenset(),
    )
    assert not before.deletable("ocean-prod")
    (kept,) = departures(without, before)
    assert "people's files and images are kept" in kept.message
    said = replace(
        changed(
            planned(stack), namespace_when_removed=DELETED, images_when_removed=DELETED, repository=repository_resource
        ),
        announced=word,
        confirmed=word,
    )
    assert said.deletable("ocean-prod")
    (deleted,) = departures(without, said)
    images_too = " and its images are" if repository_resource else " is"
    assert deleted.message == (
        f"was removed from the config: its namespace ocean-prod with all files in it{images_too} deleted (decommission)"
    )


def test_the_name_of_a_deployed_cluster_stays(repository: Repository) -> None:
    before = planned(repository.load())
    repository.stack("{name: earth}", "{name: moon}")
    assert [str(problem) for problem in refusals(repository.load(), before)] == [
        "stacks/Pulumi.earth.yaml:4: imagebuilding:cluster.name: is moon, but the hubs are deployed with earth."
        " Change it back"
    ]
