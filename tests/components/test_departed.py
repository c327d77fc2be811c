"""Removed hubs: what the state would let the engine delete is registered again, as kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import resource_pb2

from components.deployed import DECOMMISSIONS, HUB, NAMESPACE, NAMESPACES, REPOSITORY, STACK, Outputs
from hubs.preview import program
from hubs.values.namespace import WHEN_REMOVED
from tests.components.resources import Resources, resources
from tests.repository import Repository

COMMUNITY = "stacks/earth/ocean.yaml"
PROD = "  prod: {domain: ocean.example.org}\n"
WORD = "  prod: {domain: ocean.example.org, decommission: true}\n"
GOOGLE = "{type: artifact-registry, location: us}"
QUAY = "{type: quay, organization: earth}"


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Return the outputs that components register, by type and name."""
    seen: dict[str, dict[str, Any]] = {}
    register = program._Monitor.RegisterResourceOutputs

    def note(self: Any, request: Any) -> Any:
        kind, name = request.urn.split("$")[-1].split("::")[-2:]
        seen[f"{kind}::{name}"] = program._plain(request.outputs)
        return register(self, request)

    monkeypatch.setattr(program._Monitor, "RegisterResourceOutputs", note)
    return seen


def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Outputs]], None]:
    """Return a function that sets the state that the engine answers with."""
    invoke = program._Monitor.Invoke

    def answer_with(state: dict[str, Outputs]) -> None:
        def answer(self: Any, request: Any) -> Any:
            if request.tok != "pulumi:pulumi:readStackResourceOutputs":
                return invoke(self, request)
            answer = struct_pb2.Struct()
            answer.update({"outputs": {urn: {"outputs": found} for urn, found in state.items()}})
            return resource_pb2.ResourceInvokeResponse(**{"return": answer})

        monkeypatch.setattr(program._Monitor, "Invoke", answer)

    return answer_with


def after(found: Resources, *, announced: bool, confirmed: bool, without: tuple[str, ...] = ()) -> dict[str, Outputs]:
    """Return the state after an update that registered these resources. It began with or without `decommission` of
    prod, and the last one that succeeded had it or not. `without`: ends of URNs that were not reached."""
    plain: dict[str, Outputs] = {
        item.urn: {} if item.type == HUB else {key: value for key, value in item.inputs.items() if key != "values"}
        for item in found.program.resources
        if not item.urn.endswith(without or ("-",))
    }
    prefix = "urn:pulumi:earth::imagebuilding"
    plain[f"{prefix}::{DECOMMISSIONS}::earth"] = {NAMESPACES: ["ocean-prod"] if announced else []}
    hubs = {"ocean/prod": {"namespace": "ocean-prod", "decommission": confirmed}}
    plain[f"{prefix}::{STACK}::imagebuilding-earth"] = {"hubs": hubs}
    return plain


INTERRUPTED = {"failed": (True, False), "the word was taken back": (False, True), "neither": (False, False)}


@pytest.mark.parametrize("case", INTERRUPTED)
@pytest.mark.parametrize("registry", [GOOGLE, QUAY])
def test_it_is_kept_after_an_update_that_did_not_say_so(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, case: str, registry: str
) -> None:
    repository.stack(QUAY, registry)
    repository.replace(COMMUNITY, PROD, WORD)
    announced, confirmed = INTERRUPTED[case]
    before = resources(repository)
    engine(monkeypatch)(after(before, announced=announced, confirmed=confirmed))
    repository.replace(COMMUNITY, WORD, "")
    found = resources(repository)
    assert any("people's files and images are kept" in warning for warning in found.program.warnings)
    kept = {item.type: item for item in found.program.resources if item.name.endswith("ocean-prod")}
    namespace, was = kept[NAMESPACE], before.one(NAMESPACE, "ocean-prod")
    assert namespace.urn == was.urn
    assert namespace.retain_on_delete
    marks = was.inputs["metadata"]["annotations"] | {WHEN_REMOVED: "kept"}
    assert namespace.inputs == was.inputs | {"metadata": was.inputs["metadata"] | {"annotations": marks}}
    assert (REPOSITORY in kept) == (registry == GOOGLE)
    if registry == GOOGLE:
        images, was = kept[REPOSITORY], before.one(REPOSITORY, "earth-ocean-prod")
        assert (images.urn, images.retain_on_delete) == (was.urn, True)
        same = {key: value for key, value in was.inputs.items() if key in images.inputs and key != "description"}
        assert images.inputs == same | {
            "description": "Images built on the hub earth-ocean-prod; they are kept when the hub is removed"
        }
    assert {item.type for item in found.program.resources if "prod" in item.name} == kept.keys(), "nothing else of it"


def test_it_is_deleted_after_an_update_that_said_so(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, outputs: dict[str, dict[str, Any]]
) -> None:
    repository.replace(COMMUNITY, PROD, WORD)
    before = resources(repository)
    assert outputs[f"{DECOMMISSIONS}::earth"] == {NAMESPACES: ["ocean-prod"]}
    engine(monkeypatch)(after(before, announced=True, confirmed=True))
    repository.replace(COMMUNITY, WORD, "")
    found = resources(repository)
    assert any("with all files in it is deleted (decommission)" in warning for warning in found.program.warnings)
    assert not [item for item in found.program.resources if "ocean-prod" in item.name]
    assert outputs[f"{DECOMMISSIONS}::earth"] == {NAMESPACES: ["ocean-prod"]}, "also if this update fails on the way"


def test_a_word_that_was_taken_back(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, outputs: dict[str, dict[str, Any]]
) -> None:
    repository.replace(COMMUNITY, PROD, WORD)
    engine(monkeypatch)(after(resources(repository), announced=True, confirmed=True))
    repository.replace(COMMUNITY, WORD, PROD)
    found = resources(repository)
    assert outputs[f"{DECOMMISSIONS}::earth"] == {NAMESPACES: []}, "recorded before anything else, should this fail"
    assert found.one(NAMESPACE, "ocean-prod").retain_on_delete


def test_a_stack_that_never_decommissions_has_no_record(repository: Repository) -> None:
    assert not resources(repository).all(DECOMMISSIONS)


def test_what_was_not_deployed_is_not_created(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.stack(QUAY, GOOGLE)
    repository.replace(COMMUNITY, PROD, WORD)
    ends = (f"{NAMESPACE}::ocean-prod", f"{REPOSITORY}::earth-ocean-prod")
    engine(monkeypatch)(after(resources(repository), announced=True, confirmed=False, without=ends))
    repository.replace(COMMUNITY, WORD, "")
    assert not [item for item in resources(repository).program.resources if "ocean-prod" in item.name]
