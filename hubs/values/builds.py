"""How BinderHub builds."""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.stack import Stack
from hubs.values.safety import BLOCK_NFS


def builds(stack: Stack, hub: Hub) -> dict[str, Any]:
    """repo2docker, the Docker daemon's cache, and what builds can't reach."""
    docker: dict[str, Any] = {"initContainers": [BLOCK_NFS]}
    if stack.cluster.build_cache is not None:
        docker["storage"] = {"emptyDir": {"sizeLimit": stack.cluster.build_cache}}
    if stack.registry.url.startswith("http://"):
        docker["extraArgs"] = [f"--insecure-registry={stack.registry.host}"]
    return {
        "networkPolicy": {"enabled": True},
        "config": {"KubernetesBuildExecutor": {"build_image": hub.build.image}},
        "dockerApi": docker,
    }
