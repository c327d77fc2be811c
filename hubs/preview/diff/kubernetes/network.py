"""Compare network policies by what they allow: https://kubernetes.io/docs/concepts/services-networking/network-policies/.

Policies are not compared one by one, because what a pod may do is the union of all policies that select it, and
everything if none does.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hubs.preview.diff.kubernetes.boxes import Box, Numbers, Values, common, only, without
from hubs.preview.diff.kubernetes.selectors import keys_of, labelled, selected
from hubs.preview.manifests import Document, identity, pod_template

KIND = "NetworkPolicy"
NAMESPACE_LABEL = "kubernetes.io/metadata.name"
_DIRECTIONS = {"Ingress": ("ingress", "from"), "Egress": ("egress", "to")}
_PROTOCOLS = ("TCP", "UDP", "SCTP")
_LINE = 1 << 160  # a range of numbers for each protocol: ports, and above them names of ports
_NAMES = 1 << 16
_IPV6 = 1 << 32  # addresses of IPv6 follow those of IPv4
_ALL_ADDRESSES = Numbers(((0, _IPV6 - 1), (_IPV6, _IPV6 + (1 << 128) - 1)))
_ALL_PORTS = Numbers(tuple((line * _LINE + 1, line * _LINE + _LINE - 1) for line in range(len(_PROTOCOLS))))
_EVERYTHING: tuple[Box, ...] = (
    {"remote": only("address"), "address": _ALL_ADDRESSES, "port": _ALL_PORTS},
    {"remote": only("pod"), "port": _ALL_PORTS},
)


@dataclass(frozen=True)
class Pods:
    """Pods whose traffic is compared: those of a workload on both sides, or those that a policy selects.

    `name`: such as `Deployment hub`, or the labels. `labels`: before and after, or None if only a selector is known.
    """

    name: str
    labels: tuple[dict[str, Any], dict[str, Any]] | None
    selector: Box


@dataclass(frozen=True)
class Opened:
    """What pods may do in addition. `direction`: Ingress (they are reached) or Egress (they reach).

    `unlimited`: nothing limits them any more.
    """

    pods: Pods
    direction: str
    traffic: tuple[Box, ...]
    unlimited: bool


def opened(old: Sequence[Document], new: Sequence[Document], namespace: str) -> Iterator[Opened]:
    """Yield what the pods of a hub may do in `new` that they may not do in `old`.

    `old` and `new`: all objects of the hub. Pods that only one side has are not compared.
    """
    before, after = ([doc for doc in side if doc.get("kind") == KIND] for side in (old, new))
    if _relevant(old, before, namespace) == _relevant(new, after, namespace):
        return
    for pods in _compared(old, new, before, namespace):
        for direction in _DIRECTIONS:
            (was, now), free = zip(
                *(
                    _allowed(policies, pods, direction, namespace, side)
                    for side, policies in enumerate((before, after))
                ),
                strict=True,
            )
            if more := without(now, was):
                yield Opened(pods, direction, tuple(more), unlimited=free[1] and not free[0])


def _relevant(
    documents: Sequence[Document], policies: Sequence[Document], namespace: str
) -> tuple[list[Any], dict[tuple[str, str, str], Any]]:
    """Return all that decides what pods may do: the rules, and the labels of pods that policies look at."""
    rules = [(_namespace(policy, namespace), policy.get("spec")) for policy in policies]
    boxes = [selected((policy.get("spec") or {}).get("podSelector"), "self") for policy in policies]
    keys = {key for box in boxes if box is not None for key in keys_of(box, "self")}
    return rules, {name: labelled(labels, "self", keys) for name, labels in _pods(documents).items()}


def _compared(
    old: Sequence[Document], new: Sequence[Document], before: Sequence[Document], namespace: str
) -> Iterator[Pods]:
    """Yield the workloads of both sides, and the pods of policies that select none of them, such as servers."""
    was, now = _pods(old), _pods(new)
    for name in was:
        if name in now:
            yield Pods(" ".join(name[::2]), (was[name], now[name]), {})
    seen = []
    for policy in before:
        box = selected(policy.get("spec", {}).get("podSelector"), "self")
        if box is None or box in seen or _namespace(policy, namespace) != namespace:
            continue
        seen.append(box)
        if not any(common(box, labelled(labels, "self", keys_of(box, "self"))) is not None for labels in was.values()):
            yield Pods(_labels(box, "self") or "all pods", None, box)


def _pods(documents: Iterable[Document]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return the labels of the pods that objects create, by the object's identity."""
    found = {}
    for document in documents:
        template = pod_template(document)
        if template is not None:
            found[identity(document)] = dict((template.get("metadata") or {}).get("labels") or {})
    return found


def _allowed(
    policies: Sequence[Document], pods: Pods, direction: str, namespace: str, side: int
) -> tuple[list[Box], bool]:
    """Return the traffic that policies allow to these pods, and whether no policy limits some of them."""
    boxes: list[Box] = []
    found: list[Box] = []
    for policy in policies:
        spec = policy.get("spec") or {}
        # Without policyTypes: ingress always, egress if there are rules for it.
        types = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
        box = selected(spec.get("podSelector"), "self")
        if direction not in types or box is None or _namespace(policy, namespace) != namespace:
            continue
        if pods.labels is not None:
            if common(box, labelled(pods.labels[side], "self", keys_of(box, "self"))) is None:
                continue
            box = {}
        boxes.append(box)
        found += [
            both
            for rule in spec.get(_DIRECTIONS[direction][0]) or []
            for traffic in _rule(rule, _DIRECTIONS[direction][1], namespace)
            if (both := common({**pods.selector, **traffic}, box)) is not None
        ]
    # No policy selects these pods: everything is allowed.
    free = without([pods.selector], boxes)
    return found + [{**who, **traffic} for who in free for traffic in _EVERYTHING], bool(free)


def _rule(rule: dict[str, Any], peers: str, namespace: str) -> Iterator[Box]:
    ports = _ports(rule.get("ports") or [])
    if not rule.get(peers):
        yield from ({**traffic, "port": ports} for traffic in _EVERYTHING)
        return
    for peer in rule[peers]:
        block = peer.get("ipBlock")
        if block is not None:
            addresses = _addresses([block.get("cidr")]) - _addresses(block.get("except") or [])
            if addresses:
                yield {"remote": only("address"), "address": addresses, "port": ports}
            continue
        pods = selected(peer.get("podSelector"), "pod")
        if peer.get("namespaceSelector") is not None:
            spaces = selected(peer["namespaceSelector"], "namespace")
        else:
            spaces = {f"namespace:{NAMESPACE_LABEL}": only(namespace)}
        if pods is not None and spaces is not None:
            yield {"remote": only("pod"), "port": ports, **pods, **spaces}


def _ports(rules: Sequence[dict[str, Any]]) -> Numbers:
    if not rules:
        return _ALL_PORTS
    ranges = []
    for rule in rules:
        protocol = str(rule.get("protocol") or "TCP")
        line = (_PROTOCOLS.index(protocol) if protocol in _PROTOCOLS else len(_PROTOCOLS)) * _LINE
        port = rule.get("port")
        if port is None:
            ranges.append((line + 1, line + _LINE - 1))
        elif isinstance(port, int):
            last = int(rule.get("endPort") or port)
            # Names stand for numbers, so all numbers include all names.
            ranges.append((line + port, line + (_LINE - 1 if (port, last) == (1, _NAMES - 1) else last)))
        else:
            number = _NAMES + int.from_bytes(str(port).encode())
            ranges.append((line + number, line + number))
    return _united(ranges)


def _addresses(blocks: Iterable[Any]) -> Numbers:
    ranges = []
    for block in blocks:
        try:
            network = ipaddress.ip_network(str(block), strict=False)
        except ValueError:
            continue  # Kubernetes refuses it
        start = int(network.network_address) + (_IPV6 if network.version == 6 else 0)
        ranges.append((start, start + network.num_addresses - 1))
    return _united(ranges)


def _united(ranges: Iterable[tuple[int, int]]) -> Numbers:
    result: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if result and first <= result[-1][1]:
            result[-1] = result[-1][0], max(result[-1][1], last)
        else:
            result.append((first, last))
    return Numbers(tuple(result))


def _namespace(policy: Document, default: str) -> str:
    return str((policy.get("metadata") or {}).get("namespace") or default)


def networks(addresses: Numbers) -> list[str]:
    """Return addresses as networks: `10.0.0.0/8`. All addresses of a version are one network."""
    found: list[str] = []
    for version, start in ((4, 0), (6, _IPV6)):
        size = 1 << (32 if version == 4 else 128)
        kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
        for first, last in (addresses & Numbers(((start, start + size - 1),))).ranges:
            summary = ipaddress.summarize_address_range(kind(first - start), kind(last - start))
            found += [str(network) for network in summary]
    return found


def is_everywhere(addresses: Numbers) -> bool:
    """Return whether these are all addresses of IPv4 or of IPv6."""
    return any(network in ("0.0.0.0/0", "::/0") for network in networks(addresses))


def ports(numbers: Numbers) -> list[str]:
    """Return ports as text: `443`, `http`, `53/UDP`, `8000-8010`. An empty list means all ports."""
    if not _ALL_PORTS - numbers:
        return []
    found = []
    for line, protocol in enumerate((*_PROTOCOLS, "other")):
        suffix = "" if protocol == "TCP" else f"/{protocol}"
        here = numbers & Numbers(((line * _LINE, line * _LINE + _LINE - 1),))
        for first, last in here.ranges:
            a, b = first % _LINE, last % _LINE
            if a < _NAMES <= b:
                found.append(f"{protocol} {'' if a <= 1 else f'from {a}'}".strip())
            elif a >= _NAMES:
                found.append(_name(a) + suffix if a == b else f"named ports{suffix}")
            else:
                found.append((f"{a}" if a == b else f"{a}-{b}") + suffix)
    return found


def _name(number: int) -> str:
    value = number - _NAMES
    return value.to_bytes((value.bit_length() + 7) // 8).decode(errors="replace")


def _labels(box: Box, dimension: str) -> str:
    """Return the labels that a box restricts as text: `app=jupyterhub, component!=hub`."""
    found = []
    for key in sorted(keys_of(box, dimension)):
        values = box[f"{dimension}:{key}"]
        if isinstance(values, Values):
            names = sorted("(none)" if item is None else item for item in values.items)
            if names:
                found.append(f"{key}{'!=' if values.others else '='}{'|'.join(names)}")
    return ", ".join(found)


def peer(box: Box) -> str:
    """Return the other side of traffic as text, without ports."""
    address = box.get("address")
    if isinstance(address, Numbers):
        if is_everywhere(address):
            return "every address"
        found = networks(address)
        return ", ".join(found[:4]) + (f" and {len(found) - 4} more networks" if len(found) > 4 else "")
    pods, spaces = _labels(box, "pod"), _labels(box, "namespace")
    where = f" in the namespaces {spaces}" if spaces else " in every namespace"
    name = box.get(f"namespace:{NAMESPACE_LABEL}")
    if isinstance(name, Values) and not name.others and len(keys_of(box, "namespace")) == 1:
        where = f" in the namespace {', '.join(sorted(map(str, name.items)))}"
    return (f"pods with {pods}" if pods else "all pods") + where
