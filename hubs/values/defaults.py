"""Defaults for every hub, and values from settings that need no further logic."""

from __future__ import annotations

from typing import Any


def defaults() -> dict[str, Any]:
    """Return the program's own values for the jupyterhub chart."""
    return {
        "proxy": {
            # The chart's default, a LoadBalancer, waits for an address until the release times out.
            "service": {"type": "ClusterIP"},
        },
        "hub": {
            "db": {"pvc": {"annotations": {"helm.sh/resource-policy": "keep"}}},
            # BinderHub is in the hub's own namespace. People's servers have this label too, on all hubs.
            "networkPolicy": {"enabled": True, "interNamespaceAccessLabels": "ignore"},
        },
        "singleuser": {
            "networkPolicy": {"enabled": True},
            # Starting a node and pulling a large image can take longer than the chart's five minutes.
            "startTimeout": 600,
        },
        # Pulling images to all nodes makes updates slow, and people can choose any image anyway.
        "prePuller": {"hook": {"enabled": False}, "continuous": {"enabled": False}},
        "scheduling": {
            "podPriority": {"enabled": True},
            "userPlaceholder": {"enabled": True, "replicas": 0},
            "userScheduler": {"replicas": 1},
        },
    }
