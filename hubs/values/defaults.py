"""What every hub gets, whatever its settings are."""

from __future__ import annotations

from typing import Any


def defaults() -> dict[str, Any]:
    """The program's own choices for the jupyterhub chart, with their reasons."""
    return {
        "proxy": {
            # As a LoadBalancer beside an ingress it would wait for an address until the release times out.
            "service": {"type": "ClusterIP"},
        },
        "hub": {
            "db": {"pvc": {"annotations": {"helm.sh/resource-policy": "keep"}}},
            # Pods of other components, BinderHub's among them, carry the label that this accepts.
            "networkPolicy": {"enabled": True, "interNamespaceAccessLabels": "accept"},
        },
        "singleuser": {
            "networkPolicy": {"enabled": True},
            # A new node and a large image take longer than the chart's five minutes.
            "startTimeout": 600,
        },
        # Waiting for images on all nodes makes an update slow; people may choose any image anyway.
        "prePuller": {"hook": {"enabled": False}, "continuous": {"enabled": False}},
        "scheduling": {
            "podPriority": {"enabled": True},
            "userPlaceholder": {"enabled": True, "replicas": 0},
            "userScheduler": {"replicas": 1},
        },
    }
