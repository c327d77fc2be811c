"""The API server's rules for values in parts of pods, beyond fields and types: names, words, ranges, and what excludes
or needs what.

Source: https://github.com/kubernetes/kubernetes, pkg/apis/core/validation/validation.go. Types and fields are those of
`kubernetes_fields.json`. Only rules that hold in every supported version are here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, get_args

from pydantic import AfterValidator

from hubs.settings import image
from hubs.settings.base import matching
from hubs.settings.environment import NAME
from hubs.settings.kubernetes import Host, LabelKey, LabelValue, ObjectName, SubPath, toleration_problem
from hubs.settings.layers import Found
from hubs.settings.sizes import amount

Rule = Callable[[Any], Found]

_PLACEHOLDER = re.compile(r"\{[A-Za-z_]+\}")

PartName = Annotated[
    str, matching(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?", "a name of a-z, 0-9 and '-', at most 63 characters")
]
"""Name of a volume or container (RFC 1123 label)."""

_OWN_RESOURCES = ("cpu", "memory", "ephemeral-storage")


def problem(rule: Any, value: Any) -> str | None:
    """Return what is wrong with a text by an annotated type such as `ObjectName`, or None. Placeholders of KubeSpawner
    stand for letters."""
    text = _PLACEHOLDER.sub("x", str(value))
    for step in get_args(rule)[1:]:
        if isinstance(step, matching) and (found := step.problem(text)) is not None:
            return found
        if isinstance(step, AfterValidator) and (found := raised(step.func, text)) is not None:
            return found
    return None


def raised(check: Callable[..., Any], *values: Any) -> str | None:
    """Return the message of the ValueError that `check` raises, or None."""
    try:
        check(*values)
    except ValueError as error:
        return str(error)
    return None


def labels(value: Mapping[str, Any]) -> Found:
    """Yield keys and values of labels that Kubernetes refuses. Values of another type are not looked at."""
    for key, item in value.items():
        for found in (problem(LabelKey, key), problem(LabelValue, item) if isinstance(item, str) else None):
            if found is not None:
                yield (key,), found
                break


def resource_amounts(value: Mapping[str, Any]) -> Found:
    """Yield resources, such as cpu or nvidia.com/gpu, whose name or amount Kubernetes refuses."""
    for name, item in value.items():
        if name not in _OWN_RESOURCES and "/" not in name and not name.startswith("hugepages-"):
            yield (name,), f"is not a resource: {', '.join(_OWN_RESOURCES)}, or a device such as nvidia.com/gpu"
        elif item is not None and (found := raised(_amount, name, item)) is not None:
            yield (name,), found


def is_device(resource: str) -> bool:
    """Return whether a resource is counted, such as nvidia.com/gpu, and not one of Kubernetes' own."""
    return "/" in resource and not resource.partition("/")[0].endswith("kubernetes.io")


def _amount(name: str, value: Any) -> None:
    found = amount(value)
    if found < 0 or (is_device(name) and found != found.to_integral_value()):
        raise ValueError("must be a whole number" if is_device(name) else "must not be negative")


def _text(rule: Any) -> Rule:
    def check(value: Any) -> Found:
        if (found := problem(rule, value)) is not None:
            yield (), found

    return check


def _calling(function: Callable[[str], Any]) -> Rule:
    def check(value: Any) -> Found:
        if not _PLACEHOLDER.search(str(value)) and (found := raised(function, value)) is not None:
            yield (), found

    return check


def _words(*words: str) -> Rule:
    def check(value: Any) -> Found:
        if value not in words:
            meant = [word for word in words if word and word.lower() == value.lower()]
            yield (
                (),
                f"must be one of {', '.join(word for word in words if word)}"
                + "".join(f"; write {word}" for word in meant),
            )

    return check


def _range(least: int, most: int) -> Rule:
    def check(value: Any) -> Found:
        if not least <= value <= most:
            yield (), f"must be a whole number from {least} to {most}"

    return check


def _port(value: Any) -> Found:
    if isinstance(value, bool) or not isinstance(value, int | str):
        yield (), "must be a number or name of a port"
    elif isinstance(value, int) and not 1 <= value <= 65535:
        yield (), "must be a port from 1 to 65535"
    elif isinstance(value, str) and not re.fullmatch(r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*", value):
        yield (), "must be a number, without quotes, or the name of a port"


def _nfs_path(value: str) -> Found:
    if not value.startswith("/"):
        yield (), "must be an absolute path such as /export/data"


def _folder(value: str) -> Found:
    if value and (found := problem(SubPath, value)) is not None:
        yield (), found


def _not_empty(value: str) -> Found:
    if not value:
        yield (), "must not be empty"


def _field_path(value: str) -> Found:
    known = (
        *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
        *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
    )
    if value not in known and not re.fullmatch(r"metadata\.(labels|annotations)\['[^']+'\]", value):
        yield (), f"must be one of {', '.join(known)}, metadata.labels['KEY'], metadata.annotations['KEY']"


def _variable(value: str) -> Found:
    # A variable of JupyterHub, which servers can't set, may be set in another container.
    if not NAME.fullmatch(value):
        yield (), "is not the name of a variable: use letters, digits, '_', '-' and '.', and no digit at the start"


LARGEST_ID = 2**31 - 1
"""Of users and groups in containers."""
IMAGE_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_USER = _range(0, LARGEST_ID)
_NAME_OF_OBJECT = _text(ObjectName)
_SELECTS = _words("In", "NotIn", "Exists", "DoesNotExist")

QUANTITIES = frozenset(
    {
        ("V1EmptyDirVolumeSource", "sizeLimit"),
        ("V1PodSpec", "overhead"),
        ("V1ResourceFieldSelector", "divisor"),
        ("V1ResourceRequirements", "limits"),
        ("V1ResourceRequirements", "requests"),
        ("V1VolumeResourceRequirements", "limits"),
        ("V1VolumeResourceRequirements", "requests"),
    }
)
"""Fields that are quantities, or mappings of them. The client's type for them is text."""

KEYS = {"V1Container": "name", "V1Volume": "name", "V1VolumeMount": "mountPath"}
"""Types of which a pod or container can't have two with the same value of this field."""

VALUES: dict[tuple[str, str], Rule] = {
    ("V1ConfigMapKeySelector", "name"): _NAME_OF_OBJECT,
    ("V1ConfigMapVolumeSource", "name"): _NAME_OF_OBJECT,
    ("V1Container", "image"): _calling(image.parse),
    ("V1Container", "imagePullPolicy"): _words(*IMAGE_PULL_POLICIES),
    ("V1Container", "name"): _text(PartName),
    ("V1ContainerPort", "containerPort"): _range(1, 65535),
    ("V1ContainerPort", "protocol"): _words("TCP", "UDP", "SCTP"),
    ("V1EmptyDirVolumeSource", "sizeLimit"): _calling(amount),
    ("V1EnvVar", "name"): _variable,
    ("V1HTTPGetAction", "port"): _port,
    ("V1HTTPGetAction", "scheme"): _words("HTTP", "HTTPS"),
    ("V1HostPathVolumeSource", "type"): _words(
        *("", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice")
    ),
    ("V1KeyToPath", "mode"): _range(0, 0o777),
    ("V1KeyToPath", "path"): _folder,
    ("V1LabelSelector", "matchLabels"): labels,
    ("V1LabelSelectorRequirement", "key"): _text(LabelKey),
    ("V1LabelSelectorRequirement", "operator"): _SELECTS,
    ("V1LocalObjectReference", "name"): _NAME_OF_OBJECT,
    ("V1NFSVolumeSource", "path"): _nfs_path,
    ("V1NFSVolumeSource", "server"): _text(Host),
    ("V1NodeSelectorRequirement", "operator"): _words("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"),
    ("V1ObjectFieldSelector", "fieldPath"): _field_path,
    ("V1PersistentVolumeClaimVolumeSource", "claimName"): _NAME_OF_OBJECT,
    ("V1PodAffinityTerm", "topologyKey"): _text(LabelKey),
    ("V1PodSecurityContext", "fsGroup"): _USER,
    ("V1PodSecurityContext", "runAsGroup"): _USER,
    ("V1PodSecurityContext", "runAsUser"): _USER,
    ("V1PodSpec", "dnsPolicy"): _words("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    ("V1PodSpec", "hostname"): _text(PartName),
    ("V1PodSpec", "nodeSelector"): labels,
    ("V1PodSpec", "priorityClassName"): _NAME_OF_OBJECT,
    ("V1PodSpec", "restartPolicy"): _words("Always", "OnFailure", "Never"),
    ("V1PodSpec", "runtimeClassName"): _NAME_OF_OBJECT,
    ("V1PodSpec", "serviceAccountName"): _NAME_OF_OBJECT,
    ("V1PodSpec", "subdomain"): _text(PartName),
    ("V1PreferredSchedulingTerm", "weight"): _range(1, 100),
    ("V1ResourceRequirements", "limits"): resource_amounts,
    ("V1ResourceRequirements", "requests"): resource_amounts,
    ("V1SecretKeySelector", "name"): _NAME_OF_OBJECT,
    ("V1SecretVolumeSource", "secretName"): _NAME_OF_OBJECT,
    ("V1SecurityContext", "runAsGroup"): _USER,
    ("V1SecurityContext", "runAsUser"): _USER,
    ("V1TCPSocketAction", "port"): _port,
    ("V1Toleration", "effect"): _words("", "NoSchedule", "PreferNoSchedule", "NoExecute"),
    ("V1Toleration", "operator"): _words("", "Equal", "Exists"),
    ("V1TopologySpreadConstraint", "whenUnsatisfiable"): _words("DoNotSchedule", "ScheduleAnyway"),
    ("V1Volume", "name"): _text(PartName),
    ("V1VolumeMount", "mountPath"): _not_empty,
    ("V1VolumeMount", "mountPropagation"): _words("None", "HostToContainer", "Bidirectional"),
    ("V1VolumeMount", "name"): _text(PartName),
    ("V1VolumeMount", "subPath"): _folder,
    ("V1WeightedPodAffinityTerm", "weight"): _range(1, 100),
}
"""Rules for the value of a field, by type and field."""


def _given(item: Mapping[str, Any], besides: Collection[str] = ()) -> list[str]:
    return [name for name, value in item.items() if value is not None and name not in besides]


def _one_of(*names: str, at_least: int = 1) -> Rule:
    def check(item: Mapping[str, Any]) -> Found:
        found = [name for name in _given(item) if name in names]
        if len(found) > 1:
            yield (), f"can have only one of {' and '.join(found)}"
        elif len(found) < at_least:
            yield (), f"needs one of {', '.join(names)}"

    return check


def _volume(item: Mapping[str, Any]) -> Found:
    if len(found := _given(item, besides=["name"])) > 1:
        yield (), f"can have only one of {' and '.join(found)}"


def _toleration(item: Mapping[str, Any]) -> Found:
    names = ("key", "operator", "value", "effect", "tolerationSeconds")
    if (found := toleration_problem(*(item.get(name) for name in names))) is not None:
        yield (), found
    for name, rule in (("key", LabelKey), ("value", LabelValue)):
        if item.get(name) and (message := problem(rule, item[name])) is not None:
            yield (name,), message


def _requirement(item: Mapping[str, Any]) -> Found:
    operator, values = item.get("operator"), item.get("values") or []
    if operator in ("In", "NotIn") and not values:
        yield (), f"needs values, which operator {operator} compares"
    elif operator in ("Exists", "DoesNotExist") and values:
        yield (), f"has values, which operator {operator} does not compare: remove them"
    elif operator in ("Gt", "Lt") and not (len(values) == 1 and re.fullmatch("-?[0-9]+", values[0])):
        yield ("values",), f'must be one number in quotes, such as ["4"], with operator {operator}'


def _node_requirement(item: Mapping[str, Any]) -> Found:
    yield from _requirement(item)
    # metadata.name, the only field that can be matched, is accepted as a label's key too.
    for name, values, rule in (("key", [item.get("key")], LabelKey), ("values", item.get("values") or [], LabelValue)):
        for value in values:
            if isinstance(value, str) and (found := problem(rule, value)) is not None:
                yield (name,), found


def _requirements(item: Mapping[str, Any]) -> Found:
    requests, limits = item.get("requests") or {}, item.get("limits") or {}
    for name, value in requests.items():
        limit = limits.get(name)
        if value is not None and limit is not None and amount(value) > amount(limit):
            yield ("requests", name), f"{value} is more than the limit {limit}"


def _container(item: Mapping[str, Any]) -> Found:
    if not item.get("image"):
        yield ("image",), "is missing"


def _security(item: Mapping[str, Any]) -> Found:
    if item.get("privileged") and item.get("allowPrivilegeEscalation") is False:
        yield ("allowPrivilegeEscalation",), "must be true with privileged: true"


def _mount(item: Mapping[str, Any]) -> Found:
    if item.get("subPath") and item.get("subPathExpr"):
        yield (), "can have only one of subPath and subPathExpr"


WHOLE: dict[str, Rule] = {
    "V1Container": _container,
    "V1EnvVar": _one_of("value", "valueFrom", at_least=0),
    "V1EnvVarSource": _one_of("configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"),
    "V1LabelSelectorRequirement": _requirement,
    "V1LifecycleHandler": _one_of("exec", "httpGet", "sleep", "tcpSocket"),
    "V1NodeSelectorRequirement": _node_requirement,
    "V1Probe": _one_of("exec", "grpc", "httpGet", "tcpSocket"),
    "V1ResourceRequirements": _requirements,
    "V1SecurityContext": _security,
    "V1Toleration": _toleration,
    "V1Volume": _volume,
    "V1VolumeMount": _mount,
}
"""Rules that involve several fields, by type. They get the fields under Kubernetes' names."""
