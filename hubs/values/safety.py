"""Keeping builds and servers away from what isn't theirs."""

from __future__ import annotations

from typing import Any

_PORTS = (111, 2049, 20048)
"""portmapper, NFS and mountd: the ways to a home share."""

_RULES = " && ".join(
    f"iptables --append OUTPUT --protocol {protocol} --destination-port {port} --jump DROP"
    for protocol in ("tcp", "udp")
    for port in _PORTS
)

BLOCK_NFS: dict[str, Any] = {
    "name": "block-nfs-access",
    "image": "quay.io/jupyterhub/k8s-network-tools:4.1.0",
    "command": ["/bin/sh", "-c", _RULES],
    "securityContext": {"runAsUser": 0, "privileged": True, "capabilities": {"add": ["NET_ADMIN"]}},
}
"""Init container after which nothing in the pod reaches an NFS server by itself.
Volumes that the kubelet mounts are not affected: it mounts them outside of the pod's network."""
