"""Find a hub in a stack, with the values that the program passes to its two Helm releases."""

from __future__ import annotations

from pathlib import Path

from hubs.errors import UnknownNameError
from hubs.page.site import Target
from hubs.preview.notices import remind
from hubs.preview.program import Program, run
from hubs.preview.releases import RELEASE_TYPE
from hubs.settings.hub import Hub
from hubs.values import binderhub, jupyterhub
from hubs.values.releases import CHARTS


def find(stack: str, key: str | None, root: Path) -> Target:
    """Run the program without an engine, and return the hub `COMMUNITY/HUB` of a stack.

    Without a key, returns the stack's only hub. Raises SettingsError for a mistake in the files, UnknownNameError for a
    hub that they don't have.
    """
    program = run(stack, root)
    settings = program.settings
    hubs = sorted({hub.key for hub in settings.hubs} | settings.left_out.keys())
    if key is None and len(hubs) != 1:
        raise UnknownNameError(
            f"{stack} has several hubs; name one of: {', '.join(hubs)}" if hubs else f"{stack} has no hub"
        )
    hub = settings.hub(key or hubs[0])
    remind(settings, hub.key)
    return target(hub, program)


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
