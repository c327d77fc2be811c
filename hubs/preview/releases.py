"""The Helm releases of a plan."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hubs.errors import UserError

RELEASE_TYPE = "kubernetes:helm.sh/v3:Release"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,51}[a-z0-9])?")


class BadReleaseError(UserError):
    """A release in a plan that can't be rendered. The message is for people."""


@dataclass(frozen=True)
class ChartReference:
    """Where a chart comes from, as the Release resource has it."""

    chart: str
    version: str = ""
    repository: str | None = None
    digest: str | None = None
    """`sha256:` and what the archive must hash to."""

    def __str__(self) -> str:
        return f"{self.chart} {self.version}".strip()


@dataclass(frozen=True)
class Release:
    """One Helm release: what `helm template` needs to know."""

    name: str
    namespace: str
    chart: ChartReference
    values: dict[str, Any]
    kubernetes: str
    crds: bool = True


def releases_of(resources: Iterable[Mapping[str, Any]], kubernetes: str) -> list[Release]:
    """The releases among a plan's resources, in its order, for a cluster of the version `kubernetes`.

    Raises BadReleaseError for a name that is none: it becomes a file's name and an argument of helm.
    """
    return [_release(resource, kubernetes) for resource in resources if resource["type"] == RELEASE_TYPE]


def _release(resource: Mapping[str, Any], kubernetes: str) -> Release:
    inputs = resource["inputs"]
    name, namespace = str(inputs.get("name") or resource["name"]), str(inputs.get("namespace") or "default")
    for text in (name, namespace):
        # Helm: at most 53 characters, a DNS name (https://helm.sh/docs/chart_template_guide/builtin_objects/).
        if not _NAME.fullmatch(text):
            raise BadReleaseError(f"{text!r} is no name for a Helm release or a namespace")
    chart = ChartReference(
        str(inputs["chart"]),
        str(inputs.get("version") or ""),
        (inputs.get("repositoryOpts") or {}).get("repo"),
        resource.get("chart_digest"),
    )
    values = _whole_numbers(inputs.get("values") or {})
    return Release(name, namespace, chart, values, kubernetes, not inputs.get("skipCrds"))


def _whole_numbers(value: Any) -> Any:
    """Numbers as a person wrote them: the engine's protocol has only floating point, and 8090.0 is no port."""
    if isinstance(value, dict):
        return {key: _whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_numbers(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
