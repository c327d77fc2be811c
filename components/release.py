"""A Helm release as this program wants all of them."""

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
    """Install `chart` as `name` (for Helm `helm_name`, where that changes with something), which must be unique in the
    cluster: charts name cluster-wide objects after it.

    What fails is rolled back, a first install that fails is removed; `timeout` seconds for each.
    The chart's CRDs are left alone. A null in `values` removes the chart's default.
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
