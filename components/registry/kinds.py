"""The table of registry kinds: what makes a hub's place in each.

An entry imports its kind's file only when it is used: the SDKs behind some of them take a while to import.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import assert_never

import pulumi

from hubs.settings.hub import Hub
from hubs.settings.registry import ArtifactRegistry, Oci, Quay
from hubs.settings.stack import Stack
from hubs.values.registry import RegistryAccess

HubAccess = Callable[[Hub, pulumi.ResourceOptions], RegistryAccess]
"""Makes a hub's place in the registry, as children of the options' parent, and returns how to reach it."""


def hub_access(stack: Stack) -> HubAccess:
    """`access` of the stack's kind of registry. What all hubs share is made here, once, before the first hub."""
    settings = stack.registry
    match settings:
        case ArtifactRegistry():
            from components.registry import artifact_registry

            return partial(artifact_registry.access, artifact_registry.enable_apis(settings, stack), settings, stack)
        case Quay():
            from components.registry import quay

            return partial(quay.access, settings, stack)
        case Oci():
            from components.registry import oci

            return partial(oci.access, settings, stack)
        case _:
            assert_never(settings)
