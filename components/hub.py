"""A hub that builds images: namespace, home directories, registry, and two Helm releases with connected values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.binderhub import BinderHub
from components.home import HomeDirectories
from components.jupyterhub import HubTokens, JupyterHub
from components.kept import kept, kept_metadata
from components.registry.registries import Registries
from hubs.settings.hub import Hub
from hubs.settings.moves import summary
from hubs.settings.stack import Stack
from hubs.values.hub import hub_values


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
        registries: Registries,
        *,
        provider: kubernetes.Provider,
        after: list[pulumi.Resource],
    ) -> None:
        """`provider` is the cluster's provider; `after` are hubs that must be updated before this one."""
        super().__init__(
            "imagebuilding:hub:ImagebuildingHub", hub.slug, None, pulumi.ResourceOptions(providers=[provider])
        )
        child = pulumi.ResourceOptions(parent=self)
        namespace = kubernetes.core.v1.Namespace(
            hub.slug,
            metadata=kept_metadata(
                hub.namespace, labels={"app.kubernetes.io/managed-by": "pulumi", "imagebuilding/hub": hub.slug}
            ),
            opts=kept(hub, self, after),
        )
        name = namespace.metadata["name"]
        before: list[pulumi.Resource] = [namespace, *after]
        access = registries.access(hub, child)
        tokens = HubTokens(hub.slug, child)
        if hub.home.shared:
            before.append(HomeDirectories(stack, hub, namespace=name, opts=child, depends_on=before.copy()))
        if hub.service_account is not None:
            account = kubernetes.core.v1.ServiceAccount(
                hub.slug,
                metadata={
                    "name": hub.service_account.name,
                    "namespace": name,
                    "annotations": hub.service_account.annotations,
                },
                opts=child,
            )
            before.append(account)
        values = hub_values(stack, hub, access, tokens.tokens)
        for warning in values.replaced:
            pulumi.log.warn(warning, self)
        shared: dict[str, Any] = {"namespace": name, "timeout": stack.cluster.timeout, "opts": child}
        jupyterhub = JupyterHub(hub, values.jupyterhub, **shared, depends_on=before)
        BinderHub(hub, values.binderhub, **shared, depends_on=[*before, jupyterhub.release])
        root = Path(pulumi.get_root_directory())
        self.outputs = {
            "url": hub.url,
            **summary(hub),
            # Known only after the deployment, so that a move that fails is not recorded as done.
            "home": jupyterhub.release.id.apply(lambda _: hub.home.place),
            "image_prefix": access.image_prefix,
            "registry": access.url,
            "oauth_callback_url": hub.oauth_callback_url,
            "charts": {
                "jupyterhub": hub.charts.jupyterhub.installed_version(root),
                "binderhub-service": hub.charts.binderhub_service.installed_version(root),
            },
        }
        self.register_outputs(self.outputs)
