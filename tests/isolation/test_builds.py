"""Builds with a real Docker daemon, after the project's own init container: what a RUN step can reach."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubs.preview.values import placeholder_values
from tests.isolation.lab import (
    DOCKER,
    LINK_LOCAL,
    METADATA,
    NFS,
    OPEN,
    OPENED,
    POD_IDENTITY,
    PRIVATE,
    Pod,
    missing,
    pod,
    targets,
)
from tests.repository import Repository, make_repository

WHY_NOT = missing(DOCKER)
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

OPENED_TARGETS = {("tcp", address, port) for address, port in OPENED}
BLOCKED = (
    targets((*OPEN, *PRIVATE), NFS) | targets((*METADATA, POD_IDENTITY), {80, 443, 988, 5000, *NFS})
) - OPENED_TARGETS
OPEN_TARGETS = targets(OPEN, (80, 443, 5000)) | targets((*OPEN, *PRIVATE, *METADATA), (53,)) | OPENED_TARGETS
"""Public addresses, DNS anywhere, and what the setting opens."""
HOST_BLOCKED = targets((f"{LINK_LOCAL}%eth0",), {80, 443, *NFS})
"""Reached only by a build with `--network=host`, which is the pod's network."""

WAYS = {
    "classic builder": {"buildkit": False, "network": "default"},
    "BuildKit": {"buildkit": True, "network": "default"},
    "network of the pod": {"buildkit": False, "network": "host"},
}


def init_container(repository: Repository) -> dict[str, object]:
    """The init container of docker-api, as the chart gets it."""
    entries = [{"cidr": address, "ports": [port]} for address, port in OPENED]
    repository.stack("{name: earth}", f"{{name: earth, build_egress: {json.dumps(entries)}}}")
    values = placeholder_values(repository.load(), "ocean/prod")["binderhub-service"].data
    (container,) = values["dockerApi"]["initContainers"]
    found: dict[str, object] = container
    return found


@pytest.fixture(scope="module", params=[False, True], ids=["without rules", "with rules"])
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pod, Path, bool]]:
    """A pod with its Docker daemon, which starts after the init container, if there is one."""
    with pod() as found:
        if request.param:
            repository = make_repository(tmp_path_factory.mktemp("repository"))
            code, output = found.init(init_container(repository))
            assert code == 0, output
        with found.docker() as socket:
            yield found, socket, request.param


@pytest.mark.parametrize("way", WAYS)
def test_what_a_run_step_reaches(lab: tuple[Pod, Path, bool], way: str) -> None:
    in_pod, socket, restricted = lab
    host = HOST_BLOCKED if way == "network of the pod" else set()
    reached = in_pod.build(socket, BLOCKED | OPEN_TARGETS | host, **WAYS[way])  # type: ignore[arg-type]
    expected = OPEN_TARGETS if restricted else BLOCKED | OPEN_TARGETS | host
    if expected - reached:  # on a busy machine, an answer can be late
        reached |= in_pod.build(socket, expected - reached, **WAYS[way])  # type: ignore[arg-type]
    assert OPEN_TARGETS - reached == set(), "is open"
    if restricted:
        assert reached & (BLOCKED | host) == set(), "is blocked"
    else:
        assert (BLOCKED | host) - reached == set(), "answers, so that the other case proves something"
