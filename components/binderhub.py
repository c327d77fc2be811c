"""The binderhub-service release of a hub."""

from __future__ import annotations

import pulumi

from components.release import release
from hubs.settings.hub import Hub


class BinderHub(pulumi.ComponentResource):
    """BinderHub beside a hub, installed. Leaves out: a public page of its own (BinderHub answers only the hub)."""

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
        """`values` are the chart's, complete. `depends_on` are what must be there before: its pod reads the Secret
        `hub` that the jupyterhub release makes."""
        name = f"{hub.slug}-binderhub"
        super().__init__("imagebuilding:hub:BinderHub", name, None, opts)
        self.release = release(
            name,
            hub.charts.binderhub_service,
            values,
            namespace=namespace,
            timeout=timeout,
            opts=pulumi.ResourceOptions(parent=self, depends_on=depends_on or []),
        )
        self.register_outputs({})
