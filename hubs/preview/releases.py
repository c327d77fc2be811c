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
    """A release of a plan that can't be rendered."""


@dataclass(frozen=True)
class ChartReference:
    """The source of a chart, as in the inputs of the Release resource."""

    chart: str
    version: str = ""
    repository: str | None = None
    digest: str | None = None
    """Required digest of the archive, as `sha256:...`."""

    def __str__(self) -> str:
        return f"{self.chart} {self.version}".strip()


@dataclass(frozen=True)
class Release:
    """A Helm release, with everything that `helm template` needs."""

    name: str
    namespace: str
    chart: ChartReference
    values: dict[str, Any]
    kubernetes: str
    crds: bool = True


def releases_of(resources: Iterable[Mapping[str, Any]], kubernetes: str) -> list[Release]:
    """Return the releases among a plan's resources, in its order, for a cluster of the version `kubernetes`.

    Raises BadReleaseError for an invalid name, because the name is used as a file name and as an argument of helm.
    """
    return [_release(resource, kubernetes) for resource in resources if resource["type"] == RELEASE_TYPE]


def _release(resource: Mapping[str, Any], kubernetes: str) -> Release:
    inputs = resource["inputs"]
    name, namespace = str(inputs.get("name") or resource["name"]), str(inputs.get("namespace") or "default")
    for text in (name, namespace):
        # Helm: at most 53 characters, a DNS name (https://helm.sh/docs/chart_template_guide/builtin_objects/).
        if not _NAME.fullmatch(text):
            raise BadReleaseError(f"{text!r} is not a valid name for a Helm release or a namespace")
    chart = ChartReference(
        str(inputs["chart"]),
        str(inputs.get("version") or ""),
        (inputs.get("repositoryOpts") or {}).get("repo"),
        resource.get("chart_digest"),
    )
    return Release(name, namespace, chart, inputs.get("values") or {}, kubernetes, not inputs.get("skipCrds"))
