"""The init containers on nodes of all kinds: what processes of the pod can reach, and that no rule means no pod."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubs.preview.values import placeholder_values
from tests.isolation.lab import METADATA, NFS, OPEN, POD_IDENTITY, PRIVATE, TOOLS, Pod, missing, pod, targets
from tests.repository import OCEAN, Repository, make_repository

WHY_NOT = missing(TOOLS)
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

BLOCKED_NFS = targets((*OPEN, *PRIVATE, *METADATA), NFS)
BLOCKED_METADATA = targets([address for address in METADATA if address != "fd00:ec2::23"], (80, 988))
STAYS_OPEN = targets(OPEN, (80, 443)) | targets((*OPEN, *PRIVATE, *METADATA), (53,)) | {("tcp", POD_IDENTITY, 80)}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return make_repository(tmp_path / "repository")


@pytest.fixture
def dual() -> Iterator[Pod]:
    """A pod with IPv4 and IPv6."""
    with pod() as found:
        yield found


@pytest.fixture
def single() -> Iterator[Pod]:
    """A pod with IPv4, and a link-local IPv6 address only, as in most clusters."""
    with pod(ipv6=False) as found:
        yield found


def container(repository: Repository, more: str = "") -> dict[str, object]:
    """The init container of people's servers."""
    repository.ocean(OCEAN + more)
    values = placeholder_values(repository.load(), "ocean/prod")["jupyterhub"].data
    found: dict[str, object] = values["custom"]["imagebuilding"]["init_containers"][-1]
    return found


def node(folder: Path, *working: str) -> str:
    """Return a PATH with the tools of the image, of which only `working` work: names of a program and a command."""
    folder.mkdir()
    for program in ("xtables-legacy-multi", "xtables-nft-multi"):
        cases = "|".join(command for name, _, command in (item.partition(" ") for item in working) if name == program)
        works = f'case "$1" in {cases}) exec {shutil.which(program)} "$@" ;; esac\n' if cases else ""
        (folder / program).write_text(f"#!/bin/sh\n{works}echo {program}: not on this node >&2\nexit 3\n")
        (folder / program).chmod(0o755)
    return str(folder)


def test_servers(repository: Repository, dual: Pod) -> None:
    everything = BLOCKED_NFS | BLOCKED_METADATA | STAYS_OPEN
    assert dual.reached(everything) == everything, "without rules"
    code, output = dual.init(container(repository))
    assert code == 0, output
    assert dual.reached(everything) == STAYS_OPEN


def test_servers_that_need_the_metadata_server(repository: Repository, dual: Pod) -> None:
    code, output = dual.init(container(repository, "block_cloud_metadata: false\n"))
    assert code == 0, output
    assert dual.reached(BLOCKED_NFS | BLOCKED_METADATA | STAYS_OPEN) == BLOCKED_METADATA | STAYS_OPEN


@pytest.mark.parametrize("shell", [["dash"], ["busybox", "sh"]])
@pytest.mark.parametrize("program", ["xtables-legacy-multi", "xtables-nft-multi"])
def test_either_kind_of_tables(
    repository: Repository, dual: Pod, tmp_path: Path, program: str, shell: list[str]
) -> None:
    path = node(tmp_path / "bin", f"{program} iptables-restore", f"{program} ip6tables-restore")
    executable = shutil.which(shell[0])
    assert executable
    code, output = dual.init(container(repository), shell=[executable, *shell[1:]], path=path)
    assert code == 0, output
    assert f"ip6tables-restore: set by {program}" in output
    assert dual.reached(BLOCKED_NFS | BLOCKED_METADATA) == set()


def test_a_container_that_starts_again(repository: Repository, dual: Pod) -> None:
    for _ in range(2):
        assert dual.init(container(repository))[0] == 0
    assert dual.reached(BLOCKED_NFS | STAYS_OPEN) == STAYS_OPEN


def test_no_rules_no_pod(repository: Repository, single: Pod, tmp_path: Path) -> None:
    code, output = single.init(container(repository), path=node(tmp_path / "bin"))
    assert code == 1
    assert "IPv4 rules can't be set: this pod must not start" in output


def test_ipv6_without_ip6tables(repository: Repository, dual: Pod, tmp_path: Path) -> None:
    path = node(tmp_path / "bin", "xtables-legacy-multi iptables-restore")
    code, output = dual.init(container(repository), path=path)
    assert code == 1
    assert "this pod has an IPv6 address, but IPv6 rules can't be set" in output


@pytest.mark.parametrize("link_local", [True, False])
def test_a_pod_without_ipv6_needs_no_ip6tables(
    repository: Repository, single: Pod, tmp_path: Path, link_local: bool
) -> None:
    if not link_local:
        single.run("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6")
    path = node(tmp_path / "bin", "xtables-nft-multi iptables-restore")
    code, output = single.init(container(repository), path=path)
    assert code == 0, output
    assert "eth0" not in single.run("cat", "/proc/net/if_inet6").stdout
    assert single.reached(targets(["169.254.169.254", "10.9.0.7"], (80, 2049))) == targets(["10.9.0.7"], (80,))
