"""Render releases with Helm, in parallel and with a cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from hubs import yaml_text
from hubs.preview import manifests
from hubs.preview.cache import Cache, canonical, key_of
from hubs.preview.charts import Archive, ChartError, find_charts
from hubs.preview.helm import Helm, HelmError, HelmRefusedError
from hubs.preview.releases import Release

_THIS_CODE = key_of(*(Path(file).read_bytes() for file in (manifests.__file__, yaml_text.__file__, __file__)))


@dataclass(frozen=True)
class Rendered:
    """The result for one release: its manifests as normalised YAML, or the problem that prevented rendering.

    `chart` and `version` come from the chart's metadata, or from the release if the chart is not available. Then
    `app_version` is empty. `refused`: Helm refuses to render it, so that an update fails.
    """

    release: Release
    text: str
    problem: str
    chart: str
    version: str
    app_version: str = ""
    refused: bool = False


def render(
    releases: Sequence[Release],
    root: Path,
    helm: Helm,
    cache: Cache,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Rendered]:
    """Render each release and return the results in the same order. A failure does not affect other releases.

    `root`: the folder that paths of local chart archives are relative to. `progress(done, total)` is called after each.
    """
    charts = find_charts((release.chart for release in releases), root, helm, cache)
    # Twice as many workers as cores: while one waits for its helm process to start or to end, another can run.
    pool = ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1))
    try:
        futures = [pool.submit(_one, release, charts[release.chart], helm, cache) for release in releases]
        rendered = []
        for done, future in enumerate(futures, 1):
            rendered.append(future.result())
            progress(done, len(futures))
        return rendered
    finally:
        pool.shutdown(cancel_futures=True)  # on Ctrl-C, releases that have not started are skipped


def _one(release: Release, chart: Archive | ChartError, helm: Helm, cache: Cache) -> Rendered:
    if isinstance(chart, ChartError):
        return not_rendered(release, str(chart))
    key = _key(release, chart, helm)
    stored = cache.get(key)
    if stored is not None:
        return Rendered(release, stored.decode(), "", chart.name, chart.version, chart.app_version)
    text, problem, refused = "", "", False
    try:
        documents = yaml_text.load(helm.template(chart.path, release))
        text = yaml_text.dump_all(manifests.normalise(documents, release.values))
        cache.put(key, text.encode())
    except HelmError as error:
        problem, refused = f"helm: {error}", isinstance(error, HelmRefusedError)
    except yaml.YAMLError as error:
        problem = f"the chart rendered invalid YAML: {str(error).splitlines()[0]}"
    except (AttributeError, TypeError, ValueError, RecursionError):
        problem = "the chart rendered something that is not an object of Kubernetes"
    return Rendered(release, text, problem, chart.name, chart.version, chart.app_version, refused)


def not_rendered(release: Release, problem: str) -> Rendered:
    """Return the result for a release whose chart is missing, or for which helm is missing."""
    return Rendered(release, "", problem, release.chart.chart.rpartition("/")[2], release.chart.version)


def _key(release: Release, chart: Archive, helm: Helm) -> str:
    values = canonical(release.values)
    crds = "crds" if release.crds else ""
    names = (release.name, release.namespace, release.kubernetes)
    return key_of(_THIS_CODE, helm.version, chart.digest, *names, values, crds)
