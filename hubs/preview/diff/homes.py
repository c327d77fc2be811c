"""Determine the location of a hub's home directories from its planned resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hubs.preview.releases import RELEASE_TYPE
from hubs.preview.secrets import UNKNOWN
from hubs.settings.layers import value_at

NO_HOMES = "none (home: none)"
_TYPES = {"dynamic": "a volume for each user", "none": NO_HOMES}
"""Descriptions of the jupyterhub chart's `singleuser.storage.type`."""


def home_place(resources: Iterable[Mapping[str, Any]]) -> str:
    """Return a short description that changes if people's files move, or an empty text if there is no location.

    The address of a share that is served inside the cluster is not known in a plan. The description then names the
    disk, from the values of the chart jupyterhub-home-nfs.
    """
    share, disk, storage = "", "", ""
    for resource in resources:
        inputs = resource["inputs"]
        if resource["type"] == "kubernetes:core/v1:PersistentVolume":
            share = _share(inputs) or share
        elif resource["type"] == RELEASE_TYPE:
            found = [value_at(inputs, "values", cloud, "volumeId") for cloud in ("eks", "gke")]
            disk = next((str(volume) for volume in found if volume), disk)
            storage = _TYPES.get(str(value_at(inputs, "values", "singleuser", "storage", "type")), storage)
    server, _, path = share.partition(":")
    if server == UNKNOWN:
        return f"disk {disk or UNKNOWN}, folder {path}"
    return share or storage


def _share(inputs: Mapping[str, Any]) -> str:
    if server := value_at(inputs, "spec", "nfs", "server"):
        return f"{server}:{value_at(inputs, 'spec', 'nfs', 'path')}"
    handle = value_at(inputs, "spec", "csi", "volumeHandle")
    return f"volume {handle}" if handle else ""
