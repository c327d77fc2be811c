"""Network rules inside of pods: what builds and people's servers can't reach on any cluster.

They need no support of the cluster, in contrast to the policies in `hubs.values.network_policies`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from hubs.settings.egress import METADATA, NFS_PORTS, Egress, networks

IMAGE = "quay.io/jupyterhub/k8s-network-tools:4.1.0"
"""Zero to JupyterHub's image with iptables: Alpine 3.18, both for legacy tables and for nf_tables."""

_SCRIPT = (Path(__file__).parent / "in_pods" / "block_network.sh").read_text(encoding="utf-8")


def block_network(*, metadata: bool, opened: Sequence[Egress] = ()) -> dict[str, Any]:
    """Return the init container that keeps a pod, and containers that a Docker daemon in it starts, from NFS servers.

    `metadata`: also from the cloud's metadata server. `opened`: addresses and TCP ports that stay open. DNS stays open.
    If the rules can't be set, the container fails and the pod does not start. Volumes that the kubelet mounts are not
    affected, because they are mounted outside of the pod's network.
    """
    rules = {version: "\n".join(_rules(version, metadata, opened)) for version in (4, 6)}
    return {
        "name": "block-network",
        "image": IMAGE,
        "command": ["/bin/sh", "-c", _SCRIPT, "block-network", rules[4], rules[6]],
        "securityContext": {"runAsUser": 0, "privileged": True, "capabilities": {"add": ["NET_ADMIN"]}},
    }


def _rules(version: int, metadata: bool, opened: Iterable[Egress]) -> Iterator[str]:
    """Yield the lines for iptables-restore.

    All packets that leave the pod pass through POSTROUTING of the table mangle: those of its own processes, which
    OUTPUT sees too, and those of containers behind a bridge, such as the steps of a build, which it does not see. In
    FORWARD, Docker's own rules come first. It adds none to mangle.
    """
    append = "-A POSTROUTING"
    for protocol in ("tcp", "udp"):
        yield f"{append} -p {protocol} --dport 53 -j ACCEPT"
    for entry in opened:
        if entry.version == version:
            for port in entry.ports:
                yield f"{append} -d {entry.cidr} -p tcp --dport {port} -j ACCEPT"
    for protocol in ("tcp", "udp"):
        for port in NFS_PORTS:
            yield f"{append} -p {protocol} --dport {port} -j DROP"
        # By protocol, because IPv6 finds its neighbours with ICMP to link-local addresses.
        for network in networks(*METADATA, version=version) if metadata else ():
            yield f"{append} -d {network} -p {protocol} -j DROP"
