"""What `hubs up` refuses before the engine runs: images that a registry does not have, and only those."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hubs.check.before_up import MissingImagesError, deployed_state, refuse_missing_images
from hubs.preview.values import hub_values
from hubs.settings.stack import Stack
from tests.doubles.registry import RegistryDouble
from tests.doubles.server import Fault, Reply

Make = Callable[..., Stack]


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[RegistryDouble]:
    with RegistryDouble() as server:
        server.add_image("jupyter/hub", "1")
        monkeypatch.setattr("hubs.values.safety.IMAGE", f"{server.host}/jupyter/hub:1")
        monkeypatch.setattr("hubs.values.binderhub.DOCKER_IMAGE", f"{server.host}/jupyter/hub:1")
        yield server


def stack_with(double: RegistryDouble, make_stack: Make, hub_image: str, **more: object) -> Stack:
    there = f"{double.host}/jupyter/hub:1"
    profile = {"display_name": "One", "images": {"a": there}}
    other = f"{double.host}/{hub_image}"
    own = {"image": there, "hub_image": other, "build": {"image": other}, "profiles": [profile]}
    return make_stack(community=own, **more)


def state_of(stack: Stack) -> str:
    resources = [{"inputs": {"values": values.data}} for values in hub_values(stack, stack.hubs[0]).values()]
    return json.dumps({"deployment": {"resources": [{"type": "pulumi:pulumi:Stack"}, *resources]}}, default=str)


def test_a_new_image_that_is_not_there_stops_the_update(double: RegistryDouble, make_stack: Make) -> None:
    stack = stack_with(double, make_stack, "jupyter/hub:typo")
    for state in ("", state_of(stack_with(double, make_stack, "jupyter/hub:1"))):
        with pytest.raises(MissingImagesError) as raised:
            refuse_missing_images(stack, state)
        assert str(raised.value).splitlines() == [
            f"{double.host}/jupyter/hub:typo does not exist: {double.host} has no such image",
            "Nothing was deployed. Correct name and tag; used by ocean/prod.",
        ]
    assert {request.method for request in double.requests} == {"GET", "HEAD"}


def test_what_runs_already_stops_nothing(
    double: RegistryDouble, make_stack: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever deleted an image must be able to deploy another change."""
    stack = stack_with(double, make_stack, "jupyter/hub:deleted")
    refuse_missing_images(stack, state_of(stack))
    assert (double.requests, capsys.readouterr().out) == ([], "")


def test_images_that_are_there(double: RegistryDouble, make_stack: Make, capsys: pytest.CaptureFixture[str]) -> None:
    refuse_missing_images(stack_with(double, make_stack, "jupyter/hub:1"), "no state")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("fault", [Reply(503, b""), Reply(401, b""), Reply(403, b""), Reply(429, b"")])
def test_without_an_answer_the_update_goes_on_and_says_so(
    double: RegistryDouble, make_stack: Make, capsys: pytest.CaptureFixture[str], fault: Reply
) -> None:
    double.faults.append(Fault("HEAD", fault, times=9))
    refuse_missing_images(stack_with(double, make_stack, "jupyter/hub:typo"), "")
    said = capsys.readouterr().out
    assert said.startswith("Not looked up before the update: ")
    assert f"{double.host}/jupyter/hub:typo" in said


def test_images_that_nodes_pull_with_a_login_are_left_to_the_check(double: RegistryDouble, make_stack: Make) -> None:
    own = {"type": "oci", "host": double.host, "prefix": "ocean", "insecure": True}
    refuse_missing_images(stack_with(double, make_stack, "jupyter/hub:typo", registry=own), "")


@pytest.mark.parametrize(
    ("script", "found"), [("echo $*", "stack export --stack earth --non-interactive\n"), ("exit 1", "")]
)
def test_the_state_comes_from_the_engine(tmp_path: Path, script: str, found: str) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text(f"#!/bin/sh\n{script}\n")
    pulumi.chmod(pulumi.stat().st_mode | stat.S_IXUSR)
    assert deployed_state(str(pulumi), "earth", tmp_path, {}) == found
    assert deployed_state(str(tmp_path / "none"), "earth", tmp_path, {}) == ""
