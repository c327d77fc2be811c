"""Home directories and shared directories: volumes of people's servers."""

from __future__ import annotations

import hashlib
from typing import Any

from settings.home import SharedDirectory
from settings.hub import Hub
from settings.stack import Stack

from .safety import BLOCK_NFS


def claim_name(hub: Hub) -> str:
    """PersistentVolumeClaim of the share that holds all home directories of a hub.

    Its name goes with the share: neither a claim nor a volume can be changed to point elsewhere.
    """
    return f"home-{hashlib.sha256(hub.home.place.encode()).hexdigest()[:6]}"


_SUB_PATH = "{escaped_username}"


def home(stack: Stack, hub: Hub) -> dict[str, Any]:
    """`singleuser.storage` and what goes with it."""
    volumes: list[dict[str, Any]] = [{"name": "dev-shm", "emptyDir": {"medium": "Memory"}}]
    mounts: list[dict[str, Any]] = [{"name": "dev-shm", "mountPath": "/dev/shm"}]  # noqa: S108
    mounts += [{**_own(hub), "mountPath": path} for path in hub.home.extra_mount_paths if not hub.home.none]
    for index, directory in enumerate(hub.shared_directories):
        if directory.volume is not None:
            volumes.append({"name": _volume_name(index, directory), **directory.volume})
        if not (directory.groups or directory.admins):
            mounts.append(_mount(index, directory))
    storage: dict[str, Any] = {**_storage(stack, hub), "extraVolumes": volumes, "extraVolumeMounts": mounts}
    working_directory = hub.working_directory or hub.home.mount_path
    return {
        "singleuser": {"storage": storage},
        "hub": {"config": {"KubeSpawner": {"working_dir": working_directory}}},
        "custom": {"imagebuilding": {"mounts": _restricted(hub), "init_containers": _init_containers(hub)}},
    }


def _storage(stack: Stack, hub: Hub) -> dict[str, Any]:
    if hub.home.none:
        return {"type": "none"}
    if hub.home.volume is not None:
        storage_class = hub.home.volume.storage_class or stack.cluster.storage_class
        dynamic = {"dynamic": {"storageClass": storage_class}} if storage_class else {}
        return {"type": "dynamic", "capacity": hub.home.volume.size, "homeMountPath": hub.home.mount_path, **dynamic}
    # Names of folders as they are on hubs older than this program: moving a hub here must not move anybody's files.
    return {
        "type": "static",
        "static": {"pvcName": claim_name(hub), "subPath": _SUB_PATH},
        "homeMountPath": hub.home.mount_path,
    }


def _own(hub: Hub) -> dict[str, Any]:
    """A further mount of the user's own directory."""
    # `volume-{user_server}` is the chart's singleuser.storage.dynamic.volumeNameTemplate.
    return {"name": "home", "subPath": _SUB_PATH} if hub.home.shared else {"name": "volume-{user_server}"}


def _volume_name(index: int, directory: SharedDirectory) -> str:
    return f"shared-{index}" if directory.volume is not None else "home"


def _mount(index: int, directory: SharedDirectory) -> dict[str, Any]:
    mount: dict[str, Any] = {"name": _volume_name(index, directory), "mountPath": directory.mount_path}
    if directory.sub_path:
        mount["subPath"] = directory.sub_path
    scratch = directory.volume is not None and "emptyDir" in directory.volume
    return {**mount, "readOnly": directory.read_only and not scratch}


def _restricted(hub: Hub) -> list[dict[str, Any]]:
    """Mounts that only some people get: added to their pods by hub_config/pods.py."""
    return [
        {"groups": directory.groups, "admins": directory.admins, "mount": _mount(index, directory)}
        for index, directory in enumerate(hub.shared_directories)
        if directory.groups or directory.admins
    ]


def _init_containers(hub: Hub) -> list[dict[str, Any]]:
    """Containers that run as root before each server where homes are on a share."""
    if not hub.home.shared:
        return []
    mounts = [{**_own(hub), "mountPath": hub.home.mount_path}]
    mounts += [
        _mount(index, directory)
        for index, directory in enumerate(hub.shared_directories)
        if directory.volume is None and directory.sub_path and not directory.read_only and not directory.groups
    ]
    # The kubelet makes missing folders of a share as root's. A server that can't change that (root_squash) made them
    # in another way, and is no reason to refuse a start.
    paths = " ".join(f"'{mount['mountPath']}'" for mount in mounts)
    ownership = {
        "name": "own-home",
        "image": BLOCK_NFS["image"],
        "command": ["/bin/sh", "-c", f"chown 1000:1000 {paths} || true"],
        "securityContext": {"runAsUser": 0},
        "volumeMounts": mounts,
    }
    return [ownership, BLOCK_NFS]
