"""Which charts are installed: `imagebuilding:charts`, and `charts` of a hub that tries another version first."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import model_validator

from hubs.settings.base import Strict, example, matching
from hubs.settings.chart_file import ChartFile, chart_path, read_chart_file

# Plain HTTP would let anyone on the way replace the chart, except on this machine.
_REPOSITORY = r"(https|oci)://\S+|http://(localhost|127\.0\.0\.1)(:[0-9]+)?(/\S*)?"


class Chart(Strict):
    """One chart: from a Helm repository, an OCI registry, or a local archive."""

    name: Annotated[str, example("jupyterhub")]
    """Name of the chart."""
    version: Annotated[
        Annotated[str, matching(r"[^0-9*]*[0-9*].*", "a version such as 4.4.0: charts have no tags such as latest")],
        example("4.4.0"),
    ]
    """Version of the chart. Not used for an archive, which has its own version."""
    repository: Annotated[
        Annotated[str, matching(_REPOSITORY, "https://... or oci://...")] | None,
        example("https://hub.jupyter.org/helm-chart/"),
    ] = None
    """A Helm repository (https://) or the OCI path that holds the chart (oci://host/path, without the chart's name)."""
    archive: Annotated[str | None, example("charts/jupyterhub-4.4.0.tgz")] = None
    """Path of a .tgz file or of a chart's folder, relative to the repository's root."""
    digest: Annotated[
        Annotated[str, matching(r"sha256:[0-9a-f]{64}", "sha256: and 64 hexadecimal digits")] | None,
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
