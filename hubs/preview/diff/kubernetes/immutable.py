"""Fields that Kubernetes does not let anyone change: an update of a release that changes one fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hubs.preview.manifests import Document
from hubs.settings.layers import value_at
from hubs.settings.sizes import quantity_bytes

_SELECTOR = {"spec.selector": "selector"}

FIELDS: Mapping[str, Mapping[str, str]] = {
    # The validation of updates in Kubernetes: ValidateDeploymentUpdate, ValidateDaemonSetUpdate and
    # ValidateStatefulSetUpdate of pkg/apis/apps/validation, ValidateJobUpdate of pkg/apis/batch/validation.
    "Deployment": _SELECTOR,
    "ReplicaSet": _SELECTOR,
    "DaemonSet": _SELECTOR,
    "StatefulSet": _SELECTOR
    | {
        "spec.serviceName": "serviceName",
        "spec.podManagementPolicy": "podManagementPolicy",
        "spec.volumeClaimTemplates": "volume for its pods (volumeClaimTemplates)",
    },
    "Job": _SELECTOR
    | {
        "spec.template": "pod template",
        "spec.completionMode": "completionMode",
        "spec.podFailurePolicy": "podFailurePolicy",
    },
    # ValidatePersistentVolumeClaimUpdate, ValidatePersistentVolumeUpdate, ValidateServiceUpdate, ValidateSecretUpdate
    # and ValidateConfigMapUpdate of pkg/apis/core/validation. Secrets and ConfigMaps: see `_frozen`.
    "PersistentVolumeClaim": {
        f"spec.{key}": key
        for key in (
            "accessModes",
            "selector",
            "storageClassName",
            "volumeMode",
            "volumeName",
            "dataSource",
            "dataSourceRef",
        )
    },
    "PersistentVolume": {
        f"spec.{key}": f"volume source ({key})"
        for key in (
            *(
                "awsElasticBlockStore",
                "azureDisk",
                "azureFile",
                "cephfs",
                "cinder",
                "csi",
                "fc",
                "flexVolume",
                "flocker",
            ),
            *("gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk"),
            *("portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"),
        )
    }
    | {"spec.volumeMode": "volumeMode"},
    "Service": {"spec.clusterIP": "clusterIP"},
    "Secret": {"type": "type"},
    # ValidateStorageClassUpdate of pkg/apis/storage/validation.
    "StorageClass": {key: key for key in ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode")},
    # ValidateRoleBindingUpdate and ValidateClusterRoleBindingUpdate of pkg/apis/rbac/validation.
    "RoleBinding": {"roleRef": "roleRef"},
    "ClusterRoleBinding": {"roleRef": "roleRef"},
    # ValidatePriorityClassUpdate of pkg/apis/scheduling/validation.
    "PriorityClass": {"value": "value", "preemptionPolicy": "preemptionPolicy"},
    # ValidateIngressClassUpdate of pkg/apis/networking/validation.
    "IngressClass": {"spec.controller": "controller"},
    # ValidateCSIDriverUpdate of pkg/apis/storage/validation.
    "CSIDriver": {"spec.attachRequired": "attachRequired", "spec.volumeLifecycleModes": "volumeLifecycleModes"},
}
"""Immutable fields of each kind, with their names in a sentence."""

_DEFAULTS: Mapping[str, Any] = {
    # What the API server sets where a manifest says nothing: the same as writing it.
    "StatefulSet spec.podManagementPolicy": "OrderedReady",
    "PersistentVolumeClaim spec.volumeMode": "Filesystem",
    "PersistentVolume spec.volumeMode": "Filesystem",
    "Secret type": "Opaque",
    "StorageClass reclaimPolicy": "Delete",
    "StorageClass volumeBindingMode": "Immediate",
    "PriorityClass preemptionPolicy": "PreemptLowerPriority",
    "Job spec.completionMode": "NonIndexed",
}
_RECREATE: Mapping[str, str] = {
    "PersistentVolumeClaim": "an update can't move its files to another volume: create a claim and copy them",
    "PersistentVolume": "create a new volume with another name",
    "StatefulSet": "delete it before the update with kubectl delete statefulset --cascade=orphan: its pods and their"
    " volumes stay",
}
_DELETE = "delete it before the update, so that the update creates it again"


def refusals(old: Document, new: Document) -> Iterator[tuple[str, Any, Any, str]]:
    """Yield each change of an object that Kubernetes refuses: the field in words, both values, and what to do.

    Objects that are hooks of Helm are not updated but created again, so nothing of them is refused.
    """
    kind = str(new.get("kind"))
    if _is_hook(old) or _is_hook(new):
        return
    what = _RECREATE.get(kind, _DELETE)
    for path, words in FIELDS.get(kind, {}).items():
        before, after = (_field(side, kind, path) for side in (old, new))
        if before != after and not (path == "spec.clusterIP" and _keeps_its_address(old, new)):
            yield words, before, after, what
    if kind == "PersistentVolumeClaim":
        before, after = (value_at(side, "spec", "resources", "requests", "storage") for side in (old, new))
        if _bytes(after) < _bytes(before):
            yield "smaller size", before, after, "a volume can grow, but not shrink: keep its size"
    yield from _frozen(old, new)


def _keeps_its_address(old: Document, new: Document) -> bool:
    """Return whether a Service may change `clusterIP`: without it, it keeps its address. An ExternalName has none."""
    types = [value_at(side, "spec", "type") for side in (old, new)]
    return "ExternalName" in types or not value_at(new, "spec", "clusterIP")


def _frozen(old: Document, new: Document) -> Iterator[tuple[str, Any, Any, str]]:
    """Yield changes of the content of a Secret or ConfigMap that is immutable."""
    if old.get("kind") not in ("Secret", "ConfigMap") or not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield "value of immutable", True, new.get("immutable"), _DELETE
    elif any(old.get(part) != new.get(part) for part in ("data", "stringData", "binaryData")):
        yield "content (it is immutable)", None, None, _DELETE


def _field(document: Document, kind: str, path: str) -> Any:
    found = value_at(document, *path.split("."))
    if found is None:
        return _DEFAULTS.get(f"{kind} {path}")
    if path == "roleRef":
        return {"apiGroup": "rbac.authorization.k8s.io", **found}
    return found


def _bytes(size: Any) -> int:
    try:
        return int(quantity_bytes(size)) if size is not None else 0
    except ValueError:
        return 0


def _is_hook(document: Document) -> bool:
    annotations = (document.get("metadata") or {}).get("annotations") or {}
    return "helm.sh/hook" in annotations
