"""Which JupyterHub a chart version is for, and which one a hub image contains.

Sources: `images/hub/requirements.txt` and `Chart.yaml` at the tags of https://github.com/jupyterhub/zero-to-jupyterhub-k8s
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hubs.settings.advisories import summary
from hubs.settings.image import parse
from hubs.settings.layers import value_at

JUPYTERHUB: Mapping[str, str] = {
    "3.3.7": "4.1.5",
    "3.3.8": "4.1.6",
    "4.0.0": "5.2.1",
    "4.1.0": "5.2.1",
    "4.2.0": "5.3.0",
    "4.3.0": "5.4.0",
    "4.3.1": "5.4.1",
    "4.3.2": "5.4.3",
    "4.3.3": "5.4.4",
    "4.3.4": "5.4.5",
    "4.3.5": "5.4.6",
    "4.4.0": "5.5.0",
}
"""Version of JupyterHub in the hub image of each version of the chart jupyterhub."""

_KNOWN: Mapping[str, str] = {
    # Its Dockerfile starts from the hub image of chart 4.3.3. It installs jupyterhub-usage-quotas 0.1.4, which accepts
    # JupyterHub 5.4 only (https://github.com/2i2c-org/infrastructure/tree/main/helm-charts/images/hub).
    "quay.io/2i2c/pilot-hub:0.0.1-0.dev.git.16609.hb23fbd448": "4.3.3",
}
"""Chart version for which a published image was built, where its name does not say it."""

_OWN_TAG = re.compile(r"(?P<chart>\d+\.\d+\.\d+)-jupyterhub(?P<jupyterhub>\d+\.\d+\.\d+)(?:-[\w.-]+)?")
_CHART_IMAGES = ("k8s-hub", "k8s-hub-slim")


@dataclass(frozen=True)
class HubImage:
    """A hub image, with what its name says about it. Empty: not known."""

    name: str
    chart: str = ""
    """Version of the chart for which it was built."""
    jupyterhub: str = ""
    """Version of JupyterHub in it."""


def own_tag(chart: str, jupyterhub: str, suffix: str) -> str:
    """Return the tag of an image that `images/hub` builds: it names both versions, so that plans know them."""
    return f"{chart}-jupyterhub{jupyterhub}-{suffix}"


def hub_image(name: str) -> HubImage:
    """Return what the name of a hub image says: those of the chart, of `images/hub`, and a few others are known."""
    if name in _KNOWN:
        chart = _KNOWN[name]
        return HubImage(name, chart, JUPYTERHUB[chart])
    try:
        image = parse(name)
    except ValueError:
        return HubImage(name)
    if own := _OWN_TAG.fullmatch(image.tag):
        return HubImage(name, own["chart"], own["jupyterhub"])
    if image.name.rpartition("/")[2] in _CHART_IMAGES:
        return HubImage(name, image.tag, JUPYTERHUB.get(image.tag, ""))
    return HubImage(name)


def image_of(values: Any) -> str:
    """Return the hub's image in values of the chart jupyterhub, or an empty text if they set none."""
    image = value_at(values, "hub", "image")
    if not isinstance(image, Mapping) or not image.get("name") or not image.get("tag"):
        return ""
    return f"{image['name']}:{image['tag']}"


def parted(chart: str, jupyterhub: str, image: HubImage) -> str:
    """Return how a chart version and a hub image that was built for another one differ, or an empty text.

    `jupyterhub`: the version that the chart is for; empty if not known, which the table may answer. They fit if
    both are for one version of JupyterHub. An image of unknown origin is not reported.
    """
    wanted, base = jupyterhub or JUPYTERHUB.get(chart, ""), JUPYTERHUB.get(image.chart, "")
    if not image.chart or image.chart == chart or (wanted and wanted == base):
        return ""
    contains = f" (JupyterHub {image.jupyterhub})" if image.jupyterhub else ""
    expects = f" (JupyterHub {wanted})" if wanted else ""
    return f"{image.name} was built for chart {image.chart}{contains}, and the hub's chart is {chart}{expects}"


def vulnerable(chart: str, jupyterhub: str, image: HubImage) -> str:
    """Return the known vulnerabilities of the JupyterHub that a hub runs, or an empty text.

    If the image does not say its version, it is probably the one that the chart is for. `jupyterhub`: see `parted`.
    """
    if image.chart:
        return summary(image.jupyterhub)
    found = summary(jupyterhub or JUPYTERHUB.get(chart, ""))
    return f"{found}; this is the version of chart {chart}, because the tag of {image.name} names none" if found else ""
