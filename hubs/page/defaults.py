"""The jupyterhub chart's own defaults for the values that a hub's configuration uses.

A release contains only values that differ from them. Source: `values.yaml` of the chart, 4.x; a test compares the two.
Sizes are in Kubernetes' notation, times in seconds.
"""

from __future__ import annotations

from typing import Any

_USER_NODES = [
    {"key": key, "operator": "Equal", "value": "user", "effect": "NoSchedule"}
    for key in ("hub.jupyter.org/dedicated", "hub.jupyter.org_dedicated")
]

DEFAULTS: dict[str, Any] = {
    "imagePullSecret": {"create": False, "automaticReferenceInjection": True},
    "hub": {
        "config": {"JupyterHub": {"admin_access": True, "authenticator_class": "dummy"}},
        "baseUrl": "/",
        "concurrentSpawnLimit": 64,
        "consecutiveFailureLimit": 5,
        "allowNamedServers": False,
    },
    "scheduling": {
        "userScheduler": {"enabled": True},
        "podPriority": {"enabled": False},
        "userPods": {"tolerations": _USER_NODES, "nodeAffinity": {"matchNodePurpose": "prefer"}},
    },
    "singleuser": {
        "cloudMetadata": {"blockWithIptables": True, "ip": "169.254.169.254"},
        "networkTools": {"image": {"name": "quay.io/jupyterhub/k8s-network-tools"}},
        "extraLabels": {"hub.jupyter.org/network-access-hub": "true"},
        "allowPrivilegeEscalation": False,
        "uid": 1000,
        "fsGid": 100,
        "storage": {
            "type": "dynamic",
            "static": {"subPath": "{username}"},
            "capacity": "10Gi",
            "homeMountPath": "/home/jovyan",
            "dynamic": {"volumeNameTemplate": "volume-{user_server}", "storageAccessModes": ["ReadWriteOnce"]},
        },
        "image": {"name": "quay.io/jupyterhub/k8s-singleuser-sample"},
        "startTimeout": 300,
        "memory": {"guarantee": "1G"},
        "cmd": "jupyterhub-singleuser",
        "events": True,
    },
}
