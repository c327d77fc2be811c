"""Whether a hub is there for people: workloads that stop, claims that are not used any more, what is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hubs.preview.diff.claims import is_kept
from hubs.preview.diff.judged import Level
from hubs.preview.diff.kubernetes.privileges import account_of
from hubs.preview.manifests import Document, identity, pod_template
from hubs.settings.layers import mapping, value_at
from hubs.settings.touches import Touches

Key = tuple[str, str, str]
Said = tuple[Level, Touches, str]
"""How dangerous a change of an object is, what it touches, and the effect in words."""

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
_CLAIM = "PersistentVolumeClaim"
_NAMED_BY: Mapping[str, tuple[str, ...]] = {
    # Where pods name these objects.
    "Secret": ("secretName", "secretKeyRef", "secretRef", "secret"),
    "ConfigMap": ("configMapKeyRef", "configMapRef", "configMap"),
}


def removed(document: Document, new: Iterable[Document]) -> Iterator[Said]:
    """Yield what it means that an object is deleted. `new`: the objects that remain."""
    kind, name = str(document.get("kind")), identity(document)[2]
    if kind in WORKLOADS:
        yield Level.CAREFUL, Touches.AVAILABILITY, "is deleted: its pods stop"
    elif kind == _CLAIM and not is_kept(document):
        yield Level.DANGEROUS, Touches.FILES, "is deleted, and its data is lost"
    elif kind == _CLAIM:
        yield Level.DANGEROUS, Touches.FILES, "is no longer part of the chart; it is kept with its data"
    elif kind in ("PersistentVolume", "StorageClass"):
        yield Level.CAREFUL, Touches.FILES, "is deleted"
    elif kind == "PodDisruptionBudget":
        text = "is deleted: when nodes are drained, all of its pods may stop at the same time"
        yield Level.CAREFUL, Touches.AVAILABILITY, text
    elif kind in _NAMED_BY or kind == "ServiceAccount":
        users = sorted({" ".join(identity(other)[::2]) for other in new if _names(other, kind, name)})
        if users:
            text = f"is deleted, but {', '.join(users)} still uses it: its pods can't start"
            yield Level.DANGEROUS, Touches.AVAILABILITY, text
        elif kind == "Secret":
            yield Level.CAREFUL, Touches.AVAILABILITY, "is deleted: whatever else reads it fails"
        elif kind == "ServiceAccount":
            yield Level.CAREFUL, Touches.AVAILABILITY, "is deleted: pods that use it can't start"


def changed(old: Document, new: Document) -> Iterator[Said]:
    """Yield what a change of an object means for whether it is there."""
    kind = str(new.get("kind"))
    if kind in WORKLOADS:
        before, after = (_replicas(side) for side in (old, new))
        if before and not after:
            text = "has no pods any more (replicas: 0): what it does for people stops"
            yield Level.DANGEROUS, Touches.AVAILABILITY, text
        for claim in sorted(_claims(old) - _claims(new)):
            text = f"no longer uses {_CLAIM} {claim}: it starts without the files in it"
            yield Level.DANGEROUS, Touches.FILES, text
    elif kind == _CLAIM:
        before, after = (value_at(side, "spec", "resources", "requests", "storage") for side in (old, new))
        if before != after:
            yield Level.CAREFUL, Touches.COST, f"changes its size: {before} → {after}; it can grow, but not shrink"
        if is_kept(old) and not is_kept(new):
            text = "is no longer kept when its release is uninstalled (helm.sh/resource-policy)"
            yield Level.DANGEROUS, Touches.FILES, text
    elif kind == "PersistentVolume":
        policies = [value_at(side, "spec", "persistentVolumeReclaimPolicy") for side in (old, new)]
        if policies[0] == "Retain" != policies[1]:
            text = "is deleted with its files when its claim is deleted (persistentVolumeReclaimPolicy)"
            yield Level.DANGEROUS, Touches.FILES, text
    elif kind == "PodDisruptionBudget" and _blocks(new) and not _blocks(old):
        text = "lets none of its pods be stopped: nodes can't be drained or upgraded"
        yield Level.CAREFUL, Touches.AVAILABILITY, text


def added(new: Document) -> Iterator[Said]:
    """Yield what it means that an object is new."""
    if new.get("kind") == "PodDisruptionBudget" and _blocks(new):
        text = "lets none of its pods be stopped: nodes can't be drained or upgraded"
        yield Level.CAREFUL, Touches.AVAILABILITY, text


def _replicas(document: Document) -> int:
    """Return the number of pods that an object asks for; 1 for a DaemonSet."""
    replicas = value_at(document, "spec", "replicas")
    return replicas if isinstance(replicas, int) else 1


def _claims(document: Document) -> set[str]:
    spec = mapping(pod_template(document), "spec")
    found = [value_at(volume, "persistentVolumeClaim", "claimName") for volume in spec.get("volumes") or []]
    return {str(name) for name in found if name}


def _blocks(budget: Document) -> bool:
    spec = budget.get("spec") or {}
    return spec.get("maxUnavailable") in (0, "0%") or spec.get("minAvailable") == "100%"


def _names(document: Document, kind: str, name: str) -> bool:
    """Return whether pods of the object need the object of this kind and name."""
    spec = mapping(pod_template(document), "spec")
    if not spec:
        return False
    if kind == "ServiceAccount":
        return account_of(spec) == name
    return name in _found(spec, _NAMED_BY[kind])


def _found(node: Any, keys: tuple[str, ...]) -> set[str]:
    """Return the names of objects below these keys, without those that are optional."""
    found: set[str] = set()
    if isinstance(node, dict):
        for key, value in node.items():
            for item in value if isinstance(value, list) else [value]:
                if key in keys and isinstance(item, dict) and not item.get("optional"):
                    found.add(str(item.get("name") or item.get("secretName")))
            found |= _found(value, keys)
    elif isinstance(node, list):
        for item in node:
            found |= _found(item, keys)
    return found
