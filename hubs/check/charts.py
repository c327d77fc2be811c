"""Can the charts be had, and are they the ones that are pinned?"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from hubs.check.findings import CannotCheckError, Check, Result, failed, ok, warning
from hubs.clients.oci import NOT_FOUND, UNAUTHORIZED, RefusedError, Registry, RegistryError
from hubs.settings.charts import Chart
from hubs.settings.stack import Stack
from hubs.values.releases import releases

if TYPE_CHECKING:
    import httpx

AREA = "charts"
LARGEST = 20_000_000
"""Bytes of an archive or an index; charts are a hundred times smaller."""
LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OK = 200


class NoChartError(Exception):
    """The chart is not where it is said to be. One line."""


@dataclass(frozen=True)
class Archive:
    """A chart as it was found."""

    digest: str
    """`sha256:...` of the archive; empty for a chart's folder."""
    kube_version: str
    """The Kubernetes versions that the chart accepts; empty for all."""


class Charts:
    """The charts of a stack, each looked for once, whoever asks. Safe to use from several threads."""

    def __init__(self, root: Path, http: httpx.Client) -> None:
        self._root = root
        self._http = http
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._found: dict[str, Archive | NoChartError | CannotCheckError] = {}
        self._indexes: dict[str, Any] = {}

    def label(self, chart: Chart) -> str:
        """Name and version, of an archive its own."""
        return f"{chart.name} {chart.installed_version(self._root)}"

    def archive(self, chart: Chart) -> Archive:
        """Raises NoChartError where there is none, CannotCheckError where that can't be known."""
        key = f"{chart.archive or chart.repository} {chart.name} {chart.version}"
        with self._lock:
            lock = self._locks.setdefault(chart.archive or chart.repository or "", threading.Lock())
        with lock:
            if key not in self._found:
                try:
                    self._found[key] = self._find(chart)
                except (NoChartError, CannotCheckError) as error:
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
        """From a Helm repository (https://helm.sh/docs/topics/chart_repository/): index.yaml names the archive."""
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
            raise NoChartError(f"{repository} says of no address where {chart.name} {chart.version} would be")
        content = self._download(urljoin(f"{repository}/", str(urls[0])))
        return Archive(f"sha256:{hashlib.sha256(content).hexdigest()}", str(entry.get("kubeVersion") or ""))

    def _index(self, repository: str) -> Any:
        import yaml

        if repository not in self._indexes:
            text = self._download(f"{repository}/index.yaml")
            try:
                data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe one
            except yaml.YAMLError:
                data = None
            if not isinstance(data, dict):
                raise CannotCheckError(f"{repository}/index.yaml is not the index of a Helm repository")
            self._indexes[repository] = data
        return self._indexes[repository]

    def _oci(self, place: str, chart: Chart) -> Archive:
        """From a registry: the layer of the manifest is the archive, its config what Chart.yaml says."""
        host, _, path = place.partition("/")
        repository, registry = f"{path}/{chart.name}".lstrip("/"), Registry(host, self._http)
        tag = chart.version.replace("+", "_")  # as Helm does, since a tag can't have a plus
        try:
            manifest = registry.get(repository, f"manifests/{tag}", MANIFEST).json()
            digest = next(str(layer["digest"]) for layer in manifest["layers"] if layer["mediaType"] == LAYER)
            config = registry.get(repository, f"blobs/{manifest['config']['digest']}", "*/*").json()
        except RefusedError as error:
            if error.status in (NOT_FOUND, UNAUTHORIZED):
                raise NoChartError(
                    f"{host} has no {repository} {chart.version} that anyone may pull ({error})"
                ) from None
            raise CannotCheckError(f"{host} answers {error}") from None
        except RegistryError as error:
            raise CannotCheckError(str(error)) from None
        except (ValueError, LookupError, TypeError, StopIteration):
            raise NoChartError(f"{host}/{repository} {chart.version} is not a Helm chart") from None
        return Archive(digest, str(config.get("kubeVersion") or "") if isinstance(config, dict) else "")

    def _download(self, url: str) -> bytes:
        import httpx

        content = io.BytesIO()
        try:
            with self._http.stream("GET", url, follow_redirects=True) as answer:
                if answer.status_code == NOT_FOUND:
                    raise NoChartError(f"{url} is not there (404)")
                if answer.status_code != OK:
                    raise CannotCheckError(f"{url} answers {answer.status_code}")
                for part in answer.iter_bytes():
                    content.write(part)
                    if content.tell() > LARGEST:
                        raise CannotCheckError(f"{url} is larger than {LARGEST // 1_000_000} MB")
        except httpx.TimeoutException:
            raise CannotCheckError(f"{url}: no answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CannotCheckError(f"{url}: {error or type(error).__name__}") from None
        return content.getvalue()


def checks(stack: Stack, charts: Charts) -> list[Check]:
    """One check for each chart that any hub installs."""
    named: dict[Chart, list[str]] = {}
    for hub in stack.hubs:
        for release in releases(stack, hub):
            named.setdefault(release.chart, []).append(hub.key)
    return [Check(AREA, charts.label(chart), partial(_look, charts, chart)) for chart in named]


def _look(charts: Charts, chart: Chart) -> Iterator[Result]:
    where = chart.archive or chart.repository
    try:
        archive = charts.archive(chart)
    except NoChartError as error:
        yield failed(str(error), "correct name, version or place of the chart (imagebuilding:charts)")
        return
    except CannotCheckError as error:
        # The engine gets charts from this machine too, so this is where `pulumi up` would end.
        yield failed(f"can't be had: {error}", "check the network and any proxy, or name an `archive` of the chart")
        return
    if not chart.digest:
        yield ok(f"is at {where}")
        if not chart.archive:
            pin = f"pin it with `digest: {archive.digest}`"
            yield warning("is not pinned: its place may give something else another day", pin)
    elif not archive.digest:
        yield warning("is a folder, which has no digest", "remove `digest`, or name an archive")
    elif archive.digest == chart.digest:
        yield ok(f"is at {where}, as pinned")
    else:
        yield failed(
            f"{where} gives {archive.digest}, which is not what is pinned",
            "find out why it changed; if that is right, pin the new digest",
        )


def _local(path: Path, name: str) -> Archive:
    import yaml

    try:
        if path.is_dir():
            text, digest = (path / "Chart.yaml").read_bytes(), ""
        else:
            content = path.read_bytes()
            digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
            text = _chart_yaml(content)
        data = yaml.safe_load(text)
        kube_version = str(data.get("kubeVersion") or "")
    except (OSError, tarfile.TarError, EOFError, AttributeError, yaml.YAMLError, json.JSONDecodeError) as error:
        raise NoChartError(f"{name} is not a chart that can be read ({type(error).__name__})") from None
    return Archive(digest, kube_version)


def _chart_yaml(content: bytes) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as tar:
        for member in tar:
            if member.isfile() and member.name.count("/") == 1 and member.name.endswith("/Chart.yaml"):
                file = tar.extractfile(member)
                if file is not None:
                    return file.read(1_000_000)
    raise tarfile.TarError("no Chart.yaml")
