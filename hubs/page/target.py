"""Find a hub in a stack, with the values that the program passes to its two Helm releases."""

from __future__ import annotations

from pathlib import Path

from hubs.page.errors import LocalHubError
from hubs.page.site import Target
from hubs.preview.program import Program, run
from hubs.preview.releases import RELEASE_TYPE
from hubs.preview.values import load_with_placeholders
from hubs.settings.hub import Hub


def find(stack: str, key: str | None, root: Path) -> Target:
    """Run the program without an engine, and return the hub `COMMUNITY/HUB` of a stack, or the stack's only hub.

    Secrets are placeholders. Raises SettingsError for mistakes in the files, LocalHubError for an unknown hub.
    """
    hubs = {hub.key: hub for hub in load_with_placeholders(stack, root).hubs}
    if key is None and len(hubs) == 1:
        (key,) = hubs
    if key not in hubs:
        problem = "has several hubs" if key is None else f"has no hub {key}"
        raise LocalHubError(f"the stack {stack} {problem}; name one of: {', '.join(hubs)}")
    return target(hubs[key], run(stack, root))


def target(hub: Hub, program: Program) -> Target:
    """Return the hub with the values that the program registered for it."""
    releases = {resource.name: resource.inputs for resource in program.resources if resource.type == RELEASE_TYPE}
    binderhub = releases.get(f"{hub.slug}-binderhub")
    return Target(
        title=hub.key,
        domain=hub.domain,
        release=hub.slug,
        namespace=hub.namespace,
        jupyterhub=releases[hub.slug]["values"],
        binderhub=binderhub["values"] if binderhub else None,
    )
