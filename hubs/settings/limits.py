"""Guarantees and limits of servers: no guarantee may be above its limit, or Kubernetes refuses the server.

What is written counts. A default follows it: with `memory: {guarantee: 4G}` alone, the limit is 4G and not the default.
This holds for a profile and a choice, too: if only its guarantee is written, and nothing but the program's default says
what the limit is, then the limit follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.kubespawner import CHART
from hubs.settings.layers import Found, Path, mapping
from hubs.settings.overrides import Override, overrides, profile_overrides
from hubs.settings.pod_rules import is_device
from hubs.settings.sizes import amount, cpu, memory_bytes

_READ: dict[str, Callable[[Any], float]] = {"mem": memory_bytes, "cpu": cpu}
_SETTING = {"mem": "memory", "cpu": "cpu"}


@dataclass(frozen=True)
class Size:
    """A guarantee or limit that applies. `path` is where it is written, or empty for the program's default."""

    value: Any
    path: Path = ()

    def number(self, resource: str) -> float | None:
        """The bytes or cores. None for no guarantee or limit, and for a value that can't be read."""
        try:
            return (float(_READ.get(resource, amount)(self.value)) or None) if self.value is not None else None
        except ValueError:
            return None


def _size(value: Any, path: Path) -> Size:
    return Size(value if isinstance(value, int | float | str) else None, path)


@dataclass(frozen=True)
class Pair:
    """Guarantee and limit of a resource at some point of KubeSpawner's way to a server: `mem`, `cpu`, or another one of
    Kubernetes' own resources, such as `ephemeral-storage`."""

    resource: str
    guarantee: Size
    limit: Size

    @property
    def contradicts(self) -> bool:
        """Whether the guarantee is above the limit."""
        guarantee, limit = self.guarantee.number(self.resource), self.limit.number(self.resource)
        return guarantee is not None and limit is not None and guarantee > limit

    def after(self, item: Override) -> Pair:
        """The pair after an override was applied."""
        pair = self
        for word in ("guarantee", "limit"):
            if (size := _written(item, self.resource, word)) is not None:
                pair = pair.having(word, size)
        return pair

    def having(self, word: str, size: Size) -> Pair:
        """The pair with another `guarantee` or `limit`."""
        return replace(self, guarantee=size) if word == "guarantee" else replace(self, limit=size)

    def followed(self) -> Pair:
        """The pair in which a default follows what is written."""
        if not self.contradicts:
            return self
        if not self.limit.path:
            return replace(self, limit=Size(self.guarantee.value))
        if not self.guarantee.path:
            return replace(self, guarantee=Size(self.limit.value))
        return self


def _written(item: Override, resource: str, word: str) -> Size | None:
    """Return what an override says about a resource, or None if it says nothing."""
    name = f"{resource}_{word}" if resource in _READ else f"extra_resource_{word}s"
    if resource in _READ:
        return _size(item.traits[name], (*item.path, name)) if name in item.traits else None
    found = item.traits.get(name)
    if not isinstance(found, dict) or resource not in found:
        return None
    return _size(found[resource], (*item.path, name, resource))


def _extra_pairs(hub: Hub) -> Iterator[Pair]:
    """Yield a pair for each of Kubernetes' own resources that a profile, or the hub's own `values`, name as extra."""
    path = ("values", "jupyterhub", "singleuser", "extraResource")
    below = {word: mapping(hub.values, *path[1:], f"{word}s") for word in ("guarantee", "limit")}
    traits = [item.traits.get(f"extra_resource_{word}s") for item in overrides(hub) for word in below]
    names = dict.fromkeys(name for found in (*below.values(), *traits) if isinstance(found, dict) for name in found)
    for name in names:
        if not is_device(name):
            sizes = {word: _size(found.get(name), (*path, f"{word}s", name)) for word, found in below.items()}
            yield Pair(name, sizes["guarantee"], sizes["limit"])


def server_pairs(hub: Hub) -> list[Pair]:
    """Return guarantee and limit of servers for which no profile says something else: `resources`, over which the
    hub's own `values` are merged. Defaults follow what is written."""
    return [_with_values(hub, pair).followed() for pair in _written_pairs(hub)]


def own_pairs(hub: Hub) -> list[Pair]:
    """Return guarantee and limit in `resources`. Defaults follow what is written, in the hub's own `values` too."""
    return [_own(pair, _with_values(hub, pair).followed()).followed() for pair in _written_pairs(hub)]


def _own(pair: Pair, merged: Pair) -> Pair:
    guarantee = pair.guarantee if pair.guarantee.path or merged.guarantee.path else merged.guarantee
    limit = pair.limit if pair.limit.path or merged.limit.path else merged.limit
    return replace(pair, guarantee=guarantee, limit=limit)


def _written_pairs(hub: Hub) -> Iterator[Pair]:
    for resource, name in _SETTING.items():
        written = getattr(hub.resources, name)
        sizes = {}
        for word in ("guarantee", "limit"):
            path = ("resources", name, word) if word in written.model_fields_set else ()
            sizes[word] = Size(getattr(written, word), path)
        yield Pair(resource, sizes["guarantee"], sizes["limit"])


def _with_values(hub: Hub, pair: Pair) -> Pair:
    values = hub.values.get("jupyterhub", {})
    for word in ("guarantee", "limit"):
        trait = f"{pair.resource}_{word}"
        for place in (
            ("singleuser", *CHART[trait].split(".")),
            ("hub", "config", "KubeSpawner", trait),
        ):
            below: Any = values
            for step in place:
                below = below.get(step, ...) if isinstance(below, dict) else ...
            if below is not ...:
                pair = pair.having(word, _size(below, ("values", "jupyterhub", *place)))
    return pair


def additions(pairs: list[Pair], item: Override) -> dict[str, Any]:
    """Return the traits to add to an override so that it works. `pairs` are all that can apply before it.

    The limit of a device, such as nvidia.com/gpu, is always its guarantee: Kubernetes accepts no other one.
    """
    added: dict[str, Any] = {}
    for resource, read in _READ.items():
        after = [pair.after(item) for pair in pairs if pair.resource == resource]
        for word, best in (("guarantee", min), ("limit", max)):
            sizes = [getattr(pair, word) for pair in after]
            followed = [getattr(pair.followed(), word) for pair in after]
            if followed != sizes and not any(size.path for size in sizes):
                added[f"{resource}_{word}"] = best((size.value for size in followed), key=read)
    if item.traits.get("privileged") is True and "allow_privilege_escalation" not in item.traits:
        added["allow_privilege_escalation"] = True  # the chart's default is false, which Kubernetes refuses here
    guarantees, limits = _devices(item, "guarantees"), _devices(item, "limits")
    missing = {name: value for name, value in guarantees.items() if value is not None and name not in limits}
    if missing:
        added["extra_resource_limits"] = {**(item.traits.get("extra_resource_limits") or {}), **missing}
    return added


def through(pairs: list[Pair], choices: tuple[Override, ...]) -> list[Pair]:
    """Return all pairs that can apply after one of the choices."""
    following: dict[Pair, None] = {}
    for item in choices or (Override((), {}),):
        extended = replace(item, traits={**item.traits, **additions(pairs, item)})
        for pair in pairs:
            following[_with_origin(pair.after(extended), item)] = None
    return list(following)


def _with_origin(pair: Pair, item: Override) -> Pair:
    """Return the pair with defaults that followed marked as such: nobody wrote them."""
    for word in ("guarantee", "limit"):
        size = getattr(pair, word)
        name = f"{pair.resource}_{word}"
        if size.path == (*item.path, name) and name not in item.traits:
            pair = pair.having(word, Size(size.value))
    return pair


def limit_problems(hub: Hub) -> Found:
    """Yield guarantees above limits, for every selection that a person can make."""
    base = [*server_pairs(hub), *_extra_pairs(hub)]
    contradictory = [pair for pair in base if pair.contradicts]
    for pair in contradictory:
        yield _contradiction(pair)
    base = [pair for pair in base if pair not in contradictory]
    for key, profile in hub.named_profiles:
        own, menus = profile_overrides(("profiles", key), profile)
        pairs = through(base, (own,))
        for item in (own, *(choice for menu in menus for choice in menu.choices)):
            yield from _device_problems(item)
        for menu in menus:
            yield from _contradictions(pairs)
            pairs = through([pair for pair in pairs if not pair.contradicts], menu.choices)
        yield from _contradictions(pairs)


def _contradictions(pairs: list[Pair]) -> Found:
    yield from dict.fromkeys(_contradiction(pair) for pair in pairs if pair.contradicts)


def _contradiction(pair: Pair) -> tuple[Path, str]:
    """Return the place of what was applied last, and what it contradicts."""
    first, last = ("limit", "guarantee") if _later(pair.guarantee, pair.limit) else ("guarantee", "limit")
    one, other = getattr(pair, last), getattr(pair, first)
    more, where = ("more" if last == "guarantee" else "less"), ".".join(map(str, other.path)) or "default"
    hint = ": raise the limit, or write null for none" if last == "guarantee" else ": write a guarantee too"
    return one.path, f"{one.value} is {more} than the {first} {other.value} ({where}){hint}"


def _later(one: Size, other: Size) -> bool:
    """Whether `one` is applied after `other`: a profile after resources, a choice after a profile."""
    return (one.path[:1] == ("profiles",), len(one.path)) >= (other.path[:1] == ("profiles",), len(other.path))


def _devices(item: Override, word: str) -> dict[str, Any]:
    return {name: value for name, value in mapping(item.traits, f"extra_resource_{word}").items() if is_device(name)}


def _device_problems(item: Override) -> Found:
    limits = _devices(item, "limits")
    for name, value in _devices(item, "guarantees").items():
        if value is None or limits.get(name) is None:
            continue
        try:
            if amount(value) != amount(limits[name]):
                path = (*item.path, "extra_resource_guarantees", name)
                yield (
                    path,
                    f"must be the same as in extra_resource_limits, {limits[name]}: Kubernetes does not share devices",
                )
        except ValueError:
            continue
