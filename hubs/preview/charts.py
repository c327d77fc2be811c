"""Find a chart's archive: named in the settings, in CHARTS_DIR, in the cache, or pulled once."""

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
from hubs.settings.chart_file import read_chart_file


class ChartError(Exception):
    """A chart that is not available. The message says where it was looked for and what to do."""


@dataclass(frozen=True)
class Archive:
    """A chart on this machine, with the name and version in its Chart.yaml; `digest`: SHA-256 of its content."""

    path: Path
    digest: str
    name: str
    version: str


def find_charts(
    references: Iterable[ChartReference], root: Path, helm: Helm, cache: Cache
) -> dict[ChartReference, Archive | ChartError]:
    """Each chart once: its archive, or why there is none. `root` is what a local archive's path is relative to."""

    def find(reference: ChartReference) -> Archive | ChartError:
        try:
            return _archive(_find(reference, root, helm, cache), reference.digest)
        except ChartError as error:
            return error

    once = list(dict.fromkeys(references))
    with ThreadPoolExecutor() as pool:
        return dict(zip(once, pool.map(find, once), strict=True))


def local_digest(reference: ChartReference, root: Path) -> str | None:
    """The digest of a chart that is in the repository itself; None for any other."""
    path = root / reference.chart
    return _digest(path) if path.exists() else None


def _find(reference: ChartReference, root: Path, helm: Helm, cache: Cache) -> Path:
    """CHARTS_DIR comes before the network and the cache; a local archive is never looked for elsewhere."""
    path = root / reference.chart
    if path.exists():
        return path
    if _is_path(reference.chart):
        raise ChartError(f"there is no chart archive {reference.chart}")
    name = reference.chart.rpartition("/")[2]
    file_name = f"{name}-{reference.version}.tgz"
    folder = os.environ.get("CHARTS_DIR")
    if folder and (path := Path(folder) / file_name).is_file():
        return path
    return _cached(reference, file_name, cache) or _pull(reference, file_name, helm, cache)


def _is_path(chart: str) -> bool:
    """Whether it can only be a path. Any other name is looked for in a repository, if no such file exists."""
    return chart.startswith((".", "/")) or (chart.endswith(".tgz") and "://" not in chart)


def _archive(path: Path, pinned: str | None) -> Archive:
    digest = _digest(path)
    if pinned is not None and pinned != f"sha256:{digest}":
        raise ChartError(f"{path.name} has the digest sha256:{digest}, but the charts setting pins {pinned}")
    try:
        chart = read_chart_file(path)
    except ValueError as error:
        raise ChartError(f"{path.name} {error}") from None
    return Archive(path, digest, chart.name, chart.version)


def _digest(path: Path) -> str:
    """Of a file: the SHA-256 of its bytes, as repositories' indexes have it. Of a folder: of all names and bytes."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    parts: list[bytes | str] = []
    for file in sorted(path.rglob("*")):
        if file.is_file():
            parts += [str(file.relative_to(path)), file.read_bytes()]
    return key_of(*parts)


def _folder(reference: ChartReference, file_name: str, cache: Cache) -> Path | None:
    """Where a pulled archive is kept. The repository counts: two of them may have different charts of one name."""
    if cache.folder is None:
        return None
    source = key_of(reference.chart, reference.version, reference.repository or "")
    return cache.folder / "charts" / f"{file_name.removesuffix('.tgz')}-{source[:12]}"


def _cached(reference: ChartReference, file_name: str, cache: Cache) -> Path | None:
    """What was pulled before: the archive's file is named by its digest, and is complete only if that matches."""
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
    folder = _folder(reference, file_name, cache)
    if folder is None:  # --no-cache still pulls once a run, into a folder that the system clears
        folder = Path(tempfile.gettempdir()) / f"imagebuilding-charts-{os.getpid()}"
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
