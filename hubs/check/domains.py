"""Do the hubs' domains lead to the cluster's ingress?"""

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
    """One check for each hub's domain; none for a cluster without ingress."""
    if stack.cluster.ingress is None:
        return []
    name = stack.cluster.ingress.class_name
    # A machine without DNS says of every name that there is no such; the registry's is one that there is.
    known = stack.registry.host.partition(":")[0]
    return [Check(AREA, hub.domain, partial(_look, cluster, name, hub, known)) for hub in stack.hubs]


def _look(cluster: Cluster, class_name: str, hub: Hub, registry: str) -> Result:
    try:
        wanted, why = ingress_addresses(cluster, class_name), ""
    except ClusterError as error:
        wanted, why = set(), str(error)
    where = ", ".join(sorted(wanted)) or "the ingress"
    try:
        found = addresses(hub.domain)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME and _has_address(registry):
            return failed("has no address in the DNS", f"make a record of it that points to {where}")
        return unchecked(f"the DNS can't be asked ({error.strerror})")
    words = ", ".join(sorted(found))
    if not wanted:
        return unchecked(f"points to {words}; where the ingress is can't be known" + (f": {why}" if why else " yet"))
    if found & _resolved(wanted):
        return ok(f"points to the ingress ({words})")
    return failed(
        f"points to {words}, and the ingress is at {where}",
        "correct the DNS record, unless something in between passes requests on",
    )


def _has_address(name: str) -> bool:
    try:
        return bool(addresses(name))
    except socket.gaierror:
        return False


def addresses(domain: str) -> set[str]:
    """What the DNS gives for a name. Raises socket.gaierror."""
    return {str(entry[4][0]) for entry in socket.getaddrinfo(domain, 443, type=socket.SOCK_STREAM)}


def ingress_addresses(cluster: Cluster, class_name: str) -> set[str]:
    """Addresses and names that the ingress class is reached by; empty if the cluster doesn't tell.

    Ingresses of the class say so in their status; without any, the load balancer of the class's controller does, found
    by the labels that the usual controllers' charts give it.
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
