"""What stays when a hub leaves the config, and is taken over when the hub comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from hubs.settings.hub import Hub


def kept_metadata(name: pulumi.Input[str], **more: Any) -> Any:
    """Metadata of such an object in the cluster.

    The update that takes it over has another field manager than the one that left it, and may change fields: without
    the annotation that would be a conflict
    (https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/).
    """
    return {"name": name, "annotations": {"pulumi.com/patchForce": "true"}, **more}


def kept(hub: Hub, parent: pulumi.Resource, depends_on: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
    """Options of such a resource: deleted with the hub only if `decommission` is set."""
    return pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on), retain_on_delete=not hub.decommission)
