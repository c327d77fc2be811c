"""The registry of a stack, whatever its kind: for each hub one `RegistryAccess`."""

from __future__ import annotations

import pulumi

from components.registry.quay import QuayRobot
from hubs.settings.hub import Hub
from hubs.settings.registry import ArtifactRegistry, Quay
from hubs.settings.stack import Stack
from hubs.values.registry_access import RegistryAccess, registry_access


class Registries:
    """Makes a hub's place in the registry. What all hubs share is made once, before the first hub."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._apis: list[pulumi.Resource] = []
        if isinstance(stack.registry, ArtifactRegistry):
            from components.registry.artifact_registry import enable_apis  # the SDK for Google takes a while to import

            self._apis = enable_apis(self._project(stack.registry))

    def _project(self, settings: ArtifactRegistry) -> str:
        return settings.project or str(self._stack.project)

    def access(self, hub: Hub, opts: pulumi.ResourceOptions) -> RegistryAccess:
        """What `hub` needs to know, with the resources behind it made as children of `opts.parent`."""
        name = self._stack.prefix(hub)
        settings = self._stack.registry
        username, password = hub.secrets.registry.username, hub.secrets.registry.password
        if isinstance(settings, ArtifactRegistry):
            from components.registry.artifact_registry import ArtifactRegistry as Component

            repository = Component(
                name,
                settings,
                project=self._project(settings),
                cluster_project=self._stack.project or self._project(settings),
                namespace=hub.namespace,
                nodes_service_account=self._stack.cluster.nodes_service_account,
                apis=self._apis,
                let_go=hub.decommission,
                opts=opts,
            )
            password = repository.key
        elif isinstance(settings, Quay):
            robot = QuayRobot(self._stack, hub, settings, opts)
            username, password = robot.username, robot.password
        return registry_access(self._stack, hub, username, password)
