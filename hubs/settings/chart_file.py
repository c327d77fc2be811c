"""The Chart.yaml of a chart, whether it is a folder or an archive.

This is part of the settings and not a client because settings read it: a hub's chart may be an archive in this
repository.
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubs.settings.errors import SettingsError
from hubs.settings.yaml_file import parse, read

_LONGEST = 1_000_000
MAX_BYTES = 100 * 1024 * 1024
"""Size of an unpacked chart. Helm's own limit (helm/pkg/chart/loader/archive.go, `MaxDecompressedChartSize`)."""

MISSING = "does not exist"


@dataclass(frozen=True)
class ChartFile:
    """The fields of a Chart.yaml that this project uses (https://helm.sh/docs/topics/charts/#the-chartyaml-file)."""

    name: str
    version: str
    kube_version: str
    """The Kubernetes versions that the chart accepts; empty for all."""
    app_version: str = ""
    """The version of what the chart installs, such as JupyterHub; empty if not given."""


def read_chart_file(path: Path) -> ChartFile:
    """Read the Chart.yaml of the chart at `path`, a folder or a .tgz. Raises ValueError if it can't be read."""
    try:
        if path.is_dir():
            chart = read(path / "Chart.yaml", "Chart.yaml")
        else:
            chart = parse(_from_archive(path).decode(), "Chart.yaml")
        keys = ("name", "version", "kubeVersion", "appVersion")
        name, version, kubernetes, app = (str(node.value or "") if (node := chart.get(key)) else "" for key in keys)
        if not name or not version:
            raise LookupError
        return ChartFile(name, version, kubernetes, app)
    except (OSError, EOFError, zlib.error, tarfile.TarError, LookupError, ValueError, OverflowError, SettingsError):
        raise ValueError("is not a chart: it has no Chart.yaml with a name and a version") from None


def chart_path(root: Path, archive: str) -> Path:
    """Return the path of a chart in the project `root`. Raises ValueError, with what is wrong, for a path that is
    absolute or leads out of the project, also through symbolic links, and for what is neither a file nor a folder."""
    path = root / archive
    if Path(archive).is_absolute() or ".." in Path(archive).parts:
        raise ValueError("must be a path inside of the project, without ..")
    if not _exists(path):
        raise ValueError(MISSING)
    if not (path.is_file() or path.is_dir()):
        raise ValueError("is neither a file nor a folder")
    inside = root.resolve()
    below = (Path(folder, name) for folder, folders, files in os.walk(path) for name in (*folders, *files))
    for place in (path, *below):
        if not place.resolve().is_relative_to(inside):
            raise ValueError("has a symbolic link that leads out of the project")
    return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name that is too long, or with a null character
        return False


def _from_archive(path: Path) -> bytes:
    with (
        path.open("rb") as file,
        gzip.GzipFile(fileobj=file) as unpacked,
        # As a stream: a member is skipped, and never searched for in what follows.
        tarfile.open(fileobj=_Bounded(unpacked), mode="r|") as archive,
    ):
        for member in archive:
            # Ignore the Chart.yaml files of subcharts.
            if member.isfile() and member.name.count("/") == 1 and member.name.endswith("/Chart.yaml"):
                content = archive.extractfile(member)
                if content is not None:
                    return content.read(_LONGEST)
    raise LookupError("Chart.yaml")


class _Bounded(io.RawIOBase):
    """The first 100 MiB of a file. Reading more is an error, however little space the archive needs."""

    def __init__(self, file: Any) -> None:
        self._file, self._left = file, MAX_BYTES

    def read(self, size: int = -1) -> bytes:
        content: bytes = self._file.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(content)
        if self._left < 0:
            raise ValueError("is too large")
        return content
