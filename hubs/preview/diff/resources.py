"""Compare the resources of two plans: added, removed, changed or replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hubs.preview.diff.leaves import Change, changes
from hubs.preview.diff.words import shown
from hubs.preview.releases import RELEASE_TYPE

Resource = Mapping[str, Any]

_REPLACING: dict[str, tuple[str, ...]] = {
    # A release can't be renamed or moved: https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/
    RELEASE_TYPE: ("name", "namespace"),
    # Immutable in the Kubernetes API: a volume's source, and everything in a claim except the requested size.
    "kubernetes:core/v1:PersistentVolume": ("spec.nfs", "spec.csi", "spec.hostPath", "spec.gcePersistentDisk"),
    "kubernetes:core/v1:PersistentVolumeClaim": (
        "spec.accessModes",
        "spec.selector",
        "spec.storageClassName",
        "spec.volumeMode",
        "spec.volumeName",
    ),
    "kubernetes:storage.k8s.io/v1:StorageClass": ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
    # "Changes to this property will trigger replacement" in the providers' reference.
    "gcp:artifactregistry/repository:Repository": ("format", "location", "project", "repositoryId", "kmsKeyName"),
    "gcp:serviceaccount/account:Account": ("accountId", "project"),
    "gcp:serviceaccount/key:Key": ("",),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": ("",),
}
REPOSITORIES = (
    "gcp:artifactregistry/repository:Repository",
    "aws:ecr/repository:Repository",
    "azure-native:containerregistry:Registry",
)
"""Types that contain images."""
_DATA = (
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:PersistentVolume",
    "kubernetes:core/v1:PersistentVolumeClaim",
    *REPOSITORIES,
    "gcp:storage/bucket:Bucket",
    "gcp:filestore/instance:Instance",
    "gcp:compute/disk:Disk",
    "aws:efs/fileSystem:FileSystem",
    "aws:ebs/volume:Volume",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
)
"""Types that contain people's files or images. What only gives access to them, such as an IAM member, holds no data."""

KEPT, PROTECTED = "retain_on_delete", "protect"
"""Options of a resource: Pulumi leaves it in place when it leaves the config; Pulumi refuses to delete it."""


@dataclass(frozen=True)
class ResourceChange:
    """One resource that differs. `action`: added, removed, changed or replaced. `hub`: the hub's name, or empty.

    `changes` omits the values of releases, which are compared separately, and has the options KEPT and PROTECTED after
    the inputs. `inputs`: the new ones; of a removed resource the old ones. `kept` and `protected` are the options that
    are recorded before the update, which decide; of a new resource its own.
    """

    action: str
    type: str
    name: str
    hub: str
    changes: tuple[Change, ...]
    kept: bool
    protected: bool
    inputs: Resource

    @property
    def kind(self) -> str:
        """The last part of the type, such as `Namespace`."""
        return self.type.rpartition(":")[2]

    @property
    def holds_data(self) -> bool:
        """Whether it contains people's files or images, which are lost with it.

        A volume that is retained, and a claim on a certain volume, only point to files that are elsewhere.
        """
        spec = self.inputs.get("spec") or {}
        points = spec.get("persistentVolumeReclaimPolicy") == "Retain" or spec.get("volumeName")
        return self.type in _DATA and not points

    @property
    def is_repository(self) -> bool:
        """Whether it contains images."""
        return self.type in REPOSITORIES

    @property
    def title(self) -> str:
        """Kind and name, such as `Namespace ocean-prod`."""
        return f"{self.kind} {shown(self.name)}"


def compare_resources(old: Sequence[Resource], new: Sequence[Resource]) -> list[ResourceChange]:
    """Return the differences between the resources of two plans, in the order of the plans."""
    before, after = ({(r["type"], r["name"]): r for r in resources} for resources in (old, new))
    hubs = hubs_of(old) | hubs_of(new)
    found = []
    for key in dict.fromkeys([*before, *after]):
        was, now = before.get(key), after.get(key)
        if key[0].startswith("imagebuilding:"):
            continue  # a component has no state besides its children
        if was is None or now is None:
            action, differences = ("removed" if now is None else "added"), []
        else:
            differences = [c for c in changes(was["inputs"], now["inputs"]) if not _is_value(key[0], c)]
            action = "replaced" if any(_replaces(key[0], c) for c in differences) else "changed"
            options = [(option, bool(was.get(option)), bool(now.get(option))) for option in (KEPT, PROTECTED)]
            differences += [
                Change((option,), before_, after_) for option, before_, after_ in options if before_ != after_
            ]
            if not differences:
                continue
        state = was or now or {}
        found.append(
            ResourceChange(
                action,
                *key,
                hubs.get(key, ""),
                tuple(differences),
                kept=bool(state.get(KEPT)),
                protected=bool(state.get(PROTECTED)),
                inputs=(now or was or {})["inputs"],
            )
        )
    return found


def hubs_of(resources: Sequence[Resource]) -> dict[tuple[str, str], str]:
    """Return the hub that each resource belongs to, by type and name, from the hub component among its parents."""
    parents = {_urn(resource): resource for resource in resources}
    names = {resource["name"]: resource for resource in resources}
    found = {}
    for resource in resources:
        above: Resource | None = resource
        for _ in range(10):  # deeper than any tree of components; the limit prevents endless loops in invalid plans
            if above is None:
                break
            if above["type"].rpartition(":")[2] == "ImagebuildingHub":
                found[resource["type"], resource["name"]] = str(above["name"])
                break
            parent = above.get("parent") or ""
            above = parents.get(parent) or names.get(parent)
    return found


def _urn(resource: Resource) -> str:
    return str(resource.get("urn") or f"{resource['type']}::{resource['name']}")


def _is_value(kind: str, change: Change) -> bool:
    return kind == RELEASE_TYPE and change.path[:1] == ("values",)


def _replaces(kind: str, change: Change) -> bool:
    path = ".".join(change.path)
    if kind.startswith("random:"):
        return True  # any changed input of a random value creates a new value
    if kind.startswith("kubernetes:") and path in ("metadata.name", "metadata.namespace"):
        return True
    return any(path.startswith(start) for start in _REPLACING.get(kind, ()))
