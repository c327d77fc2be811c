"""quay.io for one hub."""

from __future__ import annotations

from typing import Any

import pulumi

from hubs.settings.hub import Hub
from hubs.settings.quay_robot import robot_name
from hubs.settings.registry import Quay
from hubs.settings.stack import Stack


class QuayRobot(pulumi.ComponentResource):
    """The robot account that pushes and pulls a hub's images: given as secrets of the stack, or made here.

    A robot that was made stays when the hub leaves the config, unless `decommission` was set before.
    Leaves out: making the organization.
    """

    username: Any
    """`organization+robot`."""
    password: Any

    def __init__(self, stack: Stack, hub: Hub, settings: Quay, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("imagebuilding:registry:QuayRobot", stack.prefix(hub), None, opts)
        if settings.robot == "managed":
            from components.registry.quay_robot_provider import (
                QuayRobotAccount,  # dynamic providers take a while to import
            )

            robot = robot_name(stack.cluster.name, hub.community, hub.name)
            account = QuayRobotAccount(
                stack.prefix(hub),
                organization=settings.organization,
                robot=robot,
                owner=f"{stack.cluster.name}/{hub.key}",
                rotation=settings.rotation or "",
                opts=pulumi.ResourceOptions(parent=self, retain_on_delete=not hub.decommission),
            )
            # Known before the robot is made, so that previews show it.
            self.username = f"{settings.organization}+{robot}"
            self.password = pulumi.Output.secret(account.password)
        else:
            self.username, self.password = hub.secrets.registry.username, hub.secrets.registry.password
        self.register_outputs({})
