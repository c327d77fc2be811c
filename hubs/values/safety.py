"""Network restrictions for builds and servers."""

from __future__ import annotations

from typing import Any

_PORTS = (111, 2049, 20048)
"""Ports of portmapper, NFS and mountd, through which pods could reach a home share."""

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
"""Init container that blocks the pod's access to NFS servers.
Volumes that the kubelet mounts are not affected, because they are mounted outside of the pod's network."""
