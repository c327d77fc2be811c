"""What people's servers can't reach. It follows from the merged values, so that a hub's own `values` are respected."""

from __future__ import annotations

from typing import Any

from hubs.settings.egress import Egress
from hubs.values.network_policies import DNS, Rule, public, to
from hubs.values.safety import block_network

_POD_IDENTITY = [Egress(cidr=address, ports=[80]) for address in ("169.254.170.23", "fd00:ec2::23")]
"""The agent of EKS Pod Identity on the node, which gives each pod only its own identity
(https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html)."""

_GKE_METADATA = Egress(cidr="169.254.169.252", ports=[988])
"""GKE's metadata server of the node, as policies see it
(https://docs.cloud.google.com/kubernetes-engine/docs/how-to/network-policy)."""


def isolated(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of the jupyterhub chart with the network restrictions of people's servers.

    The chart's policy with `egressAllowRules.nonPrivateIPs` allows carrier-grade and link-local addresses, which may be
    pods of other hubs. A narrower rule in `egress` replaces it. An init container, which the hub adds to each server,
    blocks NFS servers and, with `cloudMetadata.blockWithIptables`, the metadata server.
    """
    found = values.get("singleuser")
    singleuser: dict[str, Any] = found if isinstance(found, dict) else {}
    return {
        **values,
        "singleuser": {**singleuser, "networkPolicy": _policy(singleuser.get("networkPolicy") or {})},
        "custom": _with_init_container(values.get("custom") or {}, _metadata_blocked(singleuser)),
    }


def _policy(policy: dict[str, Any]) -> dict[str, Any]:
    allowed = policy.get("egressAllowRules") or {}
    if allowed.get("nonPrivateIPs") is False:
        return policy  # these servers have no access to the internet
    rules: list[Rule] = [DNS, public(), *map(to, _POD_IDENTITY)]
    if allowed.get("cloudMetadataServer"):
        rules.append(to(_GKE_METADATA))
    return {
        **policy,
        "egressAllowRules": {**allowed, "nonPrivateIPs": False},
        "egress": [*(policy.get("egress") or []), *rules],
    }


def _metadata_blocked(singleuser: dict[str, Any]) -> bool:
    return bool((singleuser.get("cloudMetadata") or {}).get("blockWithIptables", True))


def _with_init_container(custom: dict[str, Any], metadata: bool) -> dict[str, Any]:
    program = custom.get("imagebuilding") or {}
    block = block_network(metadata=metadata, opened=_POD_IDENTITY)
    containers = [*(program.get("init_containers") or []), block]
    return {**custom, "imagebuilding": {**program, "init_containers": containers}}
