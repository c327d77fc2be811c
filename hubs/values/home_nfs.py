"""Values of the chart jupyterhub-home-nfs, which serves a cloud disk to one hub, with a quota per user."""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.layers import Source, located, merge, plain
from hubs.settings.stack import Stack

_CLOUDS = {"aws": "eks", "gcp": "gke"}


def home_nfs(stack: Stack, hub: Hub) -> dict[str, Any]:
    """Return the values of the release that serves `home.disk`. Raises KeyError for a cloud without support for it."""
    disk, cluster = hub.home.disk, stack.cluster
    assert disk is not None, "for hubs with home.disk only"  # noqa: S101
    values: dict[str, Any] = {
        "fullnameOverride": "",
        _CLOUDS[cluster.provider]: {"enabled": True, "volumeId": disk.volume_id},
        "persistentVolume": {"size": disk.size},
        "quotaEnforcer": {"config": {"QuotaManager": {"paths": [f"/export{folder(hub)}"], "hard_quota": disk.quota}}},
        "nodeSelector": cluster.core_nodes.selector,
        "tolerations": [item.model_dump(exclude_none=True) for item in cluster.core_nodes.tolerations],
    }
    tree = located(values, Source("program default"))
    for own in (hub.values.home_nfs, hub.secrets.values.get("jupyterhub-home-nfs", {})):
        tree = merge(tree, located(own, Source("values")))
    result: dict[str, Any] = plain(tree, keep_null=True)
    return result


def folder(hub: Hub) -> str:
    """Return the path of the hub's folder on the server, as nodes mount it."""
    disk = hub.home.disk
    return f"/{(disk.path if disk is not None else None) or hub.name}"
