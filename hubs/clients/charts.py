"""Find the charts of a stack where the settings say they are, and compare them with the pinned digests."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from hubs.clients.errors import ClientError
from hubs.clients.http import Http
from hubs.clients.oci import RefusedError, Registry
from hubs.settings.chart_file import read_chart_file
from hubs.settings.charts import Chart

LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
SECONDS = 30.0
"""For each of connecting, sending and receiving, when a chart is verified before a deployment."""


class NoChartError(Exception):
    """The chart is not where the settings say. One line."""


class UnavailableError(ClientError):
    """The chart could not be downloaded, for example without network."""


@dataclass(frozen=True)
class Archive:
    """A chart as it was found."""

    digest: str
    """`sha256:...` of the archive; empty for a chart's folder."""
    kube_version: str
    """The Kubernetes versions that the chart accepts; empty for all."""


class Charts:
    """The charts of a stack, each fetched once. Safe to use from several threads."""

    def __init__(self, root: Path, http: Http) -> None:
        self._root = root
        self._http = http
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._found: dict[str, Archive | NoChartError | ClientError] = {}
        self._indexes: dict[str, Any] = {}

    def label(self, chart: Chart) -> str:
        """Return the chart's name and installed version."""
        return f"{chart.name} {chart.installed_version(self._root)}"

    def archive(self, chart: Chart) -> Archive:
        """Return the chart's archive. Raises NoChartError if there is none, ClientError if that is not known."""
        key = f"{chart.archive or chart.repository} {chart.name} {chart.version}"
        with self._lock:
            lock = self._locks.setdefault(chart.archive or chart.repository or "", threading.Lock())
        with lock:
            if key not in self._found:
                try:
                    self._found[key] = self._find(chart)
                except (NoChartError, ClientError) as error:
                    self._found[key] = error
        found = self._found[key]
        if isinstance(found, Exception):
            raise found
        return found

    def _find(self, chart: Chart) -> Archive:
        if chart.archive:
            return _local(self._root / chart.archive, chart.archive)
        repository = (chart.repository or "").rstrip("/")
        if repository.startswith("oci://"):
            return self._oci(repository.removeprefix("oci://"), chart)
        return self._indexed(repository, chart)

    def _indexed(self, repository: str, chart: Chart) -> Archive:
        """Return the archive from a Helm repository, whose index.yaml names it
        (https://helm.sh/docs/topics/chart_repository/)."""
        index = self._index(repository)
        entries = (index.get("entries") or {}).get(chart.name)
        if not entries:
            raise NoChartError(f"{repository} has no chart {chart.name}")
        entry = next((e for e in entries if str(e.get("version")) == chart.version), None)
        if entry is None:
            newest = ", ".join(str(e.get("version")) for e in entries[:3])
            raise NoChartError(f"{repository} has no {chart.name} {chart.version}; it has {newest}, ...")
        urls = entry.get("urls") or []
        if not urls:
            raise NoChartError(f"{repository} lists no download URL for {chart.name} {chart.version}")
        content = self._download(urljoin(f"{repository}/", str(urls[0])))
        return Archive(f"sha256:{hashlib.sha256(content).hexdigest()}", str(entry.get("kubeVersion") or ""))

    def _index(self, repository: str) -> Any:
        import yaml

        from hubs import yaml_text

        if repository not in self._indexes:
            text = self._download(f"{repository}/index.yaml")
            try:
                data = (yaml_text.load(text.decode()) or [None])[0]
            except (UnicodeDecodeError, ValueError, yaml.YAMLError):
                data = None
            if not isinstance(data, dict):
                raise UnavailableError(f"{repository}/index.yaml is not the index of a Helm repository")
            self._indexes[repository] = data
        return self._indexes[repository]

    def _oci(self, place: str, chart: Chart) -> Archive:
        """Return the archive from a registry: a layer of the manifest. The config has the content of Chart.yaml."""
        host, _, path = place.partition("/")
        repository, registry = f"{path}/{chart.name}".lstrip("/"), Registry(host, self._http)
        tag = chart.version.replace("+", "_")  # as Helm does, since a tag can't have a plus
        try:
            manifest = registry.get(repository, f"manifests/{tag}", MANIFEST).json()
            digest = next(str(layer["digest"]) for layer in manifest["layers"] if layer["mediaType"] == LAYER)
            config = registry.get(repository, f"blobs/{manifest['config']['digest']}", "*/*").json()
        except RefusedError as error:
            if error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED):
                raise NoChartError(f"{host} has no public chart {repository} {chart.version} ({error})") from None
            raise UnavailableError(f"{host} answers {error}") from None
        except (ValueError, LookupError, TypeError, StopIteration):
            raise NoChartError(f"{host}/{repository} {chart.version} is not a Helm chart") from None
        return Archive(digest, str(config.get("kubeVersion") or "") if isinstance(config, dict) else "")

    def _download(self, url: str) -> bytes:
        try:
            answer = self._http.send("GET", url, follow_redirects=True)
        except ClientError as error:
            raise UnavailableError(f"{url}: {error}") from None
        if answer.status == HTTPStatus.NOT_FOUND:
            raise NoChartError(f"{url} does not exist (404)")
        if answer.status != HTTPStatus.OK:
            raise UnavailableError(f"{url} answers {answer.status}")
        return answer.content


def _local(path: Path, name: str) -> Archive:
    try:
        digest = "" if path.is_dir() else f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        return Archive(digest, read_chart_file(path).kube_version)
    except OSError as error:
        raise NoChartError(f"{name} can't be read ({error.strerror})") from None
    except ValueError as error:
        raise NoChartError(f"{name} {error}") from None


def unverified(charts: Iterable[Chart], root: Path) -> list[str]:
    """Download the charts that have a `digest`, and return one line for each that differs or could not be compared.

    `root`: the folder that `archive` is relative to.
    """
    pinned = list(dict.fromkeys(chart for chart in charts if chart.digest))
    if not pinned:
        return []
    import httpx

    def compare(chart: Chart) -> str:
        name = chart.name if chart.archive else f"{chart.name} {chart.version}"
        try:
            digest = found.archive(chart).digest
        except (NoChartError, ClientError) as error:
            return f"chart {name} can't be compared with its pinned digest: {error}"
        if digest == chart.digest:
            return ""
        has = f"has {digest}" if digest else "is a folder, which has no digest"
        return f"chart {name}: {chart.archive or chart.repository} {has}, but the charts setting pins {chart.digest}"

    with httpx.Client(timeout=SECONDS) as client, ThreadPoolExecutor(len(pinned)) as pool:
        found = Charts(root, Http(client))
        return [line for line in pool.map(compare, pinned) if line]
