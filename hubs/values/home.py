"""Volumes of people's servers: home directories and shared directories."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from hubs.settings.home import HOME_VOLUME, SHARED_VOLUME, SHM_VOLUME, USER_VOLUME, SharedDirectory
from hubs.settings.hub import Hub
from hubs.settings.mounts import SHARED_MEMORY
from hubs.settings.placeholders import escaped
from hubs.settings.stack import Stack
from hubs.values.provenance import reads
from hubs.values.safety import IMAGE


def claim_name(hub: Hub) -> str:
    """Return the name of the PersistentVolumeClaim for the share with all home directories of a hub.

    The name depends on the share, because claims and volumes can't be changed to another share.
    """
    return claim_of(hub.home.place)


def claim_of(place: str) -> str:
    """Return the name of the claim for a share, from its `Home.place`."""
    return f"home-{hashlib.sha256(place.encode()).hexdigest()[:6]}"


def is_claim_name(name: str) -> bool:
    """Return whether `claim_of` can return this name."""
    return re.fullmatch(r"home-[0-9a-f]{6}", name) is not None


_SUB_PATH = "{escaped_username}"


@reads("home", "cluster.storage_class")
def storage(stack: Stack, hub: Hub) -> dict[str, Any]:
    """`singleuser.storage`: where home directories are."""
    return {"singleuser": {"storage": _storage(stack, hub)}}


@reads("home", "shared_directories")
def mounts(hub: Hub) -> dict[str, Any]:
    """Additional volumes and mounts of people's servers, and those that the hub adds for each person."""
    volumes: list[dict[str, Any]] = [{"name": SHM_VOLUME, "emptyDir": {"medium": "Memory"}}]
    everyone: list[dict[str, Any]] = [{"name": SHM_VOLUME, "mountPath": SHARED_MEMORY}]
    everyone += [{**_own(hub), "mountPath": escaped(path)} for path in hub.home.extra_mount_paths if not hub.home.none]
    for index, directory in enumerate(hub.shared_directories.values()):
        if directory.volume is not None:
            volumes.append({"name": f"{SHARED_VOLUME}{index}", **escaped(directory.volume)})
    restricted = []
    for directory, found in _shared(hub):
        if directory.groups or directory.admins:
            restricted += [{"groups": directory.groups, "admins": directory.admins, "mount": mount} for mount in found]
        else:
            everyone += found
    custom: dict[str, Any] = {"mounts": restricted}
    if hub.home.shared:
        custom |= {"own": _owned(hub, everyone), "init_containers": [OWN_HOME]}
    return {
        "singleuser": {"storage": {"extraVolumes": volumes, "extraVolumeMounts": everyone}},
        "custom": {"imagebuilding": custom},
    }


@reads("working_directory", "home.mount_path")
def working_directory(hub: Hub) -> dict[str, Any]:
    """The directory that a server starts in."""
    directory = escaped(hub.working_directory or hub.home.mount_path)
    return {"hub": {"config": {"KubeSpawner": {"working_dir": directory}}}}


OWN_HOME: dict[str, Any] = {
    "name": "own-home",
    "image": IMAGE,
    # If the NFS server does not allow chown (root_squash), it sets the owner itself, so the pod must start anyway.
    "command": ["/bin/sh", "-c", 'chown 1000:1000 "$@" || true', "own-home"],
    "securityContext": {"runAsUser": 0},
}
"""Init container that makes people the owners of their writable folders, because the kubelet creates missing folders as
root. The hub adds the folders (in_the_hub/pods.py), because some are for certain people only."""


def _storage(stack: Stack, hub: Hub) -> dict[str, Any]:
    if hub.home.none:
        return {"type": "none"}
    path = escaped(hub.home.mount_path)
    if hub.home.volume is not None:
        storage_class = hub.home.volume.storage_class or stack.cluster.storage_class
        dynamic = {"dynamic": {"storageClass": storage_class}} if storage_class else {}
        return {"type": "dynamic", "capacity": hub.home.volume.size, "homeMountPath": path, **dynamic}
    # Use the folder names of existing hubs, so that people's files don't move when a hub is migrated to this program.
    static = {"pvcName": claim_name(hub), "subPath": _SUB_PATH}
    return {"type": "static", "static": static, "homeMountPath": path}


def _own(hub: Hub) -> dict[str, Any]:
    """Return the volume and path of the user's own directory, for a mount."""
    return {"name": HOME_VOLUME, "subPath": _SUB_PATH} if hub.home.shared else {"name": USER_VOLUME}


def _shared(hub: Hub) -> Iterator[tuple[SharedDirectory, list[dict[str, Any]]]]:
    """Yield each shared directory with its mounts: one, or one below each mount path of the home directory."""
    for index, (path, directory) in enumerate(hub.shared_directories.items()):
        name = HOME_VOLUME if directory.volume is None else f"{SHARED_VOLUME}{index}"
        sub_path = {"subPath": escaped(directory.sub_path)} if directory.sub_path else {}
        # Scratch space is always writable.
        read_only = directory.read_only and "emptyDir" not in (directory.volume or {})
        places = hub.home.places(path)
        yield (
            directory,
            [{"name": name, "mountPath": escaped(at), **sub_path, "readOnly": read_only} for at in places],
        )


def _owned(hub: Hub, mounts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the writable mounts of the share, the user's own directory first."""
    shared = [mount for mount in mounts if mount["name"] == HOME_VOLUME and mount.get("readOnly") is False]
    return [
        {**_own(hub), "mountPath": escaped(hub.home.mount_path)},
        *(mount for mount in shared if "subPath" in mount),
    ]
