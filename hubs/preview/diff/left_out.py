"""Hubs that a plan leaves out because of mistakes: they are compared in neither direction, and never look removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hubs.preview.diff.resources import Resource, hubs_of

if TYPE_CHECKING:
    from hubs.preview.diff.compare import State


@dataclass(frozen=True)
class NotCompared:
    """A hub that is not compared. `hub` is `community/hub`, or a community if its file can't be read.

    `old` and `new`: the problems of its settings on each side, one line each.
    """

    hub: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def comparable(old: State, new: State) -> tuple[State, State, tuple[NotCompared, ...]]:
    """Return both states without the hubs that one of them leaves out, and these hubs."""
    keys = sorted({*old.left_out, *new.left_out})
    if not keys:
        return old, new, ()
    names = display_names(old.resources) | display_names(new.resources)
    left_out = tuple(NotCompared(key, old.left_out.get(key, ()), new.left_out.get(key, ())) for key in keys)
    return _without(old, keys, names), _without(new, keys, names), left_out


def why_not(hub: NotCompared) -> list[str]:
    """Return why a hub is not compared, as lines of a report."""
    lines = [f"! {line}" for line in hub.new]
    if hub.old:
        lines += ["  before the change, its settings have a mistake:", *(f"  {line}" for line in hub.old)]
    return lines


def display_names(resources: Iterable[Resource]) -> dict[str, str]:
    """Return the names of the hubs (`ocean/prod`) by the names of their components (`ocean-prod`). Plans of release
    0.1.0 and earlier do not contain them."""
    return {resource["name"]: str(resource["hub"]) for resource in resources if "hub" in resource}


def _without(state: State, keys: Sequence[str], names: Mapping[str, str]) -> State:
    hubs, gone = hubs_of(state.resources), _matches(keys)

    def stays(resource: Resource) -> bool:
        name = hubs.get((resource["type"], resource["name"]))
        return not name or not gone(names.get(name, name))

    settings = state.settings
    if settings is not None:
        settings = replace(settings, hubs=[hub for hub in settings.hubs if not gone(hub.key)])
    return replace(state, resources=[item for item in state.resources if stays(item)], settings=settings)


def _matches(keys: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that says whether a hub, by either of its names, is one of `keys` or in one of them."""

    def gone(name: str) -> bool:
        community, slash, _ = name.partition("/")
        if slash:
            return name in keys or community in keys
        return any(name == key.replace("/", "-") or ("/" not in key and name.startswith(f"{key}-")) for key in keys)

    return gone
