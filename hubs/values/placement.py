"""Node selectors, affinities and tolerations: which pods run on which nodes."""

from __future__ import annotations

from typing import Any

from hubs.settings.cluster import NODE_PURPOSE
from hubs.settings.hub import Hub
from hubs.settings.stack import Stack


def jupyterhub_nodes(stack: Stack, hub: Hub) -> dict[str, Any]:
    """Return the values that place core pods on core nodes and people's servers on user nodes."""
    core, users = stack.cluster.core_nodes, stack.user_nodes(hub)
    # A profile can replace the node_selector. An affinity still applies, so that a profile can't place servers on core
    # nodes by mistake.
    by_purpose = users.selector == {NODE_PURPOSE: "user"}
    terms = [{"key": key, "operator": "In", "values": [value]} for key, value in sorted(users.selector.items())]
    user_pods: dict[str, Any] = {
        "nodeAffinity": {"matchNodePurpose": "require" if by_purpose else "ignore"},
        "tolerations": [item.model_dump(exclude_none=True) for item in users.tolerations],
    }
    singleuser: dict[str, Any] = {"nodeSelector": hub.node_selector} if hub.node_selector else {}
    if terms and not by_purpose:
        singleuser["extraNodeAffinity"] = {"required": [{"matchExpressions": terms}]}
    return {
        "hub": {"nodeSelector": core.selector},
        "proxy": {"chp": {"nodeSelector": core.selector}},
        "scheduling": {
            "userScheduler": {"enabled": stack.cluster.user_scheduler, "nodeSelector": core.selector},
            "corePods": {
                "nodeAffinity": {"matchNodePurpose": "require" if NODE_PURPOSE in core.selector else "ignore"},
                "tolerations": [item.model_dump(exclude_none=True) for item in core.tolerations],
            },
            "userPods": user_pods,
        },
        **({"singleuser": singleuser} if singleuser else {}),
    }


def binderhub_nodes(stack: Stack, hub: Hub) -> dict[str, Any]:
    """Return the values that place BinderHub on core nodes, and Docker daemon and build pods on the same user nodes.

    Build pods use the socket of the Docker daemon on their node.
    """
    users = stack.user_nodes(hub)
    builders = {**users.selector, **hub.build.node_selector}
    return {
        "nodeSelector": stack.cluster.core_nodes.selector,
        "tolerations": [item.model_dump(exclude_none=True) for item in stack.cluster.core_nodes.tolerations],
        "dockerApi": {
            "nodeSelector": builders,
            "tolerations": [item.model_dump(exclude_none=True) for item in users.tolerations],
        },
        "config": {"KubernetesBuildExecutor": {"node_selector": builders}},
    }
