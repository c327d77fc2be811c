"""Options for objects that stay in the cluster when a hub is removed, and are adopted when it is added again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from hubs.settings.hub import Hub
from hubs.settings.moves import DELETED, KEPT
from hubs.values.namespace import marks


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


def namespace_metadata(name: str, slug: str, key: str | None, domain: str | None, when_removed: str) -> Any:
    """Return the metadata of a hub's namespace."""
    more = marks(slug, key, domain, when_removed)
    metadata = kept_metadata(name)
    return {**metadata, **more, "annotations": {**metadata["annotations"], **more["annotations"]}}


_IMAGES = "; they are {} when the hub is removed"


def images_description(repository: str, mark: str) -> str:
    """Return the description of a repository with a hub's images, marked with what becomes of them."""
    return f"Images built on the hub {repository}{_IMAGES.format(mark)}"


def images_mark(description: str | None) -> str | None:
    """Return the mark in such a description, or None if it has none."""
    return next((mark for mark in (KEPT, DELETED) if (description or "").endswith(_IMAGES.format(mark))), None)
