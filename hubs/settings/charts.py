"""Which charts are installed. `imagebuilding:charts`, and `charts` of a hub that tries another version first."""

from __future__ import annotations

import tarfile
from functools import cache
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import model_validator

from hubs.settings.base import Strict, matching

_CHART_YAML_BYTES = 100_000


class Chart(Strict):
    """One chart: from a Helm repository, an OCI registry, or a local archive."""

    name: str
    version: str
    """Not used for an archive, which has its own."""
    repository: Annotated[str, matching(r"(https?|oci)://\S+", "https://... or oci://...")] | None = None
    """A Helm repository (https://) or the OCI path that holds the chart (oci://host/path, without the chart's name)."""
    archive: str | None = None
    """Path of a .tgz or a chart's folder, from the repository's root."""
    digest: Annotated[str, matching(r"sha256:[0-9a-f]{64}", "sha256: and 64 hexadecimal digits")] | None = None
    """What the archive must hash to. Checked by previews and preflight."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if not self.repository and not self.archive:
            raise ValueError("needs one of repository (https:// or oci://) and archive (a local path)")
        return self

    @property
    def reference(self) -> str:
        """What Helm is told to install: the archive if there is one, an OCI reference, or the name in `repository`."""
        if self.archive:
            return self.archive
        if self.repository and self.repository.startswith("oci://"):
            return f"{self.repository.rstrip('/')}/{self.name}"
        return self.name

    def installed_version(self, root: Path) -> str:
        """The version that is installed: of an archive, what its Chart.yaml says.

        `archive` is relative to `root`. Raises ValueError for an archive that has no readable Chart.yaml.
        """
        return _archive_version(root / self.archive) if self.archive else self.version

    @property
    def repo(self) -> str | None:
        """The Helm repository's URL where the chart comes from one."""
        return self.repository if self.reference == self.name else None


@cache
def _archive_version(path: Path) -> str:
    try:
        if path.is_dir():
            text = (path / "Chart.yaml").read_bytes()
        else:
            with tarfile.open(path) as archive:
                name = next(
                    item for item in archive.getnames() if item.count("/") == 1 and item.endswith("/Chart.yaml")
                )
                member = archive.extractfile(name)
                text = member.read(_CHART_YAML_BYTES) if member else b""
        return str(yaml.safe_load(text)["version"])
    except (OSError, tarfile.TarError, StopIteration, yaml.YAMLError, KeyError, TypeError):
        raise ValueError("is not a chart: there is no Chart.yaml with a version in it") from None


Charts = dict[str, Chart]
"""The charts of a hub by name. The names are those of `imagebuilding:charts` in `Pulumi.yaml`."""
