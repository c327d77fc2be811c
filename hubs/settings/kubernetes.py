"""Kubernetes' own rules for labels, names, paths and parts of pods, checked where they are written.

The rules are those of the API server (https://github.com/kubernetes/kubernetes, pkg/apis/core/validation). The fields
of pods are data, `kubernetes_fields.json`: for each type its fields, with their types. A test compares it with the
models of the Python client, and `python -m tests.settings.kubernetes_fields` writes it again.
"""

from __future__ import annotations

import functools
import ipaddress
import json
import re
from collections.abc import Iterator
from pathlib import Path as File
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from hubs.errors import unknown
from hubs.settings.base import Strict, example, matching
from hubs.settings.layers import Path

_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_SUBDOMAIN = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*"
_KEY = rf"(?:(?=[^/]{{1,253}}/){_SUBDOMAIN}/)?{_NAME}"

LabelKey = Annotated[
    str, matching(_KEY, "a label's key such as example.org/community: at most 63 letters, digits, '-', '_' and '.'")
]
LabelValue = Annotated[str, matching(rf"(?:{_NAME})?", "a label's value: at most 63 letters, digits, '-', '_' and '.'")]
Labels = dict[LabelKey, LabelValue]
"""Labels that a node must have."""

# Kubernetes compares the key in lower case, so that capitals are accepted in its first part too.
AnnotationKey = Annotated[
    str,
    matching(
        _KEY.replace("a-z0-9", "A-Za-z0-9"),
        "an annotation's key such as iam.gke.io/gcp-service-account: at most 63 letters, digits, '-', '_' and '.'",
    ),
]
Annotations = dict[AnnotationKey, str]

ObjectName = Annotated[
    str, matching(rf"(?=.{{1,253}}$){_SUBDOMAIN}", "the name of a Kubernetes object: a-z, 0-9, '-' and '.'")
]


def _no_steps_up(value: str) -> str:
    if ".." in value.split("/"):
        raise ValueError("must not contain '..'")
    return value


def _mountable(value: str) -> str:
    steps = [step for step in value.split("/") if step not in ("", ".")]
    if not steps or (value.startswith("/") and steps[0] in ("proc", "sys")):
        raise ValueError("is not a place where a directory or file can be mounted; write a path such as /home/jovyan")
    return _no_steps_up(value)


AbsolutePath = Annotated[
    str, matching(r"/[^\s:]*", "an absolute path such as /home/jovyan, without ':'"), AfterValidator(_no_steps_up)
]
MountPath = Annotated[
    str, matching(r"/[^\s:]*", "an absolute path such as /home/jovyan, without ':'"), AfterValidator(_mountable)
]
"""Where a server mounts a directory."""
MountPathOrFolder = Annotated[
    str,
    matching(r"/?[^\s/:][^\s:]*", "a path such as /home/jovyan/shared, or a folder such as shared, without ':'"),
    AfterValidator(_mountable),
]
FilePath = Annotated[
    str, matching(r"/[^\s:]*[^\s:/]", "the absolute path of a file such as /etc/motd"), AfterValidator(_mountable)
]
SubPath = Annotated[
    str, matching(r"[^\s/:][^\s:]*", "a folder such as _shared, without '/' at its start"), AfterValidator(_no_steps_up)
]
"""A folder of a volume. Kubernetes refuses absolute paths and '..'."""
ExportPath = Annotated[
    str,
    matching(r"/|(?:/[^\s/:]+)+/?", "an absolute path such as /export/ocean, without '//'"),
    AfterValidator(_no_steps_up),
]
"""A directory that an NFS server exports."""


def _host(value: str) -> str:
    expected = "must be a host name or an address such as 10.0.0.7: no scheme, no port, no path"
    if ":" in value or re.fullmatch(r"[0-9.]+", value):
        try:
            ipaddress.ip_address(value)
        except ValueError:
            raise ValueError(expected) from None
    elif len(value) > 253 or not re.fullmatch(r"[A-Za-z0-9][-A-Za-z0-9_]*(?:\.[A-Za-z0-9][-A-Za-z0-9_]*)*\.?", value):
        raise ValueError(expected)
    return value


Host = Annotated[str, AfterValidator(_host)]
"""A server that nodes reach: a host name, or an IPv4 or IPv6 address."""


class Toleration(Strict):
    """A Kubernetes toleration (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/)."""

    key: Annotated[LabelKey | None, example("hub.jupyter.org/dedicated")] = None
    """Key of the taint."""
    operator: Annotated[Literal["Equal", "Exists"] | None, example("Equal", "Exists")] = None
    """`Equal` compares the value; `Exists` accepts any value. Default: Equal."""
    value: Annotated[LabelValue | None, example("user")] = None
    """Value of the taint."""
    effect: Annotated[Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None, example("NoSchedule")] = None
    """Effect of the taint: NoSchedule, PreferNoSchedule or NoExecute. Default: every effect."""
    tolerationSeconds: Annotated[int | None, example(300)] = None
    """How many seconds a pod stays on a node with a NoExecute taint. Default: as long as it runs."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not self.key and self.operator != "Exists":
            raise ValueError("needs a key; without one, operator must be Exists, which tolerates every taint")
        if self.operator == "Exists" and self.value:
            raise ValueError("has a value, which operator Exists does not compare: remove one of them")
        if self.tolerationSeconds is not None and self.effect != "NoExecute":
            raise ValueError("has tolerationSeconds, which needs effect: NoExecute")
        return self


class Nodes(Strict):
    """The nodes that pods may run on."""

    selector: Annotated[Labels, example({"hub.jupyter.org/node-purpose": "user"})]
    """Labels that a node must have, all of them. `{}` selects any node."""
    tolerations: list[Toleration] = []
    """Taints that these pods tolerate."""


Fields = dict[str, dict[str, list[Any]]]
"""Type -> field -> [its type, whether it is required]. Types are those of the Python client: `List[V1Volume]`."""


@functools.cache
def fields() -> Fields:
    """Return the fields of pods and of all their parts."""
    found: Fields = json.loads(File(__file__).with_name("kubernetes_fields.json").read_text(encoding="utf-8"))
    return found


def misfits(kind: str, value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield path and message of what Kubernetes refuses in `value`: unknown and missing fields, wrong types.

    `kind` is a type of `fields`, such as `V1Volume`, or a list or mapping of one: `List[V1Volume]`. A null is accepted,
    because Kubernetes ignores it. As KubeSpawner does, fields are accepted in both spellings: mountPath and mount_path.
    """
    if value is None or kind == "object":
        return
    outer, _, inner = kind.rstrip("]").partition("[")
    if outer == "List":
        if not isinstance(value, list):
            yield path, "must be a list"
            return
        for index, item in enumerate(value):
            yield from misfits(inner, item, (*path, index))
    elif outer == "Dict":
        if not isinstance(value, dict):
            yield path, "must be a mapping of keys to values"
            return
        for key, item in value.items():
            yield from misfits(inner.partition(", ")[2], item, (*path, key))
    elif outer in _SCALARS:
        types, expected = _SCALARS[outer]
        if not isinstance(value, types) or (isinstance(value, bool) and outer != "bool"):
            yield path, f"must be {expected}"
    else:
        yield from _misfits_of_fields(fields()[outer], value, path)


_SCALARS: dict[str, tuple[Any, str]] = {
    # Quantities and ports are text for the client; Kubernetes also reads numbers there.
    "str": ((str, int, float), "text"),
    "int": (int, "a whole number"),
    "bool": (bool, "true or false"),
    "datetime": (object, "a time"),
}


def _misfits_of_fields(known: dict[str, list[Any]], value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if not isinstance(value, dict):
        yield path, "must be a mapping of keys to values"
        return
    spelt = {_snake(name): name for name in known}
    given = set()
    for key, item in value.items():
        name = spelt.get(_snake(str(key)))
        if name is None or key not in (name, _snake(name)):
            yield (*path, key), unknown("is not known to Kubernetes", str(key), sorted(known))
            continue
        given.add(name)
        yield from misfits(known[name][0], item, (*path, key))
    for name, (_, required) in known.items():
        if required and (name not in given or value.get(name, value.get(_snake(name))) is None):
            yield (*path, name), "is missing"


def _snake(name: str) -> str:
    """mountPath -> mount_path, as in the client: clusterIPs -> cluster_i_ps, which no pod has."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _volume_source(value: dict[str, Any]) -> dict[str, Any]:
    if len(value) != 1:
        raise ValueError("must have exactly one key, such as emptyDir")
    for path, message in misfits("V1Volume", {"name": "shared", **value}):
        raise ValueError(f"{'.'.join(map(str, path))} {message}")
    return value


VolumeSource = Annotated[
    dict[str, Any],
    AfterValidator(_volume_source),
    Field(json_schema_extra={"minProperties": 1, "maxProperties": 1}),
]
"""The source of a Kubernetes volume: one key, such as `emptyDir`."""
