"""Render releases with Helm: side by side on all cores, and nothing twice."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from preview import manifests
from preview.cache import Cache, key_of
from preview.charts import Archive, ChartError, find_charts
from preview.helm import KUBE_VERSION, Helm, HelmError
from preview.releases import Release

_THIS_CODE = key_of(Path(manifests.__file__).read_bytes(), Path(__file__).read_bytes())


@dataclass(frozen=True)
class Rendered:
    """What became of one release: its manifests as normalised YAML, or the problem that kept it from being rendered."""

    release: Release
    text: str
    problem: str = ""


def render(
    releases: Sequence[Release],
    root: Path,
    helm: Helm,
    cache: Cache,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Rendered]:
    """Each release rendered, in the order given; one that fails does not keep the others from it.

    ``root``: what the paths of local chart archives are relative to. ``progress(done, total)`` is called after each.
    """
    charts = find_charts((release.chart for release in releases), root, helm, cache)
    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
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
        return Rendered(release, "", str(chart))
    key = _key(release, chart, helm)
    stored = cache.get(key)
    if stored is not None:
        return Rendered(release, stored.decode())
    try:
        documents = manifests.load(
            helm.template(chart.path, release.name, release.namespace, release.values, release.crds)
        )
    except HelmError as error:
        return Rendered(release, "", f"helm: {error}")
    except yaml.YAMLError as error:
        return Rendered(release, "", f"the chart rendered YAML that can't be read: {str(error).splitlines()[0]}")
    text = manifests.dump(manifests.normalise(documents, release.values))
    cache.put(key, text.encode())
    return Rendered(release, text)


def _key(release: Release, chart: Archive, helm: Helm) -> str:
    values = manifests.canonical(release.values)
    crds = "crds" if release.crds else ""
    return key_of(_THIS_CODE, helm.version, KUBE_VERSION, chart.digest, release.name, release.namespace, values, crds)
