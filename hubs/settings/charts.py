"""Which charts are installed: `imagebuilding:charts`, and `charts` of a hub that tries another version first."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import model_validator

from hubs.settings.base import Strict, example, matching
from hubs.settings.chart_file import ChartFile, chart_path, read_chart_file
from hubs.settings.touches import Touches, touches

# Plain HTTP would let anyone on the way replace the chart, except on this machine.
_REPOSITORY = r"(https|oci)://\S+|http://(localhost|127\.0\.0\.1)(:[0-9]+)?(/\S*)?"


def _next_version(old: str | None, new: str | None) -> bool:
    """Whether this is a later version with the same major version. Below 1.0, the second number is the major one."""
    if not old or not new:
        return not old
    numbers = [[int(part) for part in re.findall(r"[0-9]+", text.partition("-")[0])[:3]] for text in (old, new)]
    was, now = ([*part, 0, 0, 0][:3] for part in numbers)
    major = 2 if was[0] == now[0] == 0 else 1
    return was[:major] == now[:major] and was <= now


def _is_set(old: str | None, new: str | None) -> bool:
    return old is None or old == new


class Chart(Strict):
    """One chart: from a Helm repository, an OCI registry, or a local archive."""

    name: Annotated[
        str,
        touches(Touches.CODE, "other code runs as the hub, in the cluster", subject="name of the chart"),
        example("jupyterhub"),
    ]
    """Name of the chart."""
    version: Annotated[
        Annotated[str, matching(r"[^0-9*]*[0-9*].*", "a version such as 4.4.0: charts have no tags such as latest")],
        touches(
            Touches.CODE,
            "a new major version, or an older one: read its notes",
            restricts=_next_version,
            otherwise="the hub's own software",
            subject="version of the chart",
        ),
        example("4.4.0"),
    ]
    """Version of the chart. Not used for an archive, which has its own version."""
    repository: Annotated[
        Annotated[str, matching(_REPOSITORY, "https://... or oci://...")] | None,
        touches(
            Touches.CODE, "whoever publishes there decides what runs in the cluster", subject="repository of the chart"
        ),
        example("https://hub.jupyter.org/helm-chart/"),
    ] = None
    """A Helm repository (https://) or the OCI path that holds the chart (oci://host/path, without the chart's name)."""
    archive: Annotated[
        str | None,
        touches(Touches.CODE, "another archive decides what runs in the cluster", subject="archive of the chart"),
        example("charts/jupyterhub-4.4.0.tgz"),
    ] = None
    """Path of a .tgz file or of a chart's folder, relative to the repository's root."""
    digest: Annotated[
        Annotated[str, matching(r"sha256:[0-9a-f]{64}", "sha256: and 64 hexadecimal digits")] | None,
        touches(
            Touches.CODE,
            "the same version has another content",
            restricts=_is_set,
            otherwise="what is installed is compared with it",
            subject="digest of the chart",
        ),
        example(f"sha256:{'0123456789abcdef' * 4}"),
    ] = None
    """Digest that the archive must have, for this version. Previews, `hubs check` and deployments compare it; before a
    deployment, nothing changes if it differs. A layer that sets another version drops the digest below it."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if not self.repository and not self.archive:
            raise ValueError("needs a repository (https:// or oci://) or an archive (a local path)")
        return self

    @property
    def reference(self) -> str:
        """What Helm installs: the archive if there is one, an OCI reference, or the name in `repository`."""
        if self.archive:
            return self.archive
        if self.repository and self.repository.startswith("oci://"):
            return f"{self.repository.rstrip('/')}/{self.name}"
        return self.name

    def installed_version(self, root: Path) -> str:
        """Return the version that is installed. For an archive, its Chart.yaml contains the version.

        `archive` is relative to `root`. Raises ValueError for a path that leads out of it, and for an archive without a
        readable Chart.yaml.
        """
        return _archive(root, self.archive).version if self.archive else self.version

    def app_version(self, root: Path) -> str:
        """Return the version of what an archive installs, such as JupyterHub's; empty if it does not say it.

        Raises ValueError as `installed_version`.
        """
        return _archive(root, self.archive).app_version if self.archive else ""

    @property
    def repo(self) -> str | None:
        """The Helm repository's URL if the chart comes from one."""
        return self.repository if self.reference == self.name else None


@cache
def _archive(root: Path, archive: str) -> ChartFile:
    return read_chart_file(chart_path(root, archive))


Charts = dict[str, Chart]
"""The charts of a hub by name. The names are those of `imagebuilding:charts` in `Pulumi.yaml`."""
