"""Find and pull charts, with a real Helm repository on the loopback interface."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hubs.preview.cache import Cache
from hubs.preview.charts import Archive, ChartError, find_charts
from hubs.preview.helm import Helm, find_helm
from hubs.preview.releases import ChartReference
from tests.repository import ROOT

CHART = ROOT / "tests" / "charts" / "jupyterhub"


@dataclass
class Served:
    """A Helm repository over HTTP that records requests."""

    folder: Path
    url: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture(autouse=True)
def no_folder_of_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for charts where each test puts them, whatever the environment has."""
    monkeypatch.delenv("CHARTS_DIR", raising=False)


@pytest.fixture
def chart_repository(helm: Path, tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "repository"
    folder.mkdir()
    subprocess.run([helm, "package", CHART, "-d", folder], check=True, capture_output=True)
    subprocess.run([helm, "repo", "index", folder], check=True, capture_output=True)
    served = Served(folder)

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: object, **named: object) -> None:
            super().__init__(*arguments, directory=str(folder), **named)  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            served.asked.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield served
    server.shutdown()
    server.server_close()


def find(reference: ChartReference, root: Path, helm: Helm, cache: Cache) -> Archive | ChartError:
    return find_charts([reference], root, helm, cache)[reference]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def found_helm(helm: Path, cache: Cache) -> Helm:
    return find_helm(cache)


def test_pulled_once_and_kept_by_digest(
    chart_repository: Served, found_helm: Helm, cache: Cache, tmp_path: Path
) -> None:
    reference = ChartReference("jupyterhub", "4.4.0", chart_repository.url)
    first = find(reference, tmp_path, found_helm, cache)
    asked = len(chart_repository.asked)
    assert isinstance(first, Archive)
    assert (first.name, first.version) == ("jupyterhub", "4.4.0")
    assert first.digest == hashlib.sha256((chart_repository.folder / "jupyterhub-4.4.0.tgz").read_bytes()).hexdigest()
    assert first.path.stem == first.digest
    assert asked > 0
    assert find(reference, tmp_path, found_helm, cache) == first
    assert len(chart_repository.asked) == asked


def test_damaged_archive_is_pulled_again(
    chart_repository: Served, found_helm: Helm, cache: Cache, tmp_path: Path
) -> None:
    reference = ChartReference("jupyterhub", "4.4.0", chart_repository.url)
    first = find(reference, tmp_path, found_helm, cache)
    assert isinstance(first, Archive)
    whole = first.path.read_bytes()
    first.path.write_bytes(whole[:-10])
    assert find(reference, tmp_path, found_helm, cache) == first
    assert first.path.read_bytes() == whole


def test_repositories_with_charts_of_one_name_are_told_apart(
    chart_repository: Served, found_helm: Helm, cache: Cache, tmp_path: Path
) -> None:
    assert isinstance(
        find(ChartReference("jupyterhub", "4.4.0", chart_repository.url), tmp_path, found_helm, cache), Archive
    )
    other = find(ChartReference("jupyterhub", "4.4.0", chart_repository.url + "/other"), tmp_path, found_helm, cache)
    assert isinstance(other, ChartError)


def test_unreachable_says_where_and_what_to_do(found_helm: Helm, cache: Cache, tmp_path: Path) -> None:
    error = find(ChartReference("jupyterhub", "4.4.0", "http://127.0.0.1:9"), tmp_path, found_helm, cache)
    assert isinstance(error, ChartError)
    for words in ("jupyterhub 4.4.0", "http://127.0.0.1:9", "jupyterhub-4.4.0.tgz", "CHARTS_DIR"):
        assert words in str(error)


def test_charts_dir_comes_before_the_network(
    chart_repository: Served, found_helm: Helm, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTS_DIR", str(chart_repository.folder))
    found = find(ChartReference("jupyterhub", "4.4.0", "http://127.0.0.1:9"), tmp_path, found_helm, cache)
    assert isinstance(found, Archive)
    assert found.path == chart_repository.folder / "jupyterhub-4.4.0.tgz"


def test_archive_of_the_tree_is_relative_to_it(found_helm: Helm, cache: Cache, tmp_path: Path) -> None:
    shutil.copytree(CHART, tmp_path / "charts" / "hub")
    reference = ChartReference("charts/hub")
    first = find(reference, tmp_path, found_helm, cache)
    assert isinstance(first, Archive)
    assert first.version == "4.4.0"
    (tmp_path / "charts" / "hub" / "values.yaml").write_text("{}")
    second = find(reference, tmp_path, found_helm, cache)
    assert isinstance(second, Archive)
    assert second.digest != first.digest


@pytest.mark.parametrize("path", ["./gone.tgz", "/nowhere/chart", "charts/gone.tgz"])
def test_missing_archive_is_named(path: str, found_helm: Helm, cache: Cache, tmp_path: Path) -> None:
    error = find(ChartReference(path), tmp_path, found_helm, cache)
    assert isinstance(error, ChartError)
    assert path in str(error)


def test_something_else_than_a_chart(found_helm: Helm, cache: Cache, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("TOP-SECRET-MARKER")
    error = find(ChartReference("./secret.txt"), tmp_path, found_helm, cache)
    assert isinstance(error, ChartError)
    assert "TOP-SECRET-MARKER" not in str(error)


def test_pinned_digest(chart_repository: Served, found_helm: Helm, cache: Cache, tmp_path: Path) -> None:
    right = hashlib.sha256((chart_repository.folder / "jupyterhub-4.4.0.tgz").read_bytes()).hexdigest()
    good = ChartReference("jupyterhub", "4.4.0", chart_repository.url, f"sha256:{right}")
    bad = ChartReference("jupyterhub", "4.4.0", chart_repository.url, f"sha256:{'0' * 64}")
    found = find_charts([good, bad], tmp_path, found_helm, cache)
    assert isinstance(found[good], Archive)
    assert isinstance(found[bad], ChartError)
    assert right in str(found[bad])


def test_version_that_could_be_any_is_refused(
    chart_repository: Served, found_helm: Helm, cache: Cache, tmp_path: Path
) -> None:
    error = find(ChartReference("jupyterhub", "", chart_repository.url), tmp_path, found_helm, cache)
    assert isinstance(error, ChartError)
    assert chart_repository.asked == []
