"""Hubs that come back or get another name take over what is deployed: the same resources, nothing new or replaced."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2, resource_pb2

from components.deployed import NAMESPACE, REPOSITORY
from hubs.preview import program
from hubs.preview.plan import as_json_for_rendering
from hubs.values.namespace import KEY
from tests.components.resources import resources
from tests.repository import Repository

COMMUNITY = "stacks/earth/ocean.yaml"
QUAY = "{type: quay, organization: earth}"
GOOGLE = "{type: artifact-registry, location: us-central1}"
GET_REPOSITORY = "gcp:artifactregistry/getRepository:getRepository"


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, set[str]]]:
    """Return the ID and the ignored inputs of each repository that is registered, by name."""
    seen: dict[str, tuple[str, set[str]]] = {}
    register = program._Monitor.RegisterResource

    def note(self: Any, request: Any) -> Any:
        if request.type == REPOSITORY:
            seen[request.name] = request.importId, set(request.ignoreChanges)
        return register(self, request)

    monkeypatch.setattr(program._Monitor, "RegisterResource", note)
    return seen


def google(monkeypatch: pytest.MonkeyPatch, exists: str = "", error: str = "") -> None:
    """Answer for Google that the repository of this name exists, or this error."""
    invoke = program._Monitor.Invoke

    def answer(self: Any, request: Any) -> Any:
        if request.tok != GET_REPOSITORY:
            return invoke(self, request)
        if error:
            return resource_pb2.ResourceInvokeResponse(failures=[provider_pb2.CheckFailure(reason=error)])
        if request.args["repositoryId"] != exists:
            return invoke(self, request)
        return resource_pb2.ResourceInvokeResponse(**{"return": request.args})

    monkeypatch.setattr(program._Monitor, "Invoke", answer)


def test_a_repository_that_was_kept_is_imported_and_not_changed(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, imported: dict[str, tuple[str, set[str]]]
) -> None:
    repository.stack(QUAY, GOOGLE)
    google(monkeypatch, "earth-ocean-prod")
    inputs = resources(repository).one(REPOSITORY, "earth-ocean-prod").inputs
    id_, ignored = imported["earth-ocean-prod"]
    assert id_ == "projects/earth-hubs/locations/us-central1/repositories/earth-ocean-prod"
    # An import of what differs fails, and these four can't differ: the ID consists of them.
    assert inputs.keys() - ignored == {"format", "location", "project", "repositoryId"}
    assert imported["earth-ocean-staging"] == ("", set())


@pytest.mark.parametrize(
    ("error", "warns"),
    [
        ("projects/p/locations/l/repositories/r not found", False),
        ("googleapi: Error 403: Artifact Registry API has not been used in project 1 before", False),
        ("googleapi: Error 403: Permission 'artifactregistry.repositories.get' denied", True),
    ],
)
def test_whether_google_has_it_may_not_be_known(
    repository: Repository,
    monkeypatch: pytest.MonkeyPatch,
    imported: dict[str, tuple[str, set[str]]],
    error: str,
    warns: bool,
) -> None:
    repository.stack(QUAY, GOOGLE)
    google(monkeypatch, error=error)
    warnings = resources(repository).program.warnings
    assert {id_ for id_, _ in imported.values()} == {""}
    assert any("has kept the repository earth-ocean-prod" in warning for warning in warnings) == warns


HOMES = ("volume: {}", "nfs: {server: nfs.example.org, path: /a}", "disk: {volume_id: vol-1}", "none: true")
REGISTRIES = {"google": GOOGLE, "managed": "{type: quay, organization: earth, robot: managed}"}


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("registry", REGISTRIES)
@pytest.mark.parametrize("community", ["ocean", "sea"])
def test_a_renamed_hub_keeps_every_resource(repository: Repository, home: str, registry: str, community: str) -> None:
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    repository.stack(QUAY, REGISTRIES[registry])
    repository.stack("registry: {username: earth+robot,", 'registry: {token: {secure: "v1:t"}, username: earth+robot,')
    repository.replace(COMMUNITY, "prod: {", f"prod: {{home: {{{home}}}, ")
    before = {item.urn: item for item in resources(repository).program.resources}
    file = repository.root / "stacks" / "earth" / f"{community}.yaml"
    (repository.root / COMMUNITY).rename(file)
    repository.stack("    ocean:", f"    {community}:")
    path = f"stacks/earth/{community}.yaml"
    repository.replace(path, "prod: {", "main: {renamed_from: ocean/prod, ")
    repository.replace(path, "staging: {", "staging: {renamed_from: ocean/staging, ")
    found = resources(repository).program
    hubs = {item.get("hub") for item in json.loads(as_json_for_rendering(found))["resources"]}
    assert hubs == {None, f"{community}/main", f"{community}/staging"}, "a difference shows their new names"
    after = {item.urn: item for item in found.resources}
    assert after.keys() == before.keys()
    for urn, item in after.items():
        if item.type == NAMESPACE:
            names = {"ocean-prod": f"{community}/main", "ocean-staging": f"{community}/staging"}
            assert item.inputs["metadata"]["annotations"][KEY] == names[item.name]
            continue
        # Secrets are found by the hub's own name; a plan shows where they are in place of them.
        written = repr(item.inputs).replace(f"secrets.{community}.", "secrets.ocean.")
        assert written == repr(before[urn].inputs), urn
        assert (item.depends_on, item.retain_on_delete) == (before[urn].depends_on, before[urn].retain_on_delete)


def test_the_robot_of_prod_changes_after_staging(repository: Repository) -> None:
    repository.stack(QUAY, REGISTRIES["managed"])
    repository.stack("registry: {username: earth+robot,", 'registry: {token: {secure: "v1:t"}, username: earth+robot,')
    found = resources(repository)
    prod, staging = (found.one("QuayRobotAccount", f"earth-ocean-{name}") for name in ("prod", "staging"))
    releases = {item.urn for item in found.all("Release") if item.inputs["namespace"] == "ocean-staging"}
    assert len(releases) == 2
    assert releases <= set(prod.depends_on)
    assert not any("ocean-prod" in urn for urn in staging.depends_on)
