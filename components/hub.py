"""A hub that builds images: namespace, home directories, registry, and two Helm releases with connected values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.deployed import HUB
from components.home import HomeDirectories
from components.kept import kept, kept_metadata, namespace_metadata
from components.registry.kinds import HubAccess
from components.release import ChartRelease
from components.tokens import HubTokens
from hubs.settings.hub import Hub
from hubs.settings.moves import summary, when_removed
from hubs.settings.stack import Stack
from hubs.values import home_nfs, jupyterhub
from hubs.values.network_policies import build_policies
from hubs.values.release import Release
from hubs.values.releases import releases


class ImagebuildingHub(pulumi.ComponentResource):
    """All resources of one hub.

    Its namespace, with the files in it, is kept when the hub is removed from the config, unless `decommission` was set
    before. Does not create DNS records or the ingress controller, which belong to the cluster.
    """

    outputs: dict[str, Any]
    """Facts about the hub for people, which become part of the stack's outputs."""

    def __init__(
        self,
        stack: Stack,
        hub: Hub,
        registry: HubAccess,
        *,
        provider: kubernetes.Provider,
        after: list[pulumi.Resource],
    ) -> None:
        """`provider` is the cluster's provider; `after` are hubs that must be updated before this one."""
        super().__init__(HUB, hub.slug, None, pulumi.ResourceOptions(providers=[provider]))
        child = pulumi.ResourceOptions(parent=self)
        namespace = kubernetes.core.v1.Namespace(
            hub.slug,
            metadata=namespace_metadata(hub.namespace, hub.slug, hub.key, hub.domain, when_removed(hub)),
            opts=kept(hub, self, after),
        )
        name = namespace.metadata["name"]
        before: list[pulumi.Resource] = [namespace, *after]
        for policy, spec in build_policies(stack).items():
            before.append(
                # The same resource type as `kubernetes.networking.v1.NetworkPolicy`, whose import takes 30 ms.
                kubernetes.apiextensions.CustomResource(
                    f"{hub.slug}-{policy}",
                    api_version="networking.k8s.io/v1",
                    kind="NetworkPolicy",
                    metadata=kept_metadata(policy, namespace=name),
                    spec=spec,
                    # Kept with the namespace, because running builds outlast the release that started them.
                    opts=kept(hub, self, [namespace]),
                )
            )
        access = registry(hub, child, after)
        tokens = HubTokens(hub.slug, child)
        values: dict[str, tuple[Release, dict[str, Any]]] = {}
        own_releases = releases(stack, hub)
        for release in own_releases:
            merged = release.values(access, tokens.tokens)
            values[release.key] = release, merged.data
            for warning in merged.replaced:
                pulumi.log.warn(warning, self)
        if hub.home.shared:
            server = values.pop(home_nfs.CHART.key, None)
            before.append(HomeDirectories(hub, server, namespace=name, opts=child, depends_on=before.copy()))
        if hub.service_account is not None:
            account = kubernetes.core.v1.ServiceAccount(
                hub.slug,
                metadata={
                    "name": hub.service_account.name,
                    "namespace": name,
                    "annotations": hub.service_account.annotations,
                },
                automount_service_account_token=hub.service_account.automount_service_account_token,
                opts=child,
            )
            before.append(account)
        installed: dict[str, ChartRelease] = {}
        for key, (release, data) in values.items():
            first = [installed[other].release for other in release.after]
            installed[key] = ChartRelease(release, data, namespace=name, opts=child, depends_on=[*before, *first])
        root = Path(pulumi.get_root_directory())
        self.outputs = {
            "url": hub.url,
            **summary(hub),
            # Known only after the deployment, so that a move that fails is not recorded as done.
            "home": installed[jupyterhub.CHART.key].release.id.apply(lambda _: hub.home.place),
            "image_prefix": access.image_prefix,
            "registry": access.url,
            "oauth_callback_url": hub.oauth_callback_url,
            "charts": {release.key: release.chart.installed_version(root) for release in own_releases},
        }
        self.register_outputs(self.outputs)
