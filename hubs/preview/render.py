"""Render releases with Helm: side by side on all cores, and nothing twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from hubs.preview import manifests
from hubs.preview.cache import Cache, key_of
from hubs.preview.charts import Archive, ChartError, find_charts
from hubs.preview.helm import Helm, HelmError
from hubs.preview.releases import Release

_THIS_CODE = key_of(Path(manifests.__file__).read_bytes(), Path(__file__).read_bytes())


@dataclass(frozen=True)
class Rendered:
    """What became of one release: its manifests as normalised YAML, or the problem that kept it from being rendered.

    `chart` and `version` are what the chart calls itself; without the chart, what the release calls it.
    """

    release: Release
    text: str
    problem: str
    chart: str
    version: str


def render(
    releases: Sequence[Release],
    root: Path,
    helm: Helm,
    cache: Cache,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Rendered]:
    """Each release rendered, in the order given; one that fails does not keep the others from it.

    `root`: what the paths of local chart archives are relative to. `progress(done, total)` is called after each.
    """
    charts = find_charts((release.chart for release in releases), root, helm, cache)
    # Twice as many as cores: while one waits for its helm to start or to end, another has work.
    pool = ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1))
    try:
        futures = [pool.submit(_one, release, charts[release.chart], helm, cache) for release in releases]
        rendered = []
        for done, future in enumerate(futures, 1):
            rendered.append(future.result())
            progress(done, len(futures))
        return rendered
    finally:
        pool.shutdown(cancel_futures=True)  # on Ctrl-C: what waits is dropped


def _one(release: Release, chart: Archive | ChartError, helm: Helm, cache: Cache) -> Rendered:
    if isinstance(chart, ChartError):
        return not_rendered(release, str(chart))
    key = _key(release, chart, helm)
    stored = cache.get(key)
    if stored is not None:
        return Rendered(release, stored.decode(), "", chart.name, chart.version)
    text, problem = "", ""
    try:
        documents = manifests.load(helm.template(chart.path, release))
        text = manifests.dump(manifests.normalise(documents, release.values))
        cache.put(key, text.encode())
    except HelmError as error:
        problem = f"helm: {error}"
    except yaml.YAMLError as error:
        problem = f"the chart rendered YAML that can't be read: {str(error).splitlines()[0]}"
    return Rendered(release, text, problem, chart.name, chart.version)


def not_rendered(release: Release, problem: str) -> Rendered:
    """What there is to say of a release whose chart, or helm itself, is missing."""
    return Rendered(release, "", problem, release.chart.chart.rpartition("/")[2], release.chart.version)


def _key(release: Release, chart: Archive, helm: Helm) -> str:
    values = manifests.canonical(release.values)
    crds = "crds" if release.crds else ""
    names = (release.name, release.namespace, release.kubernetes)
    return key_of(_THIS_CODE, helm.version, chart.digest, *names, values, crds)
