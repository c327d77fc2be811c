"""The table of registry kinds: how to create a hub's access to each.

Each kind's file is imported only when it is used, because the SDKs of some kinds take a while to import.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import assert_never

import pulumi

from hubs.settings.hub import Hub
from hubs.settings.moves import Deployed
from hubs.settings.registry import ArtifactRegistry, Oci, Quay
from hubs.settings.stack import Stack
from hubs.values.registry import RegistryAccess

HubAccess = Callable[[Hub, pulumi.ResourceOptions, Sequence[pulumi.Resource]], RegistryAccess]
"""Creates the resources for a hub's access to the registry, as children of the options' parent. What stops a password
from working that a hub uses waits for the given resources: the hubs that are updated before it."""


def hub_access(stack: Stack, deployed: Deployed) -> HubAccess:
    """Return `access` of the stack's kind of registry. Resources that all hubs share are created here, once."""
    settings = stack.registry
    match settings:
        case ArtifactRegistry():
            from components.registry import artifact_registry

            apis = artifact_registry.enable_apis(settings, stack)
            return partial(artifact_registry.access, apis=apis, settings=settings, stack=stack, deployed=deployed)
        case Quay():
            from components.registry import quay

            return partial(quay.access, settings, stack)
        case Oci():
            from components.registry import oci

            return partial(oci.access, settings, stack)
        case _:
            assert_never(settings)
