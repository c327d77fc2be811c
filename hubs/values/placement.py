"""Node selectors, affinities and tolerations: which pods run on which nodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hubs.settings.cluster import NODE_PURPOSE, UserNodes
from hubs.settings.hub import Hub
from hubs.settings.kubernetes import Nodes, Toleration
from hubs.settings.stack import Stack
from hubs.values.provenance import reads

_TOLERATIONS = Path(__file__).parent / "in_binderhub" / "tolerations.py"


def nodes(settings: Nodes) -> dict[str, Any]:
    """Return node selector and tolerations under the keys that Kubernetes pods and most charts use."""
    return {"nodeSelector": settings.selector, "tolerations": _tolerations(settings.tolerations)}


@reads("cluster.core_nodes", "cluster.user_scheduler")
def core_pods(stack: Stack) -> dict[str, Any]:
    """Hub, proxy and scheduler run on core nodes."""
    core = stack.cluster.core_nodes
    return {
        "hub": {"nodeSelector": core.selector},
        "proxy": {"chp": {"nodeSelector": core.selector}},
        "scheduling": {
            "userScheduler": {"enabled": stack.cluster.user_scheduler, "nodeSelector": core.selector},
            "corePods": {
                "nodeAffinity": {"matchNodePurpose": "require" if NODE_PURPOSE in core.selector else "ignore"},
                "tolerations": _tolerations(core.tolerations),
            },
        },
    }


@reads("cluster.user_nodes", "user_nodes", "node_selector")
def user_pods(stack: Stack, hub: Hub) -> dict[str, Any]:
    """People's servers run on user nodes."""
    users = stack.user_nodes(hub)
    # A profile can set another node_selector. The affinity stays in addition to it, so that no profile puts people's
    # servers on core nodes by accident.
    by_purpose = users.selector == {NODE_PURPOSE: "user"}
    terms = [{"key": key, "operator": "In", "values": [value]} for key, value in sorted(users.selector.items())]
    pods: dict[str, Any] = {
        "nodeAffinity": {"matchNodePurpose": "require" if by_purpose else "ignore"},
        "tolerations": _tolerations(users.tolerations),
    }
    singleuser: dict[str, Any] = {"nodeSelector": hub.node_selector} if hub.node_selector else {}
    if terms and not by_purpose:
        singleuser["extraNodeAffinity"] = {"required": [{"matchExpressions": terms}]}
    return {"scheduling": {"userPods": pods}, **({"singleuser": singleuser} if singleuser else {})}


@reads("cluster.core_nodes")
def binderhub_pods(stack: Stack) -> dict[str, Any]:
    """BinderHub runs on core nodes."""
    return nodes(stack.cluster.core_nodes)


@reads("cluster.user_nodes", "user_nodes", "build.node_selector")
def builds(stack: Stack, hub: Hub) -> dict[str, Any]:
    """The Docker daemon, and the build pods that use its socket, run on the same user nodes."""
    users = stack.user_nodes(hub)
    selector = {**users.selector, **hub.build.node_selector}
    tolerations = _tolerations(users.tolerations)
    values: dict[str, Any] = {
        "dockerApi": {"nodeSelector": selector, "tolerations": tolerations},
        "config": {"KubernetesBuildExecutor": {"node_selector": selector}},
    }
    # BinderHub's own are the default ones. With more than the Docker daemon has, a build could start on a node without.
    if users.tolerations != UserNodes().tolerations:
        values["config"]["KubernetesBuildExecutor"]["tolerations"] = tolerations
        values["extraConfig"] = {"imagebuilding-tolerations": _TOLERATIONS.read_text(encoding="utf-8")}
    return values


def _tolerations(tolerations: list[Toleration]) -> list[dict[str, Any]]:
    return [item.model_dump(exclude_none=True) for item in tolerations]
