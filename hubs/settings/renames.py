"""Recognise a renamed community or hub by its secrets: the old name's are not used, and the new name's are missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hubs.settings.hub import Hub
from hubs.settings.layers import Node, Source
from hubs.settings.missing import lacking
from hubs.settings.secrets import PURPOSES
from hubs.settings.stack import Stack
from hubs.settings.todo import Todo

Communities = Sequence[tuple[str, Node | None]]
"""The communities of a stack by name, with their files. None: the file can't be used."""


@dataclass(frozen=True)
class Rename:
    """A community, or a hub as `community/hub`, that probably has a new name. `source`: the secrets of the old name."""

    old: str
    new: str
    source: Source
    hubs: tuple[str, ...]
    confirmed: bool
    """Whether each of the hubs has `renamed_from`, which a deployed one needs."""

    @property
    def todo(self) -> Todo:
        """What to do."""
        old, new = (name.rpartition("/")[2] for name in (self.old, self.new))
        above = ".".join(["imagebuilding:secrets", *self.old.split("/")[:-1]])
        first = f"rename the key {old} below {above} to {new} too"
        if not self.confirmed:
            is_hub = "/" in self.old
            where = "it is deployed, also write" if is_hub else "its hubs are deployed, also write"
            first += f"; if {where} renamed_from: {old if is_hub else f'{old}/HUB'} into {'it' if is_hub else 'each'}"
        what = f"{self.old} was renamed to {self.new}, but its secrets were not"
        return Todo(self.source, self.new, self.hubs, what, first, ())


def renames(stack: Stack, secrets: Node, communities: Communities) -> list[Rename]:
    """Return what was renamed, where it is clear. `secrets`: `imagebuilding:secrets`, before anything is filled in."""
    without = [hub for hub in stack.hubs if "auth" in lacking(stack, hub) and not _has_own(secrets, hub)]
    return [*_communities(without, secrets, communities), *_hubs(without, secrets, communities)]


def _has_own(secrets: Node, hub: Hub) -> bool:
    return secrets.at(hub.community, hub.name) is not None


def _communities(without: Sequence[Hub], secrets: Node, communities: Communities) -> Iterator[Rename]:
    known = {name for name, _ in communities}
    old = {key: _hub_names(node) for key, node in secrets.value.items() if key not in known and key not in PURPOSES}
    new = {hub.community for hub in without if secrets.get(hub.community) is None}
    for name, hubs in old.items():
        fits = [
            community
            for community in new
            if not hubs or hubs & {hub.name for hub in without if hub.community == community}
        ]
        if len(fits) == 1 and sum(bool(not other or other & hubs or not hubs) for other in old.values()) == 1:
            yield _rename(name, fits[0], secrets.value[name], [hub for hub in without if hub.community == fits[0]])


def _hubs(without: Sequence[Hub], secrets: Node, communities: Communities) -> Iterator[Rename]:
    for community, node in communities:
        own = secrets.get(community)
        if node is None or own is None:
            continue
        old = _hub_names(own) - set(node.value["hubs"].value)
        new = [hub for hub in without if hub.community == community]
        if len(old) == len(new) == 1:
            name = old.pop()
            yield _rename(f"{community}/{name}", new[0].key, own.value[name], new)


def _rename(old: str, new: str, secrets: Node, hubs: Sequence[Hub]) -> Rename:
    confirmed = all(hub.renamed_from is not None for hub in hubs)
    return Rename(old, new, secrets.source, tuple(hub.key for hub in hubs), confirmed)


def _hub_names(node: Node) -> set[str]:
    """Return the names of the hubs that a community's secrets are for."""
    return set(node.value) - PURPOSES if node.is_mapping else set()
