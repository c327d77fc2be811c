"""Create a Helm release with the options that all releases of this program share."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs

from hubs.settings.charts import Chart


def release(
    name: str,
    chart: Chart,
    values: dict[str, Any],
    *,
    namespace: pulumi.Input[str],
    timeout: int,
    helm_name: str | None = None,
    opts: pulumi.ResourceOptions,
) -> Release:
    """Install `chart` as the resource `name`, with the Helm release name `helm_name` (by default `name`).

    The name must be unique in the cluster, because charts use it for cluster-wide objects. A failed update is rolled
    back and a failed first install is removed; `timeout` is in seconds. CRDs of the chart are not installed. A null in
    `values` removes the chart's default.
    """
    return Release(
        name,
        name=helm_name or name,
        chart=chart.reference,
        version=chart.version if not chart.archive else None,
        repository_opts=RepositoryOptsArgs(repo=chart.repo) if chart.repo else None,
        namespace=namespace,
        values=values,
        atomic=True,
        cleanup_on_fail=True,
        skip_crds=True,
        timeout=timeout,
        max_history=10,
        opts=opts,
    )
