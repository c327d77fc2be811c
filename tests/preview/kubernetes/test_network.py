"""What network policies open, against an oracle that asks each policy about each connection."""

from __future__ import annotations

import ipaddress
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubs.preview.diff.kubernetes.boxes import Numbers, common
from hubs.preview.diff.kubernetes.network import Opened, networks, opened, peer, ports

NAMESPACE = "ocean-prod"
Labels = dict[str, str]

# The universe: all that the policies below can tell apart.
SERVERS: list[Labels] = [{"c": "server"}, {"c": "other"}, {"c": "server", "x": "1"}, {}]
ADDRESSES = ["10.0.0.1", "10.1.0.1", "169.254.169.254", "192.0.2.1", "fd00::1", "2001:db8::1"]
PODS = [
    (pod, space)
    for pod in SERVERS
    for space in ({"kubernetes.io/metadata.name": NAMESPACE}, {"kubernetes.io/metadata.name": "other", "team": "a"})
]
REMOTES: list[Any] = [*ADDRESSES, *PODS]
PORTS: list[tuple[str, Any]] = [("TCP", 80), ("TCP", 443), ("TCP", 8081), ("TCP", "http"), ("UDP", 53), ("UDP", 80)]

selectors = st.sampled_from(
    [
        {},
        {"matchLabels": {"c": "server"}},
        {"matchLabels": {"c": "other"}},
        {"matchLabels": {"c": "server", "x": "1"}},
        {"matchExpressions": [{"key": "c", "operator": "In", "values": ["server", "other"]}]},
        {"matchExpressions": [{"key": "c", "operator": "NotIn", "values": ["server"]}]},
        {"matchExpressions": [{"key": "x", "operator": "Exists"}]},
        {"matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]},
    ]
)
spaces = st.sampled_from(
    [{}, {"matchLabels": {"team": "a"}}, {"matchLabels": {"kubernetes.io/metadata.name": NAMESPACE}}]
)
peers = st.one_of(
    st.sampled_from(
        [
            {"ipBlock": {"cidr": "0.0.0.0/0"}},
            {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "169.254.169.254/32"]}},
            {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
            {"ipBlock": {"cidr": "::/0", "except": ["fc00::/7"]}},
            {"ipBlock": {"cidr": "169.254.169.254/32"}},
        ]
    ),
    st.builds(lambda pods: {"podSelector": pods}, selectors),
    st.builds(lambda found: {"namespaceSelector": found}, spaces),
    st.builds(lambda pods, found: {"podSelector": pods, "namespaceSelector": found}, selectors, spaces),
)
port_rules = st.sampled_from(
    [
        {"port": 80},
        {"port": 443, "protocol": "TCP"},
        {"port": 80, "endPort": 443},
        {"port": 1, "endPort": 65535},
        {"port": "http"},
        {"port": 53, "protocol": "UDP"},
        {"protocol": "UDP"},
    ]
)


def rules(key: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {}, optional={key: st.lists(peers, max_size=2), "ports": st.lists(port_rules, max_size=2)}
    )


policies = st.lists(
    st.builds(
        lambda number, spec: {"kind": "NetworkPolicy", "metadata": {"name": f"p{number}"}, "spec": spec},
        st.integers(0, 99),
        st.fixed_dictionaries(
            {"podSelector": selectors},
            optional={
                "policyTypes": st.sampled_from([["Ingress"], ["Egress"], ["Ingress", "Egress"]]),
                "ingress": st.lists(rules("from"), max_size=2),
                "egress": st.lists(rules("to"), max_size=2),
            },
        ),
    ),
    max_size=3,
)


def workload(labels: Labels) -> dict[str, Any]:
    template = {"metadata": {"labels": labels}, "spec": {}}
    return {"kind": "Deployment", "metadata": {"name": "hub"}, "spec": {"template": template}}


def fits(selector: Any, labels: Labels) -> bool:
    """Kubernetes' own semantics of a label selector."""
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for rule in selector.get("matchExpressions", []):
        there, value = rule["key"] in labels, labels.get(rule["key"])
        right = {
            "In": value in rule.get("values", []),
            "NotIn": value not in rule.get("values", []),
            "Exists": there,
            "DoesNotExist": not there,
        }
        if not right[rule["operator"]]:
            return False
    return True


def allows(found: list[dict[str, Any]], labels: Labels, direction: str, remote: Any, port: tuple[str, Any]) -> bool:
    isolating = []
    for policy in found:
        spec = policy["spec"]
        types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
        if direction in types and fits(spec["podSelector"], labels):
            isolating.append(spec)
    if not isolating:
        return True
    key, side = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
    return any(
        _port(rule.get("ports") or [], port) and _peer(rule.get(side) or [], remote)
        for spec in isolating
        for rule in spec.get(key) or []
    )


def _port(found: list[dict[str, Any]], port: tuple[str, Any]) -> bool:
    if not found:
        return True
    for rule in found:
        if rule.get("protocol", "TCP") != port[0]:
            continue
        if "port" not in rule or rule["port"] == port[1] or rule.get("endPort") == 65535:
            return True
        if "endPort" in rule and isinstance(port[1], int) and rule["port"] <= port[1] <= rule["endPort"]:
            return True
    return False


def _peer(found: list[dict[str, Any]], remote: Any) -> bool:
    if not found:
        return True
    for rule in found:
        if "ipBlock" in rule:
            if isinstance(remote, str):
                address = ipaddress.ip_address(remote)
                inside = [address in ipaddress.ip_network(cidr) for cidr in rule["ipBlock"].get("except", [])]
                if address in ipaddress.ip_network(rule["ipBlock"]["cidr"]) and not any(inside):
                    return True
        elif not isinstance(remote, str):
            pod, space = remote
            spaces_ok = (
                fits(rule["namespaceSelector"], space)
                if "namespaceSelector" in rule
                else space["kubernetes.io/metadata.name"] == NAMESPACE
            )
            if spaces_ok and fits(rule.get("podSelector", {}), pod):
                return True
    return False


def oracle(old: Any, new: Any, was: Labels, now: Labels, direction: str) -> bool:
    """Return whether any connection of the universe is allowed only by the new policies."""
    return any(
        allows(new, now, direction, remote, port) and not allows(old, was, direction, remote, port)
        for remote, port in itertools.product(REMOTES, PORTS)
    )


@settings(max_examples=400, deadline=None)
@given(policies, policies, st.sampled_from(SERVERS), st.sampled_from(SERVERS))
def test_what_a_workload_may_do(old: Any, new: Any, was: Labels, now: Labels) -> None:
    found = [one for one in opened([*old, workload(was)], [*new, workload(now)], NAMESPACE) if one.pods.labels]
    for direction in ("Ingress", "Egress"):
        here = any(one.direction == direction for one in found)
        if oracle(old, new, was, now, direction):
            assert here, direction
        elif here:
            # Whatever is found outside of the universe is nothing that the universe has a sample of.
            assert all(_outside(one) for one in found if one.direction == direction)


@settings(max_examples=400, deadline=None)
@given(policies, policies)
def test_what_pods_that_are_not_rendered_may_do(old: Any, new: Any) -> None:
    """Servers and builds are known only from the policies that select them."""
    found = list(opened(old, new, NAMESPACE))
    for direction in ("Ingress", "Egress"):
        here = any(one.direction == direction for one in found)
        samples = [labels for labels in SERVERS if any(fits(policy["spec"]["podSelector"], labels) for policy in old)]
        if any(oracle(old, new, labels, labels, direction) for labels in samples):
            assert here, direction


@given(policies, st.sampled_from(SERVERS))
def test_the_same_policies_open_nothing(found: Any, labels: Labels) -> None:
    assert not list(opened([*found, workload(labels)], [*reversed(found), workload(labels)], NAMESPACE))


@given(policies, st.sampled_from(SERVERS))
def test_one_policy_more_opens_nothing_that_was_selected(found: Any, labels: Labels) -> None:
    """A new policy without rules can only isolate."""
    more = {"kind": "NetworkPolicy", "metadata": {"name": "new"}, "spec": {"podSelector": {}}}
    assert not list(opened([*found, workload(labels)], [*found, more, workload(labels)], NAMESPACE))


def _outside(one: Opened) -> bool:
    """Whether none of the universe's samples is in the traffic that was found."""
    from hubs.preview.diff.kubernetes import network

    for box in one.traffic:
        for remote, port in itertools.product(REMOTES, PORTS):
            rule: dict[str, Any] = {"ports": [{"protocol": port[0], "port": port[1]}]}
            if isinstance(remote, str):
                suffix = 32 if "." in remote else 128
                rule["to"] = [{"ipBlock": {"cidr": f"{remote}/{suffix}"}}]
                samples = list(network._rule(rule, "to", NAMESPACE))
            else:
                pod, space = remote
                exact = [
                    {"key": key, "operator": "In", "values": [pod[key]]}
                    if key in pod
                    else {"key": key, "operator": "DoesNotExist"}
                    for key in ("c", "x")
                ]
                teams = [{"key": "team", "operator": "Exists" if "team" in space else "DoesNotExist"}]
                chosen = {"matchLabels": {"kubernetes.io/metadata.name": space["kubernetes.io/metadata.name"]}}
                rule["to"] = [
                    {
                        "podSelector": {"matchExpressions": exact},
                        "namespaceSelector": {**chosen, "matchExpressions": teams},
                    }
                ]
                samples = list(network._rule(rule, "to", NAMESPACE))
            if any(common(box, sample) is not None for sample in samples):
                return False
    return True


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (["0.0.0.0/0"], ["0.0.0.0/0"]),
        (["10.0.0.0/8", "fd00::/8"], ["10.0.0.0/8", "fd00::/8"]),
    ],
)
def test_networks(addresses: list[str], expected: list[str]) -> None:
    from hubs.preview.diff.kubernetes.network import _addresses

    assert networks(_addresses(addresses)) == expected
    assert networks(Numbers()) == []


def test_words() -> None:
    def one(old: list[Any], new: list[Any]) -> tuple[str, list[str]]:
        policy = {"kind": "NetworkPolicy", "metadata": {"name": "p"}}
        before, after = (
            {**policy, "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": rules}} for rules in (old, new)
        )
        (found,) = opened([before], [after], NAMESPACE)
        (box,) = [box for box in found.traffic if "address" in box] or found.traffic
        return peer(box), ports(box["port"])  # type: ignore[arg-type]

    world = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}]}
    assert one([world], [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]) == ("169.254.169.254/32", [])
    assert one([], [{}]) == ("every address", [])
    assert one([], [{"to": [{"podSelector": {"matchLabels": {"a": "b"}}}], "ports": [{"port": "http"}]}]) == (
        "pods with a=b in the namespace ocean-prod",
        ["http"],
    )
    everywhere = {
        "to": [{"namespaceSelector": {}}],
        "ports": [{"port": 53, "protocol": "UDP"}, {"port": 1, "endPort": 9}],
    }
    assert one([], [everywhere]) == ("all pods in every namespace", ["1-9", "53/UDP"])


BLOCKS = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "169.254.169.254/32", "192.0.2.0/24"]
blocks = st.lists(
    st.builds(
        lambda cidr, holes: {"ipBlock": {"cidr": cidr, "except": holes}},
        st.sampled_from(BLOCKS),
        st.lists(st.sampled_from(BLOCKS[1:]), max_size=2),
    ),
    max_size=2,
)


@settings(max_examples=300, deadline=None)
@given(blocks, blocks)
def test_addresses_and_their_exceptions(was: Any, now: Any) -> None:
    def policy(found: Any) -> list[dict[str, Any]]:
        rules = [{"to": [one]} for one in found]
        spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": rules}
        return [{"kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": spec}]

    old, new = policy(was), policy(now)
    samples = [*ADDRESSES, "10.0.1.1", "192.0.2.255", "8.8.8.8"]
    wider = any(
        allows(new, {}, "Egress", address, ("TCP", 80)) and not allows(old, {}, "Egress", address, ("TCP", 80))
        for address in samples
    )
    assert bool(list(opened(old, new, NAMESPACE))) == wider
