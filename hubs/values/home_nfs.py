"""Values of the chart jupyterhub-home-nfs, which serves a cloud disk to one hub, with a quota per user."""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.stack import Stack
from hubs.values.home import claim_name
from hubs.values.placement import nodes
from hubs.values.provenance import Layer, layer, reads
from hubs.values.release import HubChart, Inputs, Restart

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


@reads("home.disk", "shared_directories", "cluster.provider", "renamed_from")
def disk(stack: Stack, hub: Hub) -> dict[str, Any]:
    """The disk and the quota. Raises KeyError if the cluster's provider has no such disks."""
    settings = hub.home.disk
    assert settings is not None, "only called for hubs with home.disk"  # noqa: S101
    # The enforcer sets the quota for each folder in `paths`, except for those to exclude.
    quota: dict[str, Any] = {"paths": [f"/export{folder(hub)}"], "hard_quota": settings.quota or 0}
    if shared := _shared_folders(hub):
        quota["exclude"] = shared
    return {
        _CLOUDS[stack.cluster.provider]: {"enabled": True, "volumeId": settings.volume_id},
        "persistentVolume": {"size": settings.size},
        "quotaEnforcer": {"config": {"QuotaManager": quota}},
    }


def _shared_folders(hub: Hub) -> list[str]:
    """Return the folders, next to those of users, that hold shared directories."""
    paths = [shared.sub_path for shared in hub.shared_directories.values() if shared.volume is None and shared.sub_path]
    folders = {next((step for step in path.split("/") if step not in ("", ".")), "") for path in paths}
    # A folder such as {username} is a user's own.
    return sorted(name for name in folders if name and "{" not in name)


@reads("cluster.core_nodes")
def core_nodes(stack: Stack) -> dict[str, Any]:
    """The NFS server runs on core nodes."""
    return nodes(stack.cluster.core_nodes)


def folder(hub: Hub) -> str:
    """Path of the hub's folder on the server, as nodes mount it."""
    settings = hub.home.disk
    return f"/{(settings.path if settings is not None else None) or hub.deployed_as[1]}"


CHART = HubChart(
    key="jupyterhub-home-nfs",
    component="imagebuilding:hub:HomeDirectories",
    name=lambda hub: f"{hub.slug}-home",
    # The chart's volume has the release's name, and cannot be changed to another disk.
    helm_name=lambda hub: f"{hub.slug}-{claim_name(hub)}",
    installed=lambda _, hub: hub.home.disk is not None,
    layers=_layers,
    restarts={
        "home-nfs": Restart("NFS server restarts (all home directories stall until it is back)", disturbs=True),
    },
)
