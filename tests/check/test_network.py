"""The probe of network policies, with a stand-in for a cluster and a real API server, and the registry's address."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest

from hubs.check import network
from hubs.check.findings import Result, Status
from hubs.clients.kubernetes import Cluster, ClusterError
from hubs.settings.stack import Stack
from tests.doubles.apiserver import ApiServer

NAMESPACES = "/api/v1/namespaces"


class FakeCluster:
    """A cluster whose pods start and end at once. Whether a client reaches the server follows from the policies."""

    def __init__(self, *, enforces: bool = True, connected: bool = True, starts: bool = True, ip: str = "10.4.0.7"):
        self.enforces, self.connected, self.starts, self.ip = enforces, connected, starts, ip
        self.objects: dict[str, dict[str, Any]] = {f"{NAMESPACES}/earlier": {"metadata": {"name": "earlier"}}}
        self.deleted: list[str] = []
        self.fails: type[BaseException] | None = None

    def list(self, path: str, labelSelector: str) -> list[dict[str, Any]]:
        assert (path, labelSelector) == (NAMESPACES, "imagebuilding/probe=true")
        return [self.objects[f"{NAMESPACES}/earlier"]]

    def create(self, path: str, manifest: dict[str, Any]) -> None:
        if self.fails and path.endswith("/pods"):
            raise self.fails("refused")
        self.objects[f"{path}/{manifest['metadata']['name']}"] = manifest

    def delete(self, path: str) -> None:
        self.deleted.append(path)

    def read(self, path: str) -> dict[str, Any] | None:
        if "/pods/" not in path:
            return {}
        pod, name = self.objects[path], path.rpartition("/")[2]
        if not self.starts:
            waiting = {"reason": "ErrImagePull", "message": "no such image"}
            return {"status": {"phase": "Pending", "containerStatuses": [{"state": {"waiting": waiting}}]}}
        phase = "Running" if name == "server" else "Succeeded" if self._reaches(pod) else "Failed"
        return {"status": {"phase": phase, "podIP": self.ip}}

    def _reaches(self, pod: dict[str, Any]) -> bool:
        script = pod["spec"]["containers"][0]["command"][2]
        assert f"nc -w 2 {self.ip} 8080" in script
        (policy,) = (item for path, item in self.objects.items() if "networkpolicies" in path)
        selected = policy["spec"]["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
        blocks = [to["ipBlock"] for rule in policy["spec"]["egress"] for to in rule.get("to", [])]
        allowed = any(
            ipaddress.ip_address(self.ip) in ipaddress.ip_network(block["cidr"])
            and not any(ipaddress.ip_address(self.ip) in ipaddress.ip_network(net) for net in block.get("except", []))
            for block in blocks
        )
        return self.connected and not (self.enforces and selected and not allowed)


def probe(make_stack: Callable[..., Stack], cluster: Any, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setattr(network, "SECONDS", 0.2)
    return network.probe(make_stack(), cluster)


@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ({}, Status.OK, "enforces them"),
        ({"ip": "fd00:4::7"}, Status.OK, "enforces them"),
        ({"enforces": False}, Status.WARNING, "does not enforce them"),
        ({"connected": False}, Status.UNCHECKED, "a pod without a policy does not reach another pod either"),
        ({"starts": False}, Status.UNCHECKED, "no such image"),
        ({"ip": "203.0.113.9"}, Status.WARNING, "pods have public addresses (203.0.113.9)"),
    ],
)
def test_the_probe(
    make_stack: Callable[..., Stack], monkeypatch: pytest.MonkeyPatch, how: dict[str, Any], status: Status, words: str
) -> None:
    cluster = FakeCluster(**how)
    found = probe(make_stack, cluster, monkeypatch)
    assert (found.status, words in found.message) == (status, True), found
    (made,) = {
        path
        for path in cluster.objects
        if path.startswith(f"{NAMESPACES}/imagebuilding-probe") and path.count("/") == 4
    }
    assert cluster.deleted == [f"{NAMESPACES}/earlier", made], "also what an interrupted probe left"


@pytest.mark.parametrize("error", [ClusterError, KeyboardInterrupt, RuntimeError])
def test_the_namespace_is_deleted_in_any_case(
    make_stack: Callable[..., Stack], monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    cluster = FakeCluster()
    cluster.fails = error
    if error is ClusterError:
        assert probe(make_stack, cluster, monkeypatch) == Result(Status.UNCHECKED, "refused")
    else:
        with pytest.raises(error):
            probe(make_stack, cluster, monkeypatch)
    assert cluster.deleted[-1].startswith(f"{NAMESPACES}/imagebuilding-probe")


def test_a_real_api_server_accepts_what_the_probe_creates(
    make_stack: Callable[..., Stack], monkeypatch: pytest.MonkeyPatch, real: ApiServer
) -> None:
    cluster = Cluster("rig", real.kubeconfig())
    created = []

    def create(path: str, manifest: dict[str, Any]) -> None:
        Cluster.create(cluster, path, manifest)
        created.append(path.rpartition("/")[2])

    monkeypatch.setattr(cluster, "create", create)
    found = probe(make_stack, cluster, monkeypatch)
    assert created == ["namespaces", "networkpolicies", "pods"], found
    assert found.status is Status.UNCHECKED
    assert "a pod did not start" in found.message
    left = Cluster("rig", real.kubeconfig()).list(NAMESPACES, labelSelector="imagebuilding/probe=true")
    assert [item["status"]["phase"] for item in left] == ["Terminating"], "no controller finishes it here"


def test_what_may_not_be_created(make_stack: Callable[..., Stack], monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster("rig", "{}")
    monkeypatch.setattr(cluster, "_send", lambda *_: (403, b""))
    monkeypatch.setattr(cluster, "list", lambda *_, **__: [])
    found = probe(make_stack, cluster, monkeypatch)
    assert found == Result(Status.UNCHECKED, "the account may not create /api/v1/namespaces")


@pytest.mark.parametrize(
    ("host", "address", "egress", "status"),
    [
        ("registry.test:5000", "10.1.2.3", [], Status.FAILED),
        ("registry.test:5000", "10.1.2.3", [{"cidr": "10.1.2.0/28", "ports": [5000]}], Status.OK),
        ("registry.test:5000", "10.1.2.3", [{"cidr": "10.1.2.3"}], Status.FAILED),
        ("registry.test", "10.1.2.3", [{"cidr": "10.1.2.3"}], Status.OK),
        ("registry.test", "203.0.113.9", [], Status.OK),
    ],
)
def test_the_address_of_the_registry(
    make_stack: Callable[..., Stack],
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    address: str,
    egress: list[dict[str, Any]],
    status: Status,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (address, 443))])
    stack = make_stack(cluster={"build_egress": egress}, registry={"type": "oci", "host": host})
    (check,) = network.checks(stack)
    found = check.run()
    assert isinstance(found, Result)
    assert found.status is status


def test_other_registries_are_public(make_stack: Callable[..., Stack]) -> None:
    assert network.checks(make_stack()) == []
    assert network.checks(make_stack(registry={"type": "oci", "host": "10.1.2.3:5000"})) == [], "is opened by itself"
