"""quay.io for one hub."""

from __future__ import annotations

from typing import Any

import pulumi


class QuayRobot(pulumi.ComponentResource):
    """A robot account's credentials, given as secrets of the stack.

    Leaves out: making the robot and its team.
    """

    username: Any
    """`organization+robot`."""
    password: Any

    def __init__(self, name: str, username: Any, password: Any, opts: pulumi.ResourceOptions | None = None) -> None:
        """`name` is `<cluster>-<community>-<hub>`."""
        super().__init__("imagebuilding:registry:QuayRobot", name, None, opts)
        self.username = username
        self.password = password
        self.register_outputs({})
