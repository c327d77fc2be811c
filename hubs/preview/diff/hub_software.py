"""Describe what a change of the jupyterhub chart or of the hub image means for the version of JupyterHub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hubs.preview.diff.words import shown
from hubs.preview.releases import Release
from hubs.printable import printable
from hubs.settings.chart_file import read_chart_file
from hubs.settings.hub_versions import hub_image, image_of, parted, vulnerable

DIFFERENT = "chart and hub image may not fit together"


@dataclass(frozen=True)
class HubSoftware:
    """The chart and the hub image of a release. `jupyterhub`: the version that an archive's Chart.yaml names."""

    chart: str
    jupyterhub: str
    image: str


def hub_software(release: Release, root: Path) -> HubSoftware | None:
    """Return what a release of the jupyterhub chart installs, or None for any other release.

    `root`: the folder that local charts are relative to.
    """
    image = image_of(release.values)
    if not image:
        return None
    path = root / release.chart.chart
    if not path.exists():
        return HubSoftware(release.chart.version, "", image)
    try:
        file = read_chart_file(path)
    except ValueError:
        return HubSoftware("", "", image)
    return HubSoftware(file.version, file.app_version, image)


def software_problems(old: HubSoftware | None, new: HubSoftware) -> Iterator[tuple[str, str]]:
    """Yield that chart and hub image are no longer for the same version, and the known vulnerabilities that the new one
    has and the old one had not: each as a few words and as a sentence.

    Nothing if neither changes, or for a new hub, for which `old` is None.
    """
    if old is None or old == new:
        return
    image = hub_image(new.image)
    moved = old.chart != new.chart
    difference = parted(new.chart, new.jupyterhub, image)
    if difference:
        yield DIFFERENT, f"chart and hub image are not for the same version: {shown(difference)}"
    elif moved and not image.chart and old.image == new.image:
        yield (
            DIFFERENT,
            f"the chart jupyterhub changes, {shown(old.chart)} → {shown(new.chart)}, but the hub image stays:"
            f" check that {shown(new.image)} is for this version",
        )
    # Another image of unknown version tells nothing about vulnerabilities.
    vulnerabilities = vulnerable(new.chart, new.jupyterhub, image) if moved or image.chart else ""
    if vulnerabilities and vulnerabilities != vulnerable(old.chart, old.jupyterhub, hub_image(old.image)):
        yield "JupyterHub has known vulnerabilities", printable(vulnerabilities)
