"""From a stack's files to the hub that is shown: the values that the program would give its two Helm releases."""

from __future__ import annotations

from pathlib import Path

from localhub.errors import LocalHubError
from localhub.site import Target
from preview.program import Program, run
from preview.values import load_with_placeholders
from settings.hub import Hub

_RELEASE = "kubernetes:helm.sh/v3:Release"


def find(stack: str, key: str, root: Path) -> Target:
    """The hub `COMMUNITY/HUB` of a stack: the program itself, run without an engine, with placeholders for secrets.

    Raises SettingsError for a mistake in the files, LocalHubError for a hub that they don't have.
    """
    loaded = load_with_placeholders(stack, root)
    try:
        hub = loaded.hub(key)
    except KeyError:
        known = ", ".join(other.key for other in loaded.hubs)
        raise LocalHubError(f"the stack {stack} has no hub {key}; it has {known}") from None
    return target(hub, run(stack, root))


def target(hub: Hub, program: Program) -> Target:
    """The hub with the values that the program registered for it."""
    releases = {resource.name: resource.inputs for resource in program.resources if resource.type == _RELEASE}
    binderhub = releases.get(f"{hub.slug}-binderhub")
    return Target(
        title=hub.key,
        domain=hub.domain,
        release=hub.slug,
        namespace=hub.namespace,
        jupyterhub=releases[hub.slug]["values"],
        binderhub=binderhub["values"] if binderhub else None,
    )
