"""Kubernetes NetworkPolicies: what builds and people's servers can't reach where the cluster enforces policies.

Policies add up: a pod reaches what any of its policies allows. So the policies of the charts that allow more than these
are switched off, or changed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from hubs.settings.egress import METADATA, PRIVATE, Egress, Network, networks
from hubs.settings.registry import address
from hubs.settings.stack import Stack

Rule = dict[str, Any]
"""An item of `egress` (https://kubernetes.io/docs/concepts/services-networking/network-policies/)."""

DNS: Rule = {"ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]}
"""To any address: clusters have their DNS at private, carrier-grade or link-local addresses."""


def public() -> Rule:
    """Return the rule for all public addresses."""
    return {
        "to": [
            {
                "ipBlock": {
                    "cidr": everything,
                    "except": _without_subnets(networks(*PRIVATE, *METADATA, version=version)),
                }
            }
            for version, everything in ((4, "0.0.0.0/0"), (6, "::/0"))
        ]
    }


def to(entry: Egress) -> Rule:
    """Return the rule for an address that is opened."""
    return {
        "to": [{"ipBlock": {"cidr": entry.cidr}}],
        "ports": [{"protocol": "TCP", "port": port} for port in entry.ports],
    }


def build_policies(stack: Stack) -> dict[str, dict[str, Any]]:
    """Return the spec of each policy for the pods that builds run in, by its name in a hub's namespace.

    They reach public addresses, DNS, and what `cluster.build_egress` and a registry at an IP address need. Nothing
    reaches them.
    """
    egress = [DNS, public(), *map(to, [*_registry(stack), *stack.cluster.build_egress])]
    return {
        name: {
            "podSelector": {"matchLabels": labels},
            "policyTypes": ["Ingress", "Egress"],
            "egress": egress,
        }
        for name, labels in _BUILDS.items()
    }


_BUILDS = {
    # binderhub/build.py, KubernetesBuildExecutor: repo2docker, which also clones the repository.
    "imagebuilding-builds": {"component": "binderhub-build"},
    # The Docker daemon of the chart binderhub-service, and the steps of all builds on its node.
    "imagebuilding-docker-api": {"app.kubernetes.io/component": "docker-api"},
}


def _registry(stack: Stack) -> list[Egress]:
    """Return the registry, if it is given by its IP address. Addresses of a host name may change."""
    host, port = address(stack.registry)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return []
    return [Egress(cidr=f"{ipaddress.ip_network(host)}", ports=[port])]


def _without_subnets(found: Iterable[str]) -> list[str]:
    """Return the networks without those that are part of another one, which some clusters refuse in `except`."""
    parsed: list[Network] = [ipaddress.ip_network(text) for text in found]
    versions = ([net for net in parsed if net.version == version] for version in (4, 6))
    return [str(net) for same in versions for net in ipaddress.collapse_addresses(same)]  # type: ignore[type-var]
