"""Create a Helm release with the options that all releases of this program share."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_kubernetes.helm.v3 import Release as HelmRelease
from pulumi_kubernetes.helm.v3 import RepositoryOptsArgs

from hubs.values.release import Release


class ChartRelease(pulumi.ComponentResource):
    """One Helm release of a hub in a component of its own."""

    release: HelmRelease

    def __init__(
        self,
        release: Release,
        values: dict[str, Any],
        *,
        namespace: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
        depends_on: list[pulumi.Resource],
    ) -> None:
        """`values` are all values of the chart. `depends_on` are the resources that must exist before."""
        super().__init__(release.kind.component, release.name, None, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=depends_on)
        self.release = install(release, values, namespace=namespace, opts=child)
        self.register_outputs({})


def install(
    release: Release, values: dict[str, Any], *, namespace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> HelmRelease:
    """Install `release` with `values`, all values of the chart. A null in them removes the chart's default.

    A failed update is rolled back and a failed first install is removed. CRDs of the chart are not installed.
    """
    chart = release.chart
    return HelmRelease(
        release.name,
        name=release.helm_name,
        chart=chart.reference,
        version=chart.version if not chart.archive else None,
        repository_opts=RepositoryOptsArgs(repo=chart.repo) if chart.repo else None,
        namespace=namespace,
        values=values,
        atomic=True,
        cleanup_on_fail=True,
        skip_crds=True,
        timeout=release.stack.cluster.timeout,
        max_history=10,
        opts=opts,
    )
