"""Any OCI registry for one hub. Creates nothing: the credentials exist already."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from hubs.settings.hub import Hub
from hubs.settings.registry import Oci
from hubs.settings.stack import Stack
from hubs.values.registry import RegistryAccess, registry_access


def access(
    _settings: Oci, stack: Stack, hub: Hub, _opts: pulumi.ResourceOptions, _after: Sequence[pulumi.Resource]
) -> RegistryAccess:
    """Return the hub's access to the registry, with the credentials from the stack's secrets."""
    return registry_access(stack, hub, hub.secrets.registry.password)
