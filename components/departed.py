"""Hubs that were removed from the config: keep what holds data, whatever an update that failed left in the state."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
import pulumi_kubernetes as kubernetes

from components.deployed import DECOMMISSIONS, HUB, NAMESPACES
from components.kept import namespace_metadata
from hubs.settings.moves import KEPT, Deployed, DeployedHub, departed
from hubs.settings.stack import Stack


class Decommissions(pulumi.ComponentResource):
    """Records at the beginning of an update which hubs have `decommission`, so that the next one knows it even if this
    one fails."""

    def __init__(self, stack: Stack, deployed: Deployed) -> None:
        super().__init__(DECOMMISSIONS, stack.name, None)
        now = {hub.namespace for hub in stack.hubs if hub.decommission}
        # If this update fails before it deletes them, the next one deletes them.
        leaving = {hub.namespace for slug, hub in departed(stack, deployed) if deployed.deletable(slug)}
        self.register_outputs({NAMESPACES: sorted(filter(None, now | leaving))})


def keep_what_departed(stack: Stack, deployed: Deployed, provider: kubernetes.Provider) -> None:
    """Keep the namespaces and images of removed hubs that the state would let the engine delete.

    If a resource is no longer registered, its state decides whether the engine deletes or keeps it. An update that
    failed may have changed this state. Such a resource is registered once more, marked as kept, and leaves the state
    with the next update.
    """
    if deployed.announced or any(hub.decommission for hub in stack.hubs):
        Decommissions(stack, deployed)
    for slug, hub in departed(stack, deployed):
        if hub.marks - {KEPT} and not deployed.deletable(slug):
            DepartedHub(slug, hub, deployed.clusters, provider)


class DepartedHub(pulumi.ComponentResource):
    """The namespace and the images of a removed hub. Everything else of it is deleted."""

    def __init__(self, slug: str, hub: DeployedHub, clusters: Iterable[str], provider: kubernetes.Provider) -> None:
        super().__init__(HUB, slug, None, pulumi.ResourceOptions(providers=[provider]))
        child = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        if hub.namespace is not None:
            kubernetes.core.v1.Namespace(
                slug, metadata=namespace_metadata(hub.namespace, slug, hub.key, hub.domain, KEPT), opts=child
            )
        if hub.repository is not None:
            from components.registry.artifact_registry import keep

            keep(hub.repository, child)
        self.register_outputs({})
