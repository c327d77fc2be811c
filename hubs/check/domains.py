"""Check that the hubs' domains point to the cluster's ingress."""

from __future__ import annotations

import socket
from functools import partial
from typing import Any

from hubs.check.findings import Check, Result, failed, ok, unchecked
from hubs.clients.kubernetes import Cluster, ClusterError
from hubs.settings.hub import Hub
from hubs.settings.stack import Stack

AREA = "domains"
INGRESSES = "/apis/networking.k8s.io/v1/ingresses"


def checks(stack: Stack, cluster: Cluster) -> list[Check]:
    """Return one check per domain, or none for a cluster without ingress."""
    if stack.cluster.ingress is None:
        return []
    name = stack.cluster.ingress.class_name
    # Without DNS, no name has an address. The registry's name, which has one, shows whether DNS works.
    known = stack.registry.host.partition(":")[0]
    return [Check(AREA, hub.domain, partial(_domain, cluster, name, hub, known)) for hub in stack.hubs]


def _domain(cluster: Cluster, class_name: str, hub: Hub, registry: str) -> Result:
    try:
        ingress, reason = ingress_addresses(cluster, class_name), "it has none yet"
    except ClusterError as error:
        ingress, reason = set(), str(error)
    target = ", ".join(sorted(ingress)) or "the ingress"
    try:
        found = addresses(hub.domain)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME and _has_address(registry):
            return failed("has no DNS record", f"create a DNS record that points to {target}")
        return unchecked(f"DNS is not available ({error.strerror})")
    shown = ", ".join(sorted(found))
    if not ingress:
        return unchecked(f"points to {shown}; the address of the ingress is not known: {reason}")
    if found & _resolved(ingress):
        return ok(f"points to the ingress ({shown})")
    return failed(
        f"points to {shown}, but the ingress is at {target}",
        "correct the DNS record, unless a proxy in front of the cluster forwards requests",
    )


def _has_address(name: str) -> bool:
    try:
        return bool(addresses(name))
    except socket.gaierror:
        return False


def addresses(domain: str) -> set[str]:
    """Return the addresses of a name in DNS. Raises socket.gaierror."""
    return {str(entry[4][0]) for entry in socket.getaddrinfo(domain, 443, type=socket.SOCK_STREAM)}


def ingress_addresses(cluster: Cluster, class_name: str) -> set[str]:
    """Return the addresses and names of an ingress class, or an empty set if the cluster does not report any.

    They are in the status of the class's ingresses. If there are none, the load balancer of the controller is used,
    which is found by the labels of the usual controllers' charts.
    """
    found: set[str] = set()
    for ingress in cluster.list(INGRESSES):
        if ingress["spec"].get("ingressClassName") == class_name:
            found |= _balancer(ingress)
    if not found:
        for service in cluster.list("/api/v1/services"):
            labels = service["metadata"].get("labels") or {}
            name = str(labels.get("app.kubernetes.io/name", ""))
            if service["spec"].get("type") == "LoadBalancer" and ("ingress" in name or name == class_name):
                found |= _balancer(service)
    return found


def _balancer(item: dict[str, Any]) -> set[str]:
    entries = ((item.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    return {
        str(entry.get("ip") or entry.get("hostname")) for entry in entries if entry.get("ip") or entry.get("hostname")
    }


def _resolved(names: set[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        try:
            found |= addresses(name)
        except socket.gaierror:
            continue
    return found
