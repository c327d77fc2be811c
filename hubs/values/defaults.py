"""Defaults for every hub, and values from settings that need no further logic."""

from __future__ import annotations

import re
from typing import Any

from hubs.settings.cluster import Ingress
from hubs.settings.hub import File, Hub
from hubs.settings.stack import Stack
from hubs.values.profiles import profile_list


def defaults() -> dict[str, Any]:
    """Return the program's own values for the jupyterhub chart."""
    return {
        "proxy": {
            # The chart's default, a LoadBalancer, waits for an address until the release times out.
            "service": {"type": "ClusterIP"},
        },
        "hub": {
            "db": {"pvc": {"annotations": {"helm.sh/resource-policy": "keep"}}},
            # Accept pods with the label that other components have, such as BinderHub.
            "networkPolicy": {"enabled": True, "interNamespaceAccessLabels": "accept"},
        },
        "singleuser": {
            "networkPolicy": {"enabled": True},
            # Starting a node and pulling a large image can take longer than the chart's five minutes.
            "startTimeout": 600,
        },
        # Pulling images to all nodes makes updates slow, and people can choose any image anyway.
        "prePuller": {"hook": {"enabled": False}, "continuous": {"enabled": False}},
        "scheduling": {
            "podPriority": {"enabled": True},
            "userPlaceholder": {"enabled": True, "replicas": 0},
            "userScheduler": {"replicas": 1},
        },
    }


def cluster(stack: Stack, hub: Hub) -> dict[str, Any]:
    """Return the values from the cluster's settings: storage class, metadata server and ingress."""
    storage_class = stack.cluster.storage_class
    block = stack.cluster.block_cloud_metadata if hub.block_cloud_metadata is None else hub.block_cloud_metadata
    return {
        "singleuser": {"cloudMetadata": {"blockWithIptables": block}},
        **({"hub": {"db": {"pvc": {"storageClassName": storage_class}}}} if storage_class else {}),
        "ingress": _ingress(stack.cluster.ingress, hub),
    }


def _ingress(ingress: Ingress | None, hub: Hub) -> dict[str, Any]:
    if ingress is None:
        return {"enabled": False}
    issuer = {"cert-manager.io/cluster-issuer": ingress.cluster_issuer} if ingress.cluster_issuer else {}
    tls = [{"hosts": [hub.domain], "secretName": "https-auto-tls"}] if ingress.cluster_issuer else []
    return {
        "enabled": True,
        "ingressClassName": ingress.class_name,
        "hosts": [hub.domain],
        "annotations": {**issuer, **ingress.annotations},
        "tls": tls,
    }


def server(hub: Hub) -> dict[str, Any]:
    """Return the values for people's servers: image, size, start page, environment variables and files."""
    singleuser: dict[str, Any] = {
        "image": _image(hub.image),
        "memory": hub.resources.memory.model_dump(),
        "cpu": hub.resources.cpu.model_dump(),
        "defaultUrl": hub.default_url,
    }
    if hub.environment:
        singleuser["extraEnv"] = hub.environment
    if hub.service_account is not None:
        singleuser["serviceAccountName"] = hub.service_account.name
    if hub.files:
        singleuser["extraFiles"] = {_file_name(path): _file(path, file) for path, file in hub.files.items()}
    return {"singleuser": singleuser}


def _file_name(path: str) -> str:
    """Return the key of a file in the chart's Secret, with characters that Kubernetes allows."""
    return re.sub(r"[^-._a-zA-Z0-9]", "-", path.strip("/"))


def _file(path: str, file: File) -> dict[str, Any]:
    content = {"stringData": file.text} if file.text is not None else {"data": file.data}
    return {"mountPath": path, **content, **({"mode": file.mode} if file.mode is not None else {})}


def profiles(hub: Hub) -> dict[str, Any]:
    """Return `singleuser.profileList`."""
    return {"singleuser": {"profileList": profile_list(hub)}}


def hub_image(hub: Hub) -> dict[str, Any]:
    """Return `hub.image`."""
    return {"hub": {"image": _image(hub.hub_image)}}


def named_servers(hub: Hub) -> dict[str, Any]:
    """Return `hub.allowNamedServers`."""
    if not hub.named_servers.enabled:
        return {}
    limit = {"namedServerLimitPerUser": hub.named_servers.limit} if hub.named_servers.limit else {}
    return {"hub": {"allowNamedServers": True, **limit}}


def cull(hub: Hub) -> dict[str, Any]:
    """Return `cull`."""
    item = hub.cull
    return {
        "cull": {
            "enabled": item.enabled,
            "every": item.every,
            "timeout": item.timeout,
            "maxAge": item.max_age,
            "users": item.users,
        }
    }


def _image(image: str) -> dict[str, str]:
    """Return name and tag, which the chart joins with a colon. A digest is split at its own colon."""
    name, _, tag = image.rpartition(":")
    return {"name": name, "tag": tag}
