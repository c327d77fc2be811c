"""What a hub holds: people's home directories, its database and its images, and what deletes each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hubs.preview.diff.homes import home_place
from hubs.preview.diff.resources import Resource
from hubs.preview.releases import RELEASE_TYPE
from hubs.settings.layers import value_at

NAMESPACE = "kubernetes:core/v1:Namespace"
REPOSITORY = "gcp:artifactregistry/repository:Repository"
ROBOT = "pulumi-python:dynamic/hubs:QuayRobotAccount"
_DATABASE = "hub-db-dir"
"""The claim of the jupyterhub chart for `hub.db.type: sqlite-pvc`, its default."""
_CAPACITY = "10Gi"
"""The chart's default of `singleuser.storage.capacity`."""


@dataclass(frozen=True)
class Contents:
    """The data of a hub, in words.

    `namespace`: its name. `volumes`: those that are deleted with the namespace. `images`: where built images are.
    `repository`: whether the program owns that place, so that it is deleted with the hub. `elsewhere`: files and
    images that stay whatever happens to the hub.
    """

    namespace: str
    volumes: tuple[str, ...]
    images: str
    repository: bool
    elsewhere: tuple[str, ...]


def contents_of(resources: Sequence[Resource]) -> Contents:
    """Return what a hub with these planned resources holds."""
    namespace = ""
    values: dict[str, Any] = {}
    images, repository = "", False
    for resource in resources:
        inputs = resource["inputs"]
        if resource["type"] == NAMESPACE:
            namespace = str(value_at(inputs, "metadata", "name") or "")
        elif resource["type"] == REPOSITORY:
            location, project = inputs.get("location"), inputs.get("project")
            images, repository = f"{location}-docker.pkg.dev/{project}/{inputs.get('repositoryId')}", True
        elif resource["type"] == RELEASE_TYPE:
            values = values | (inputs.get("values") or {}) if "singleuser" in (inputs.get("values") or {}) else values
            prefix = value_at(inputs, "values", "config", "BinderHub", "image_prefix")
            images = images or str(prefix or "")
    volumes, elsewhere = _homes(resources, values)
    database = value_at(values, "hub", "db", "type") or "sqlite-pvc"
    if values and database == "sqlite-pvc":
        volumes = (*volumes, f"the hub's database ({_DATABASE})")
    elif values and not str(database).startswith("sqlite"):
        elsewhere = (*elsewhere, f"the hub's database ({database})")
    if images and not repository:
        elsewhere = (*elsewhere, f"images at {images}")
    return Contents(namespace, volumes, images, repository, elsewhere)


def _homes(resources: Sequence[Resource], values: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the volumes of home directories that are in the namespace, and files that are elsewhere."""
    storage = str(value_at(values, "singleuser", "storage", "type") or "dynamic") if values else "none"
    if storage == "dynamic":
        size = value_at(values, "singleuser", "storage", "capacity") or _CAPACITY
        return (f"a volume of {size} for each user, with the home directory",), ()
    if storage != "static":
        return (), ()
    place = home_place(resources)
    if place.startswith("disk "):
        return (), (f"people's files on the {place}",)
    if ":/" in place:
        return (), (f"people's files on the NFS share {place}",)
    claim = value_at(values, "singleuser", "storage", "static", "pvcName")
    return (f"all home directories (PersistentVolumeClaim {claim})",), ()
