"""Warnings: a hub image that does not fit the chart, or a version of JupyterHub with known vulnerabilities."""

from __future__ import annotations

from pathlib import Path

from hubs.settings.errors import Problem
from hubs.settings.hub import HUB_IMAGE, Hub
from hubs.settings.hub_versions import hub_image, image_of, parted, vulnerable
from hubs.settings.image import chart_image
from hubs.settings.layers import find, mapping
from hubs.settings.stack import Stack

CHART = "jupyterhub"
"""Name of the chart that installs `hub_image`."""

HOW_TO = "see docs/how-to/hub-image.md"
_MAX_NAMES = 4


def image_in_use(hub: Hub) -> str:
    """Return the image that runs the hub: `hub_image`, over which the hub's own `values` are merged."""
    merged = {**chart_image(hub.hub_image), **mapping(hub.values, CHART, "hub", "image")}
    return image_of({"hub": {"image": merged}}) or hub.hub_image


def has_default_image(hub: Hub) -> bool:
    """Return whether the hub has the program's own image, whose versions of JupyterHub and KubeSpawner are known."""
    return image_in_use(hub) == HUB_IMAGE


def version_warnings(stack: Stack, root: Path) -> list[Problem]:
    """Return the warnings about the hub images of a stack, one for all hubs with the same chart and image.

    On a demonstration stack, where nobody's work is at risk, they are one short line if the image lacks security fixes.
    `root`: the folder that charts' `archive` is relative to.
    """
    alike: dict[tuple[str, str, str], list[Hub]] = {}
    for hub in stack.hubs:
        chart = hub.charts.get(CHART)
        if chart is not None:
            image = image_in_use(hub)
            key = (chart.installed_version(root), chart.app_version(root), image)
            alike.setdefault(key, []).append(hub)
    found = []
    for (version, jupyterhub, name), hubs in alike.items():
        parts = hub_image(name)
        keys, left = [hub.key for hub in hubs], len(hubs) - _MAX_NAMES
        more = f" and {left} more hub{'s' if left > 1 else ''}" if left > 0 else ""
        where = f"{', '.join(keys[:_MAX_NAMES])}{more}: hub_image"
        path = ("hub_image",) if stack.source(hubs[0], ("hub_image",)) else ("charts", CHART, "version")
        source = find(stack.trees[hubs[0].key], path)
        vulnerabilities = vulnerable(version, jupyterhub, parts)
        messages = [text for text in (parted(version, jupyterhub, parts), vulnerabilities) if text]
        if vulnerabilities and stack.cluster.demonstration:
            messages = [
                "lacks security fixes, which is fine for a demonstration; a hub that people use needs a newer image"
            ]
        found += [Problem(source, where, f"{message}; {HOW_TO}", tuple(keys)) for message in messages]
    return found
