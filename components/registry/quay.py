"""quay.io for one hub."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from components.kept import kept
from hubs.settings.hub import Hub
from hubs.settings.quay_robot import robot_name
from hubs.settings.registry import Quay
from hubs.settings.stack import Stack
from hubs.values.registry import RegistryAccess, registry_access


def access(
    settings: Quay, stack: Stack, hub: Hub, opts: pulumi.ResourceOptions, after: Sequence[pulumi.Resource]
) -> RegistryAccess:
    """Create the hub's robot, and return the hub's access to the registry."""
    return registry_access(stack, hub, QuayRobot(settings, stack, hub, opts, after).password)


class QuayRobot(pulumi.ComponentResource):
    """The robot account that pushes and pulls a hub's images: given as secrets of the stack, or created here.

    A robot that was created here is kept when the hub is removed from the config, unless `decommission` was set before.
    Does not create the organization.
    """

    password: Any

    def __init__(
        self,
        settings: Quay,
        stack: Stack,
        hub: Hub,
        opts: pulumi.ResourceOptions | None = None,
        after: Sequence[pulumi.Resource] = (),
    ) -> None:
        """`after` are the hubs that are updated before this one."""
        super().__init__("imagebuilding:registry:QuayRobot", stack.prefix(hub), None, opts)
        self.password = hub.secrets.registry.password
        if settings.robot == "managed":
            from components.registry.quay_robot_provider import (
                QuayRobotAccount,  # dynamic providers take a while to import
            )

            account = QuayRobotAccount(
                stack.prefix(hub),
                organization=settings.organization,
                robot=robot_name(stack.cluster.name, *hub.deployed_as),
                owner="/".join((stack.cluster.name, *hub.deployed_as)),
                rotation=settings.rotation or "",
                # A new password ends the old one at once. If staging fails, prod keeps its release and its password.
                opts=kept(hub, self, after),
            )
            self.password = pulumi.Output.secret(account.password)
        self.register_outputs({})
