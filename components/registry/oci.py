"""Any OCI registry for one hub: nothing is made, the credentials are given."""

from __future__ import annotations

import pulumi

from hubs.settings.hub import Hub
from hubs.settings.registry import Oci
from hubs.settings.stack import Stack
from hubs.values.registry import RegistryAccess, registry_access


def access(_settings: Oci, stack: Stack, hub: Hub, _opts: pulumi.ResourceOptions) -> RegistryAccess:
    """The registry with the credentials among the stack's secrets."""
    return registry_access(stack, hub, hub.secrets.registry.password)
