"""Check the images of hubs, each once, with the credentials of nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from hubs.check import images, rendered
from hubs.check.credentials import Credentials
from hubs.check.findings import Finding, Status
from hubs.check.run import run
from hubs.clients.http import Http
from hubs.settings.stack import Stack
from hubs.values import binderhub, safety
from tests.doubles.registry import Account, RegistryDouble
from tests.doubles.server import Fault, Reply
from tests.repository import without_default_image

Make = Callable[..., Stack]


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[RegistryDouble]:
    with RegistryDouble() as server:
        server.add_image("jupyter/hub", "1")
        # The images that the program itself names
        monkeypatch.setattr("hubs.values.safety.IMAGE", f"{server.host}/jupyter/hub:1")
        monkeypatch.setattr("hubs.values.binderhub.DOCKER_IMAGE", f"{server.host}/jupyter/hub:1")
        yield server


def community(double: RegistryDouble, *names: str) -> dict[str, object]:
    """Return a community whose images are all at the stand-in; `names` are choices of a profile."""
    there = f"{double.host}/jupyter/hub:1"
    profile = {"display_name": "One", "images": {f"image-{i}": name for i, name in enumerate(names)}}
    return {"image": there, "hub_image": there, "build": {"image": there}, "profiles": [profile] if names else []}


def look(stack: Stack, http: Http) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in run(images.checks(stack, Credentials({}), http), set(), lambda _: None):
        found.setdefault(finding.subject, []).append(finding)
    return found


def test_every_image_that_a_hub_names(make_stack: Make) -> None:
    override = {"kubespawner_override": {"image": "quay.io/a/profile:1"}}
    choice = {"display_name": "A", "kubespawner_override": {"image": "quay.io/a/choice:1"}}
    other = {"display_name": "B", "kubespawner_override": {"mem_limit": "1G"}}
    unlisted = {"enabled": True, "kubespawner_override": {"image": "{value}"}}
    options = {"image": {"display_name": "I", "choices": {"a": choice, "b": other}, "unlisted_choice": unlisted}}
    profiles = [
        {"display_name": "One", **override, "profile_options": options},
        {"display_name": "Two", "images": {"short": "quay.io/a/short:1"}},
    ]
    stack = make_stack(
        community={"profiles": profiles, "image": "quay.io/a/image:1", "build": {"image": "quay.io/a/build:1"}}
    )
    found = images.images_of(stack.hubs[0])
    wanted = {f"quay.io/a/{name}:1" for name in ("profile", "choice", "short", "image", "build")}
    assert found == wanted | {stack.hubs[0].hub_image}


def test_images_of_the_programs_own_containers(make_stack: Make) -> None:
    found = images.images_of_stack(make_stack())
    assert {safety.IMAGE, binderhub.DOCKER_IMAGE} <= set(found), "docker-api and servers do not start without them"
    assert [hub.key for hub in found[safety.IMAGE]] == ["ocean/prod"]


def test_images_of_rendered_pods(double: RegistryDouble, http: Http, make_stack: Make) -> None:
    spec = {"initContainers": [{"image": "a/init:1"}], "containers": [{"image": "a/main:1"}, {"name": "none"}]}
    for document in (
        {"kind": "Pod", "spec": spec},
        {"kind": "DaemonSet", "spec": {"template": {"spec": spec}}},
        {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}},
    ):
        assert list(rendered.pod_images(document)) == ["a/init:1", "a/main:1"]
    assert list(rendered.pod_images({"kind": "Secret", "spec": spec})) == []
    name = f"{double.host}/jupyter/proxy:1"
    checks = images.checks(make_stack(community=community(double)), Credentials({}), http, {name: {"ocean-prod"}})
    found = {finding.subject: finding for finding in run(checks, set(), lambda _: None)}
    assert found[name].status is Status.FAILED
    assert "used by ocean/prod" in found[name].message


def test_one_look_for_each_image_and_one_token_for_each_repository(
    double: RegistryDouble, http: Http, make_stack: Make
) -> None:
    double.add_image("jupyter/hub", "2")
    hubs = {"prod": {"domain": "a.example.org"}, "staging": {"domain": "b.example.org"}}
    choices = community(double, f"{double.host}/jupyter/hub:2")
    found = look(make_stack(community={**choices, "hubs": hubs}), http)
    assert {f.status for findings in found.values() for f in findings} == {Status.OK}
    assert len(double.asked("HEAD")) == 2
    assert {request.method for request in double.requests} == {"GET", "HEAD"}
    assert all("Basic" not in request.headers.get("authorization", "") for request in double.requests)


def test_what_is_not_there_is_told_with_who_names_it(double: RegistryDouble, http: Http, make_stack: Make) -> None:
    double.add_image("jupyter/private", "1", public=False)
    names = [f"{double.host}/{name}" for name in ("jupyter/hub:9", "jupyter/none:1", "jupyter/private:1")]
    found = look(make_stack(community=community(double, *names)), http)
    assert [found[name][0].status for name in names] == [Status.FAILED] * 3
    assert "has no such image; used by ocean/prod" in found[names[0]][0].message
    assert "nodes would need a login" in found[names[2]][0].message
    assert found[f"{double.host}/jupyter/hub:1"][0].status is Status.OK


@pytest.mark.parametrize("tag", ["latest", "main", "dev"])
def test_for_a_moving_tag_what_to_pin_is_said_and_the_settings_alone_warn(
    double: RegistryDouble, http: Http, make_stack: Make, tag: str
) -> None:
    digest = double.add_image("jupyter/hub", tag)
    name = f"{double.host}/jupyter/hub:{tag}"
    stack = make_stack(community=community(double, name))
    (finding,) = look(stack, http)[name]
    assert (finding.status, finding.message) == (
        Status.OK,
        f"exists; to pin it: {double.host}/jupyter/hub@{digest}",
    )
    assert [warning.message for warning in without_default_image(stack)] == [
        f"these tags can move; pin a version: {name}"
    ]


@pytest.mark.parametrize("fault", [Reply(503, b""), Reply(429, b"", {"Retry-After": "600"}), Reply(418, b"")])
def test_a_registry_that_does_not_say_is_not_taken_for_a_no(
    double: RegistryDouble, http: Http, slept: list[float], make_stack: Make, fault: Reply
) -> None:
    double.faults.append(Fault("HEAD", fault, times=9))
    found = look(make_stack(community=community(double)), http)
    assert [f.status for findings in found.values() for f in findings] == [Status.UNCHECKED]


def test_images_beside_the_built_ones_are_pulled_with_the_pull_secret(
    double: RegistryDouble, http: Http, make_stack: Make
) -> None:
    double.add_image("ocean/private", "1", public=False)
    double.organizations.add("ocean")
    double.accounts["ocean+builder"] = Account("MARKER-password-1", pull=["ocean/"])
    name = f"{double.host}/ocean/private:1"
    for pull_secret, status in ((True, Status.OK), (False, Status.FAILED)):
        own = {"type": "oci", "host": double.host, "insecure": True, "pull_secret": pull_secret}
        found = look(make_stack(registry=own, community=community(double, name)), http)
        assert found[name][0].status is status
