"""Check whether domains point to the ingress."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from hubs.check import domains
from hubs.check.findings import Finding, Status
from hubs.check.run import run
from hubs.clients.kubernetes import Cluster
from hubs.settings.stack import Stack
from tests.doubles.kubernetes import KubernetesDouble

Make = Callable[..., Stack]
INGRESS = {"ingress": {"class_name": "nginx"}}
DNS = {
    "quay.io": ["192.0.2.99"],
    "ocean.example.org": ["192.0.2.1", "2001:db8::1"],
    "balancer.example.net": ["192.0.2.1"],
}


@pytest.fixture(autouse=True)
def dns(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Return the names that have addresses. All other names have none."""
    names = dict(DNS)

    def getaddrinfo(name: str, *_: Any, **__: Any) -> list[Any]:
        if name == "127.0.0.1":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", _[0]))]
        if name in names and not names[name]:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        if name not in names and not name[0].isdigit():
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in names.get(name, [name])]

    monkeypatch.setattr("hubs.check.domains.socket.getaddrinfo", getaddrinfo)
    return names


def look(stack: Stack, cluster: Cluster) -> list[Finding]:
    return run(domains.checks(stack, cluster), set(), lambda _: None)


def ingress(class_name: str, **entry: str) -> dict[str, Any]:
    status = {"loadBalancer": {"ingress": [entry]}}
    return {"metadata": {"name": class_name}, "spec": {"ingressClassName": class_name}, "status": status}


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        ({"ip": "192.0.2.1"}, Status.OK),
        ({"hostname": "balancer.example.net"}, Status.OK),
        ({"ip": "192.0.2.9"}, Status.FAILED),
        ({"hostname": "gone.example.net"}, Status.FAILED),
    ],
)
def test_by_the_ingresses_of_the_class(make_stack: Make, entry: dict[str, str], status: Status) -> None:
    with KubernetesDouble() as double:
        double.create(domains.INGRESSES, ingress("nginx", **entry))
        double.create(domains.INGRESSES, ingress("other", ip="192.0.2.1"))
        finding = look(make_stack(cluster=INGRESS), Cluster("rig", double.kubeconfig()))[0]
        assert (finding.subject, finding.status) == ("ocean.example.org", status)


def test_by_the_controllers_load_balancer_before_there_is_an_ingress(make_stack: Make) -> None:
    with KubernetesDouble() as double:
        metadata = {"name": "c", "namespace": "i", "labels": {"app.kubernetes.io/name": "ingress-nginx"}}
        status = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}
        double.create("/api/v1/services", {"metadata": metadata, "spec": {"type": "LoadBalancer"}, "status": status})
        assert look(make_stack(cluster=INGRESS), Cluster("rig", double.kubeconfig()))[0].status is Status.OK


def test_a_domain_without_an_address(make_stack: Make, dns: dict[str, list[str]]) -> None:
    del dns["ocean.example.org"]
    with KubernetesDouble() as double:
        double.create(domains.INGRESSES, ingress("nginx", ip="192.0.2.1"))
        finding = look(make_stack(cluster=INGRESS), Cluster("rig", double.kubeconfig()))[0]
        assert finding.status is Status.FAILED
        assert "points to 192.0.2.1" in finding.todo


def test_what_cannot_be_known(make_stack: Make, dns: dict[str, list[str]]) -> None:
    with KubernetesDouble() as double:
        stack, cluster = make_stack(cluster=INGRESS), Cluster("rig", double.kubeconfig())
        assert look(stack, cluster)[0].status is Status.UNCHECKED
        dns["ocean.example.org"] = []
        assert "DNS is not available" in look(stack, cluster)[0].message
    dns.clear()
    assert look(stack, cluster)[0].status is Status.UNCHECKED, "this machine resolves no names at all"
    dns.update(DNS)
    finding = look(stack, Cluster("rig", double.kubeconfig()))[0]
    assert finding.status is Status.UNCHECKED
    assert "points to 192.0.2.1" in finding.message


def test_without_an_ingress_no_domain_is_asked(make_stack: Make) -> None:
    assert domains.checks(make_stack(), Cluster("rig", "")) == []
