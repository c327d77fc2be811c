"""Options for objects that stay in the cluster when a hub is removed, and are adopted when it is added again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from hubs.settings.hub import Hub


def kept_metadata(name: pulumi.Input[str], **more: Any) -> Any:
    """Return the metadata of such an object.

    An update that adopts it has another field manager than the update that created it, and may set other values. The
    annotation avoids the conflict
    (https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/).
    """
    return {"name": name, "annotations": {"pulumi.com/patchForce": "true"}, **more}


def kept(hub: Hub, parent: pulumi.Resource, depends_on: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
    """Return the options of such a resource: it is deleted with the hub only if the hub has `decommission`."""
    return pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on), retain_on_delete=not hub.decommission)
