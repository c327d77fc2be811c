"""Objects that stay in the cluster when a hub leaves the config, and are taken over when it comes back."""

from __future__ import annotations

from typing import Any

import pulumi

from hubs.settings.hub import Hub


def kept_metadata(name: pulumi.Input[str], **more: Any) -> Any:
    """Metadata of such an object.

    Whoever takes it over has another field manager than who left it, and may say other things meanwhile: without the
    annotation that would be a conflict
    (https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/).
    """
    return {"name": name, "annotations": {"pulumi.com/patchForce": "true"}, **more}


def kept(hub: Hub, parent: pulumi.Resource, depends_on: list[pulumi.Resource]) -> pulumi.ResourceOptions:
    """Options of such an object: deleted with the hub only where the hub says `decommission`."""
    return pulumi.ResourceOptions(parent=parent, depends_on=depends_on, retain_on_delete=not hub.decommission)
