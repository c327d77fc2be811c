"""Values for BinderHub's builds."""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.registry import Oci
from hubs.settings.stack import Stack
from hubs.values.safety import BLOCK_NFS


def builds(stack: Stack, hub: Hub) -> dict[str, Any]:
    """Return the values for repo2docker, the Docker daemon's cache, and the network access of builds."""
    docker: dict[str, Any] = {"initContainers": [BLOCK_NFS]}
    if stack.cluster.build_cache is not None:
        docker["storage"] = {"emptyDir": {"sizeLimit": stack.cluster.build_cache}}
    registry = stack.registry
    if isinstance(registry, Oci) and registry.insecure:
        docker["extraArgs"] = [f"--insecure-registry={registry.host}"]
    return {
        "networkPolicy": {"enabled": True},
        "config": {"KubernetesBuildExecutor": {"build_image": hub.build.image}},
        "dockerApi": docker,
    }
