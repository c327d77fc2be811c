"""Kubernetes' own rules for labels, names and paths, checked where they are written.

The rules are those of the API server (https://github.com/kubernetes/kubernetes, pkg/apis/core/validation).
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator

from hubs.settings.base import Strict, example, matching
from hubs.settings.touches import Touches, touches

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


_ABSOLUTE = matching(r"/[^\s:]*", "an absolute path such as /home/jovyan, without ':'")
AbsolutePath = Annotated[str, _ABSOLUTE, AfterValidator(_no_steps_up)]
MountPath = Annotated[str, _ABSOLUTE, AfterValidator(_mountable)]
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

    key: Annotated[LabelKey | None, touches(Touches.AVAILABILITY), example("hub.jupyter.org/dedicated")] = None
    """Key of the taint."""
    operator: Annotated[
        Literal["Equal", "Exists"] | None, touches(Touches.AVAILABILITY), example("Equal", "Exists")
    ] = None
    """`Equal` compares the value; `Exists` accepts any value. Default: Equal."""
    value: Annotated[LabelValue | None, touches(Touches.AVAILABILITY), example("user")] = None
    """Value of the taint."""
    effect: Annotated[
        Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None,
        touches(Touches.AVAILABILITY),
        example("NoSchedule"),
    ] = None
    """Effect of the taint: NoSchedule, PreferNoSchedule or NoExecute. Default: every effect."""
    tolerationSeconds: Annotated[int | None, touches(Touches.AVAILABILITY), example(300)] = None
    """How many seconds a pod stays on a node with a NoExecute taint. Default: as long as it runs."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        found = toleration_problem(self.key, self.operator, self.value, self.effect, self.tolerationSeconds)
        if found is not None:
            raise ValueError(found)
        return self


def toleration_problem(
    key: str | None, operator: str | None, value: str | None, effect: str | None, seconds: int | None
) -> str | None:
    """Return why Kubernetes refuses a toleration with these fields, or None."""
    if not key and operator != "Exists":
        return "needs a key; without one, operator must be Exists, which tolerates every taint"
    if operator == "Exists" and value:
        return "has a value, which operator Exists does not compare: remove one of them"
    if seconds is not None and effect != "NoExecute":
        return "has tolerationSeconds, which needs effect: NoExecute"
    return None


class Nodes(Strict):
    """The nodes that pods may run on."""

    selector: Annotated[
        Labels,
        touches(Touches.AVAILABILITY, "pods run on other nodes, or find none"),
        example({"hub.jupyter.org/node-purpose": "user"}),
    ]
    """Labels that a node must have, all of them. `{}` selects any node."""
    tolerations: Annotated[
        list[Toleration], touches(Touches.AVAILABILITY, "pods run on other nodes, or find none", whole=True)
    ] = []
    """Taints that these pods tolerate."""
