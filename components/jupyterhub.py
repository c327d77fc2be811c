"""The jupyterhub release of a hub."""

from __future__ import annotations

import pulumi
import pulumi_random as random

from components.release import release
from hubs.settings.hub import Hub
from hubs.values.tokens import Tokens

_BYTES = 32


class HubTokens(pulumi.ComponentResource):
    """The random secrets of a hub. They are stored in Pulumi's state, so that they don't change at each rendering."""

    tokens: Tokens

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("imagebuilding:hub:HubTokens", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)

        def token(purpose: str) -> pulumi.Output[str]:
            return pulumi.Output.secret(random.RandomBytes(f"{name}-{purpose}", length=_BYTES, opts=child).hex)

        self.tokens = Tokens(
            proxy=token("proxy"), cookie=token("cookie"), crypt_key=token("crypt-key"), binder=token("binder")
        )
        self.register_outputs({})


class JupyterHub(pulumi.ComponentResource):
    """The release of Zero to JupyterHub. Does not create DNS records or register the callback URL for the login."""

    def __init__(
        self,
        hub: Hub,
        values: dict[str, object],
        *,
        namespace: pulumi.Input[str],
        timeout: int,
        opts: pulumi.ResourceOptions | None = None,
        depends_on: list[pulumi.Resource] | None = None,
    ) -> None:
        """`values` are all values of the chart. `depends_on` are resources that must exist before the release."""
        super().__init__("imagebuilding:hub:JupyterHub", hub.slug, None, opts)
        self.release = release(
            hub.slug,
            hub.charts.jupyterhub,
            values,
            namespace=namespace,
            timeout=timeout,
            opts=pulumi.ResourceOptions(parent=self, depends_on=depends_on or []),
        )
        self.register_outputs({})
