"""Check whether the cluster enforces network policies, and whether builds reach the registry."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from hubs.check.domains import addresses
from hubs.check.findings import Check, Result, failed, ok, unchecked, warning
from hubs.clients.errors import ClientError
from hubs.clients.kubernetes import Cluster
from hubs.preview.terminal import ending_cleanly
from hubs.settings.egress import PRIVATE
from hubs.settings.registry import address
from hubs.settings.stack import Stack
from hubs.values.network_policies import build_policies
from hubs.values.safety import IMAGE

AREA = "cluster"
POLICIES = "network policies"
LABEL = "imagebuilding/probe"
SECONDS = 120.0
"""How long pods may take to start, and how long they may take to end."""
POLICY = "imagebuilding-builds"
PORT = 8080


def checks(stack: Stack) -> list[Check]:
    """Return the check of the registry's address, if the settings do not say whether it is public."""
    host, _ = address(stack.registry)
    if stack.registry.type != "oci" or host.replace(".", "").isdigit():
        return []
    return [Check(AREA, f"builds and {stack.registry.host}", partial(_registry, stack))]


def _registry(stack: Stack) -> Result:
    host, number = address(stack.registry)
    try:
        found = addresses(host)
    except socket.gaierror as error:
        return unchecked(f"DNS is not available ({error.strerror})")
    allowed = [entry.cidr for entry in stack.cluster.build_egress if number in entry.ports]
    closed = [address for address in sorted(found) if _is_in(address, PRIVATE) and not _is_in(address, allowed)]
    if closed:
        return failed(
            f"its address {', '.join(closed)} is private, which builds do not reach where policies are enforced",
            f"open it: `build_egress: [{{cidr: {closed[0]}, ports: [{number}]}}]` of the cluster",
        )
    return ok(f"{', '.join(sorted(found))} is open to builds")


def _is_in(address: str, networks: Any) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    return any(ip in ipaddress.ip_network(network) for network in networks)


def not_probed(stack: str) -> Callable[[], Result]:
    """Return the check that takes the place of the probe."""
    todo = f"run `hubs check {stack} --probe-network`, which creates three small pods in a temporary namespace"
    return partial(unchecked, "only a test with pods can show whether the cluster enforces them", todo)


def probe(stack: Stack, cluster: Cluster) -> Result:
    """Try the policy of builds on a pod in a temporary namespace, and delete the namespace in any case.

    A server, a pod without a policy, and a pod with the policy and the labels of a build: the second must reach the
    server, the third must not.
    """
    namespace = f"imagebuilding-probe-{secrets.token_hex(4)}"
    print(f"trying network policies in the namespace {namespace}", file=sys.stderr)
    with ending_cleanly():
        try:
            for earlier in cluster.list("/api/v1/namespaces", labelSelector=f"{LABEL}=true"):
                cluster.delete(f"/api/v1/namespaces/{earlier['metadata']['name']}")
            cluster.create("/api/v1/namespaces", {"metadata": {"name": namespace, "labels": {LABEL: "true"}}})
            return _probe(stack, cluster, namespace)
        except ClientError as error:
            return unchecked(str(error), error.todo)
        finally:
            try:
                cluster.delete(f"/api/v1/namespaces/{namespace}")
            except ClientError as error:
                print(f"delete the namespace {namespace} yourself: {error}", file=sys.stderr)


def _probe(stack: Stack, cluster: Cluster, namespace: str) -> Result:
    pods = f"/api/v1/namespaces/{namespace}/pods"
    policies = f"/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies"
    spec = build_policies(stack)[POLICY]
    cluster.create(policies, {"metadata": {"name": POLICY}, "spec": spec})
    _wait(lambda: cluster.read(f"/api/v1/namespaces/{namespace}/serviceaccounts/default"))
    cluster.create(pods, _pod(stack, "server", {}, f"while :; do nc -l -p {PORT} -e true; done"))
    server = _wait(lambda: _in_phase(cluster, pods, "server", "Running"))
    if server is None:
        return unchecked(f"a pod did not start in {SECONDS:.0f} seconds: {_why(cluster, pods, 'server')}")
    address = server["status"]["podIP"]
    if not _is_in(address, PRIVATE):
        todo = "close the addresses of nodes, pods and Services to builds and servers with policies of your own"
        return warning(f"pods have public addresses ({address}): the policies do not close them", todo)
    roles = {"open": {"role": "open"}, "build": spec["podSelector"]["matchLabels"]}
    for name, labels in roles.items():
        cluster.create(pods, _pod(stack, name, labels, _client(address)))
    ended = {name: _wait(partial(_in_phase, cluster, pods, name, "Succeeded", "Failed")) for name in roles}
    reached = {name: pod["status"]["phase"] == "Succeeded" for name, pod in ended.items() if pod is not None}
    if len(reached) < len(roles):
        return unchecked(f"a pod did not end in {SECONDS:.0f} seconds: {_why(cluster, pods, 'build')}")
    if not reached["open"]:
        return unchecked("a pod without a policy does not reach another pod either", "see the cluster's network plugin")
    if reached["build"]:
        return warning(
            "the cluster does not enforce them: builds and servers reach private networks and other hubs",
            "switch on the enforcement of your network plugin, or see what still holds: docs/explanation/isolation.md",
        )
    return ok("the cluster enforces them: a pod with the policy of builds does not reach another pod")


def _client(address: str) -> str:
    """Return a script that ends with 0 if the last of several attempts connects: a policy may take a while to act."""
    attempt = f"nc -w 2 {address} {PORT} </dev/null >/dev/null 2>&1"
    return f"for _ in 1 2 3 4 5 6 7 8; do {attempt}; sleep 2; done; {attempt} || {attempt} || {attempt}"


def _pod(stack: Stack, name: str, labels: dict[str, str], script: str) -> dict[str, Any]:
    """Return a pod that every cluster accepts, also with the Pod Security Standard `restricted`, with an image that
    servers and builds need anyway."""
    nodes = stack.cluster.core_nodes
    limits = {"cpu": "50m", "memory": "32Mi"}
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "restartPolicy": "Never",
            "activeDeadlineSeconds": 600,  # if the namespace can't be deleted
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "nodeSelector": nodes.selector,
            "tolerations": [item.model_dump(exclude_none=True) for item in nodes.tolerations],
            "securityContext": {"runAsNonRoot": True, "runAsUser": 65534, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": name,
                    "image": IMAGE,
                    "command": ["/bin/sh", "-c", script],
                    "resources": {"requests": limits, "limits": limits},
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                }
            ],
        },
    }


def _in_phase(cluster: Cluster, pods: str, name: str, *phases: str) -> Any:
    pod = cluster.read(f"{pods}/{name}") or {}
    status = pod.get("status") or {}
    return pod if status.get("phase") in phases and status.get("podIP") else None


def _why(cluster: Cluster, pods: str, name: str) -> str:
    """Return the reason why a pod does not run, as Kubernetes gives it."""
    status = (cluster.read(f"{pods}/{name}") or {}).get("status") or {}
    waiting = [(c.get("state") or {}).get("waiting") or {} for c in status.get("containerStatuses") or []]
    conditions = [c for c in status.get("conditions") or [] if c.get("status") == "False"]
    for found in [*waiting, *conditions]:
        if text := found.get("message") or found.get("reason"):
            return str(text)
    return f"its phase is {status.get('phase', 'unknown')}"


def _wait(found: Callable[[], Any]) -> Any:
    """Return what `found` returns once it is true, or None after SECONDS."""
    end = time.monotonic() + SECONDS
    while not (result := found()) and time.monotonic() < end:
        time.sleep(1)
    return result or None
