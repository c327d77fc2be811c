"""The random secrets of a hub."""

from __future__ import annotations

import pulumi
import pulumi_random as random

from hubs.values.tokens import Tokens

_BYTES = 32


class HubTokens(pulumi.ComponentResource):
    """The random secrets of a hub. They are in Pulumi's state, so that they stay the same in every render."""

    tokens: Tokens

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("imagebuilding:hub:HubTokens", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)

        def token(purpose: str) -> pulumi.Output[str]:
            return pulumi.Output.secret(random.RandomBytes(f"{name}-{purpose}", length=_BYTES, opts=child).hex)

        self.tokens = Tokens.named(token)
        self.register_outputs({})
