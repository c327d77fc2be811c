"""From a stack's files to the hub that is shown: the values that the program would give its two Helm releases."""

from __future__ import annotations

from pathlib import Path

from localhub.errors import LocalHubError
from localhub.site import Target

RELEASE = "kubernetes:helm.sh/v3:Release"


def find(stack: str, hub: str, root: Path) -> Target:
    """The hub `COMMUNITY/HUB` of a stack, from the program itself, run without an engine.

    Secrets are placeholders. Raises SettingsError for a mistake in the files, LocalHubError for a hub they don't have.
    """
    from preview.program import run
    from settings.loader import load

    loaded = load(stack, root)
    try:
        wanted = loaded.hub(hub)
    except KeyError:
        known = ", ".join(other.key for other in loaded.hubs) or "none"
        raise LocalHubError(f"stack {stack} has no hub {hub}: it has {known}") from None
    releases = {
        resource.inputs["chart"]: resource.inputs["values"]
        for resource in run(stack, root)
        if resource.type == RELEASE and resource.inputs.get("namespace") == wanted.namespace
    }
    return releases  # type: ignore[return-value]
