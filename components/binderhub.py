"""The binderhub-service release of a hub."""

from __future__ import annotations

import pulumi

from components.release import release
from hubs.settings.hub import Hub


class BinderHub(pulumi.ComponentResource):
    """The release of BinderHub for a hub. It has no public page, because BinderHub is used through the hub only."""

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
        """`values` are all values of the chart. `depends_on` must include the jupyterhub release, because BinderHub's
        pod reads its Secret `hub`."""
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
