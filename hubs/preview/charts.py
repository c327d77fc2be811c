"""Find a chart's archive: in the repository, in CHARTS_DIR, in the cache, or in the chart's source."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from hubs.preview.cache import Cache, key_of
from hubs.preview.helm import Helm, HelmError
from hubs.preview.releases import ChartReference
from hubs.settings.chart_file import MISSING, chart_path, read_chart_file


class ChartError(Exception):
    """A chart is not available. The message says where it was looked for and what to do."""


@dataclass(frozen=True)
class Archive:
    """A chart on this machine, with what its Chart.yaml says; `digest`: SHA-256 of its content."""

    path: Path
    digest: str
    name: str
    version: str
    app_version: str = ""


def find_charts(
    references: Iterable[ChartReference], root: Path, helm: Helm, cache: Cache
) -> dict[ChartReference, Archive | ChartError]:
    """Return the archive of each chart, or why there is none. Paths of local archives are relative to `root`."""

    def find(reference: ChartReference) -> Archive | ChartError:
        try:
            return _archive(_find(reference, root, helm, cache), reference.digest)
        except ChartError as error:
            return error

    once = list(dict.fromkeys(references))
    with ThreadPoolExecutor() as pool:
        return dict(zip(once, pool.map(find, once), strict=True))


def local_digest(reference: ChartReference, root: Path) -> str | None:
    """Return the digest of a chart that is in the repository itself, or None for any other chart."""
    try:
        return _digest(chart_path(root, reference.chart))
    except ValueError:
        return None


def _find(reference: ChartReference, root: Path, helm: Helm, cache: Cache) -> Path:
    """Find a chart. Looks in CHARTS_DIR before the cache and the network, and for a local archive nowhere else."""
    try:
        return chart_path(root, reference.chart)
    except ValueError as error:
        if _is_path(reference.chart) or (str(error) != MISSING and "://" not in reference.chart):
            raise ChartError(f"the chart archive {reference.chart} {error}") from None
    name = reference.chart.rpartition("/")[2]
    file_name = f"{name}-{reference.version}.tgz"
    folder = os.environ.get("CHARTS_DIR")
    if folder and (path := Path(folder) / file_name).is_file():
        return path
    return _cached(reference, file_name, cache) or _pull(reference, file_name, helm, cache)


def _is_path(chart: str) -> bool:
    """Return whether it can only be a path. Any other name is looked for in a repository, if no such file exists."""
    return chart.startswith((".", "/")) or (chart.endswith(".tgz") and "://" not in chart)


def _archive(path: Path, pinned: str | None) -> Archive:
    digest = _digest(path)
    if pinned is not None and pinned != f"sha256:{digest}":
        raise ChartError(f"{path.name} has the digest sha256:{digest}, but the charts setting pins {pinned}")
    try:
        chart = read_chart_file(path)
    except ValueError as error:
        raise ChartError(f"{path.name} {error}") from None
    return Archive(path, digest, chart.name, chart.version, chart.app_version)


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, as in repository indexes, or a digest of all names and files of a folder."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    parts: list[bytes | str] = []
    for file in sorted(path.rglob("*")):
        if file.is_file():
            parts += [str(file.relative_to(path)), file.read_bytes()]
    return key_of(*parts)


def _folder(reference: ChartReference, file_name: str, cache: Cache) -> Path | None:
    """Return the folder that caches a pulled archive. Two repositories may have different charts of the same name."""
    if cache.folder is None:
        return None
    source = key_of(reference.chart, reference.version, reference.repository or "")
    return cache.folder / "charts" / f"{file_name.removesuffix('.tgz')}-{source[:12]}"


def _cached(reference: ChartReference, file_name: str, cache: Cache) -> Path | None:
    """Return an archive that was pulled before. Its file name is its digest, so that incomplete files are ignored."""
    folder = _folder(reference, file_name, cache)
    if folder is None:
        return None
    for path in sorted(folder.glob("*.tgz")):
        if hashlib.sha256(path.read_bytes()).hexdigest() == path.stem:
            return path
    return None


def _pull(reference: ChartReference, file_name: str, helm: Helm, cache: Cache) -> Path:
    if not reference.version:
        raise ChartError(f"chart {reference.chart} has no version: the rendered objects could change at any time")
    folder = _folder(reference, file_name, cache) or cache.scratch()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        try:
            pulled = helm.pull(reference.chart, reference.version, reference.repository, Path(temporary))
        except HelmError as error:
            where = reference.repository or reference.chart
            raise ChartError(
                f"chart {reference} can't be pulled from {where} ({error}): "
                f"put {file_name} into a folder and name it in CHARTS_DIR, or give an archive in the charts setting"
            ) from None
        path = folder / f"{hashlib.sha256(pulled.read_bytes()).hexdigest()}.tgz"
        pulled.replace(path)
    return path
