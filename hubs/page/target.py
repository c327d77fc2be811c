"""Find a hub in a stack, with the values that the program passes to its two Helm releases."""

from __future__ import annotations

from pathlib import Path

from hubs.errors import UnknownNameError
from hubs.page.site import Target
from hubs.preview.program import Program, run
from hubs.preview.releases import RELEASE_TYPE
from hubs.preview.values import load_with_placeholders
from hubs.settings.hub import Hub
from hubs.values import binderhub, jupyterhub
from hubs.values.releases import CHARTS


def find(stack: str, key: str | None, root: Path) -> Target:
    """Run the program without an engine, and return the hub `COMMUNITY/HUB` of a stack.

    Without a key, returns the stack's only hub. Raises SettingsError for a mistake in the files, UnknownNameError for a
    hub that they don't have.
    """
    settings = load_with_placeholders(stack, root)
    hubs = [hub.key for hub in settings.hubs]
    if key is None and len(hubs) > 1:
        raise UnknownNameError(f"{stack} has several hubs; name one of: {', '.join(hubs)}")
    return target(settings.hub(key or hubs[0]), run(stack, root))


def target(hub: Hub, program: Program) -> Target:
    """Return the hub with the values that the program registered for it."""
    found = {resource.name: resource.inputs for resource in program.resources if resource.type == RELEASE_TYPE}
    values = {chart.key: found[name]["values"] for chart in CHARTS if (name := chart.name(hub)) in found}
    return Target(
        title=hub.key,
        domain=hub.domain,
        release=hub.slug,
        namespace=hub.namespace,
        jupyterhub=values[jupyterhub.CHART.key],
        binderhub=values.get(binderhub.CHART.key),
    )
