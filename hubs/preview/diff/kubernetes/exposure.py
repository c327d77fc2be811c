"""From where a hub is reached: types of Services, hosts and TLS of Ingresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

from hubs.preview.manifests import Document

_OPENNESS = {"ClusterIP": 0, "ExternalName": 0, "NodePort": 1, "LoadBalancer": 2}
_REACHED = {
    "NodePort": "it is reached on a port of each node",
    "LoadBalancer": "it gets an address of its own, which is public unless the cluster says otherwise",
}
_EVERYONE = ["0.0.0.0/0", "::/0"]
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def more_exposed(old: Document | None, new: Document) -> Iterator[str]:
    """Yield from where a Service is reached in addition. `old` is None for a new one."""
    was, now = ((side or {}).get("spec") or {} for side in (old, new))
    before, after = (str(spec.get("type") or "ClusterIP") for spec in (was, now))
    if _OPENNESS.get(after, 0) > (_OPENNESS.get(before, 0) if old is not None else 0):
        yield f"becomes a {after}: {_REACHED[after]}" if old is not None else f"is a {after}: {_REACHED[after]}"
    elif after in _REACHED and (ports := sorted(_ports(now) - _ports(was))):
        yield f"opens more ports: {', '.join(map(str, ports))}"
    if added := sorted(set(now.get("externalIPs") or []) - set(was.get("externalIPs") or [])):
        yield f"is reached at {', '.join(added)}"
    if old is not None and before == after == "LoadBalancer":
        sources = [_networks(spec.get("loadBalancerSourceRanges") or _EVERYONE) for spec in (was, now)]
        if added := [str(network) for network in sources[1] if not _covered(network, sources[0])]:
            yield f"accepts connections from more addresses: {', '.join(added)}"


def hosts(documents: Iterable[Document]) -> dict[str, bool]:
    """Return the hosts of all Ingresses, and whether each one has TLS. An Ingress for all hosts has the host `*`."""
    found: dict[str, bool] = {}
    for document in documents:
        if document.get("kind") != "Ingress":
            continue
        spec = document.get("spec") or {}
        secure = [str(host) for item in spec.get("tls") or [] for host in item.get("hosts") or ["*"]]
        for rule in spec.get("rules") or []:
            host = str(rule.get("host") or "*")
            found[host] = found.get(host, False) or any(_matches(pattern, host) for pattern in secure)
    return found


def _matches(pattern: str, host: str) -> bool:
    return pattern in ("*", host) or (pattern.startswith("*.") and host.partition(".")[2] == pattern[2:])


def _ports(spec: dict[str, Any]) -> set[Any]:
    return {port.get("port") for port in spec.get("ports") or []}


def _networks(texts: Iterable[Any]) -> list[_Network]:
    found: list[_Network] = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(str(text), strict=False))
        except ValueError:
            continue
    return found


def _covered(network: _Network, others: Iterable[_Network]) -> bool:
    return any(
        (
            isinstance(network, ipaddress.IPv4Network)
            and isinstance(one, ipaddress.IPv4Network)
            and network.subnet_of(one)
        )
        or (
            isinstance(network, ipaddress.IPv6Network)
            and isinstance(one, ipaddress.IPv6Network)
            and network.subnet_of(one)
        )
        for one in others
    )
