"""Values of the chart jupyterhub-home-nfs, which serves a cloud disk to one hub, with a quota per user."""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.stack import Stack
from hubs.values.home import claim_name
from hubs.values.placement import nodes
from hubs.values.provenance import Layer, layer, reads
from hubs.values.release import HubChart, Inputs

_CLOUDS = {"aws": "eks", "gcp": "gke"}


def _layers(inputs: Inputs) -> list[Layer]:
    return [
        layer(fixed_names),
        layer(disk, inputs.stack, inputs.hub),
        layer(core_nodes, inputs.stack),
    ]


def fixed_names() -> dict[str, Any]:
    """Names of Kubernetes objects, without the release's name as a prefix."""
    return {"fullnameOverride": ""}


@reads("home.disk", "cluster.provider")
def disk(stack: Stack, hub: Hub) -> dict[str, Any]:
    """The disk and the quota. Raises KeyError if the cluster's provider has no such disks."""
    settings = hub.home.disk
    assert settings is not None, "only called for hubs with home.disk"  # noqa: S101
    return {
        _CLOUDS[stack.cluster.provider]: {"enabled": True, "volumeId": settings.volume_id},
        "persistentVolume": {"size": settings.size},
        "quotaEnforcer": {
            "config": {"QuotaManager": {"paths": [f"/export{folder(hub)}"], "hard_quota": settings.quota}}
        },
    }


@reads("cluster.core_nodes")
def core_nodes(stack: Stack) -> dict[str, Any]:
    """The NFS server runs on core nodes."""
    return nodes(stack.cluster.core_nodes)


def folder(hub: Hub) -> str:
    """Path of the hub's folder on the server, as nodes mount it."""
    settings = hub.home.disk
    return f"/{(settings.path if settings is not None else None) or hub.name}"


CHART = HubChart(
    key="jupyterhub-home-nfs",
    component="imagebuilding:hub:HomeDirectories",
    name=lambda hub: f"{hub.slug}-home",
    # The chart's volume has the release's name, and cannot be changed to another disk.
    helm_name=lambda hub: f"{hub.slug}-{claim_name(hub)}",
    installed=lambda _, hub: hub.home.disk is not None,
    layers=_layers,
    restarts={"home-nfs": "NFS server restarts, all home directories of the hub stall until it is back"},
)
