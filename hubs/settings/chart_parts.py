"""Parts of pods, and sizes of volumes, in the charts' values that a hub writes itself, checked by Kubernetes' rules.

The charts' schemas accept any mapping in these places. Helm and Kubernetes would refuse it during the deployment.
"""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.kubespawner import CHART
from hubs.settings.layers import Found, Path, value_at
from hubs.settings.pod_parts import misfits
from hubs.settings.pod_rules import labels, raised
from hubs.settings.sizes import quantity_bytes

PARTS = {
    "containerSecurityContext": "V1SecurityContext",
    "extraContainers": "List[V1Container]",
    "extraTolerations": "List[V1Toleration]",
    "extraVolumeMounts": "List[V1VolumeMount]",
    "extraVolumes": "List[V1Volume]",
    "initContainers": "List[V1Container]",
    "nodeSelector": "Dict[str, str]",
    "podSecurityContext": "V1PodSecurityContext",
    "resources": "V1ResourceRequirements",
    "tolerations": "List[V1Toleration]",
}
"""Keys of the charts' values that have one meaning wherever they are, with their type in hubs.settings.pod_parts."""

FREE = frozenset(
    {"annotations", "config", "custom", "extraConfig", "extraFiles", "labels", "loadRoles", "profileList", "services"}
    | {"templateVars"}
)
"""Keys whose values have no parts of pods: whatever is below them is not looked at."""

SIZES = (("hub", "db", "pvc", "storage"), ("singleuser", "storage", "capacity"))

_BY_TRAITS = {("singleuser", *path.split(".")) for path in CHART.values()}
"""Values that hubs.settings.overrides checks."""


def chart_part_problems(hub: Hub) -> Found:
    """Yield what Kubernetes refuses in the hub's own values, with the path below the hub's settings."""
    for chart, values in hub.values.items():
        yield from _below(values, ("values", chart), ())
        for steps in SIZES:
            size = value_at(values, *steps)
            if size is not None and (message := raised(quantity_bytes, size)) is not None:
                yield ("values", chart, *steps), message


def _below(values: dict[str, Any], root: Path, path: tuple[str, ...]) -> Found:
    for key, value in values.items():
        at = (*path, str(key))
        if at in _BY_TRAITS or key in FREE:
            continue
        if key in PARTS:
            yield from (((*root, *at, *below), message) for below, message in _part(PARTS[key], value))
        elif key == "extraEnv" and isinstance(value, dict):
            yield from (((*root, *at, *below), message) for below, message in _variables(value))
        elif isinstance(value, dict):
            yield from _below(value, root, at)


def _part(kind: str, value: Any) -> Found:
    if kind.startswith("List[") and isinstance(value, dict):
        # KubeSpawner also takes a mapping of names to volumes.
        for key, item in value.items():
            yield from (((key, *below), message) for below, message in misfits(kind[5:-1], item))
        return
    found = list(misfits(kind, value, snake=False))
    yield from found
    if kind.startswith("Dict[") and isinstance(value, dict) and not found:
        yield from labels(value)


def _variables(value: dict[str, Any]) -> Found:
    """Variables by name: text, or the fields of a variable in Kubernetes."""
    for name, item in value.items():
        if isinstance(item, dict):
            yield from (
                ((name, *below), message) for below, message in misfits("V1EnvVar", {"name": "A", **item}, snake=False)
            )
