"""Nodes: which ones a selector selects, and whether the build caches of all hubs fit on their disks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hubs.check.findings import Result, ok, unchecked, warning
from hubs.clients.kubernetes import Cluster
from hubs.settings.sizes import amount
from hubs.settings.stack import Stack

_PART = 0.7
"""Part of a node's disk for caches. The rest is for images that people start: below a tenth, Kubernetes evicts pods."""


def selects(selector: Mapping[str, str], node: dict[str, Any]) -> bool:
    """Return whether the node has all labels of the selector."""
    labels = node["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in selector.items())


def build_cache(stack: Stack, cluster: Cluster) -> Iterator[Result]:
    """Compare `build_cache` with the disks of the cluster's nodes."""
    limit = stack.cluster.build_cache
    if limit is None:
        return
    sizes: dict[tuple[int, int], list[str]] = {}
    for node in cluster.list("/api/v1/nodes"):
        hubs = [
            hub for hub in stack.hubs if selects({**stack.user_nodes(hub).selector, **hub.build.node_selector}, node)
        ]
        room = (node.get("status") or {}).get("allocatable", {}).get("ephemeral-storage")
        if hubs and room:
            sizes.setdefault((len(hubs), int(amount(room))), []).append(str(node["metadata"]["name"]))
    if not sizes:
        yield unchecked("no node for builds runs at the moment", "check again when one does")
    tight = {key: names for key, names in sizes.items() if key[0] * amount(limit) > int(key[1] * _PART)}
    for (count, room), names in sorted(tight.items()):
        fits = max(1, int(room * _PART / count) // 2**30)
        yield warning(
            f"{len(names)} nodes such as {names[0]} have {room // 2**30}Gi for pods, and the caches of {count} hubs may"
            f" take {limit} each: servers there can be evicted",
            f"write build_cache: {fits}Gi, or give nodes larger disks",
        )
    if sizes and not tight:
        yield ok(f"fits: at most {limit} for each hub")
