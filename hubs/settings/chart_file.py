"""The Chart.yaml of a chart, whether it is a folder or an archive.

This is part of the settings and not a client because settings read it: a hub's chart may be an archive in this
repository.
"""

from __future__ import annotations

import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import yaml

_LONGEST = 1_000_000


@dataclass(frozen=True)
class ChartFile:
    """The fields of a Chart.yaml that this project uses (https://helm.sh/docs/topics/charts/#the-chartyaml-file)."""

    name: str
    version: str
    kube_version: str
    """The Kubernetes versions that the chart accepts; empty for all."""


def read_chart_file(path: Path) -> ChartFile:
    """Read the Chart.yaml of the chart at `path`, a folder or a .tgz. Raises ValueError if it can't be read."""
    try:
        text = (path / "Chart.yaml").read_bytes() if path.is_dir() else _from_archive(path)
        data = yaml.safe_load(text)
        return ChartFile(str(data["name"]), str(data["version"]), str(data.get("kubeVersion") or ""))
    except (OSError, EOFError, zlib.error, tarfile.TarError, yaml.YAMLError, LookupError, TypeError, AttributeError):
        raise ValueError("is not a chart: it has no Chart.yaml with a name and a version") from None


def _from_archive(path: Path) -> bytes:
    with tarfile.open(path) as archive:
        for member in archive:
            # Ignore the Chart.yaml files of subcharts.
            if member.isfile() and member.name.count("/") == 1 and member.name.endswith("/Chart.yaml"):
                file = archive.extractfile(member)
                if file is not None:
                    return file.read(_LONGEST)
    raise LookupError("Chart.yaml")
