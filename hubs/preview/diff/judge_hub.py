"""Judge what changes about a hub besides its settings: its resources, the objects of its releases, and its charts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hubs.preview.diff.claims import Claims
from hubs.preview.diff.contents import NAMESPACE
from hubs.preview.diff.judged import Judgement, Origin
from hubs.preview.diff.kubernetes.judge import Objects, judge_objects
from hubs.preview.diff.resource_judgements import (
    is_covered_by_move,
    moved_homes,
    not_compared,
    resource_judgements,
)
from hubs.preview.diff.resources import Resource, ResourceChange
from hubs.preview.diff.retained import removed_hub, retention
from hubs.preview.diff.upgrades import CHARTS, chart_judgement, default_judgements, software_judgements
from hubs.preview.manifests import Document
from hubs.preview.releases import RELEASE_TYPE
from hubs.settings.layers import value_at

if TYPE_CHECKING:
    from hubs.preview.diff.compare import HubChange, ReleaseChange


@dataclass(frozen=True)
class Sides:
    """A hub's planned resources before and after, and the version of Kubernetes of its cluster on both sides."""

    resources: tuple[Sequence[Resource], Sequence[Resource]]
    kubernetes: tuple[str, str]


def hub_judgements(
    hub: HubChange, sides: Sides, claims: Mapping[str, Claims], *, settings_compared: bool
) -> Iterator[Judgement]:
    """Yield what the changes of a hub mean that its settings and values do not say themselves.

    `claims`: those of releases that are removed or replaced. `settings_compared`: the judgements of settings say that
    home directories move.
    """
    old = sides.resources[0]
    if hub.action == "removed":
        yield from removed_hub(hub.resources, old, claims)
    else:
        yield from retention(hub.resources, old, hub.name)
    moved = hub.action == "changed" and hub.homes[0] != hub.homes[1]
    if moved and not settings_compared:
        yield moved_homes(hub.resources, hub.homes)
    for release in hub.releases:
        yield from _chart(release)
    if hub.action == "changed":
        for resource in hub.resources:
            if not (moved and is_covered_by_move(resource)):
                yield from resource_judgements(resource, claims)
        yield from _objects(hub, sides)


def explained(settings: Iterable[Judgement], found: Iterable[Judgement]) -> Iterator[Judgement]:
    """Yield all judgements of a hub. What is known about another version of a chart, and about what `decommission`
    deletes, replaces what its setting says."""
    by_path = {one.path: one for one in settings}
    better = []
    for one in found:
        setting = by_path.get(f"{one.path}.version" if one.path.startswith(CHARTS) else one.path)
        if setting is not None and one.origin is Origin.VALUE and one.path.startswith(CHARTS):
            better.append(setting)
            yield replace(one, path=setting.path, source=setting.source, origin=Origin.SETTING)
        elif setting is not None and one.origin is Origin.DECOMMISSION:
            better.append(setting)
            yield replace(one, source=setting.source)
        else:
            yield one
    yield from (one for one in settings if one not in better)


def shared_judgements(change: ResourceChange) -> Iterator[Judgement]:
    """Yield what the change of a resource means that belongs to no hub."""
    yield from retention([change], ())
    yield from resource_judgements(change, {})


def _chart(release: ReleaseChange) -> Iterator[Judgement]:
    before, after = release.software
    exists = bool(release.versions[0]) and not release.added
    if exists and release.new_version:
        yield chart_judgement(release.chart, *release.versions, release.software)
        yield from default_judgements(release.chart, *release.documents, release.values)
    if after is not None:
        yield from software_judgements(before, after, new_chart=release.new_version)
    if release.problem:
        yield not_compared(release.name, release.problem, refused=release.refused)


def _objects(hub: HubChange, sides: Sides) -> Iterator[Judgement]:
    replaced = {resource.inputs.get("name") for resource in hub.resources if resource.action == "replaced"}
    compared = [release for release in hub.releases if not release.added and release.name not in replaced]
    rendered = [[document for release in compared for document in release.documents[side]] for side in (0, 1)]
    managed = [_managed(resources) for resources in sides.resources]
    before, after = (Objects(rendered[side], managed[side], version) for side, version in enumerate(sides.kubernetes))
    if compared or managed[0] != managed[1]:
        yield from judge_objects(before, after, _namespace(sides.resources[1]))


def _managed(resources: Sequence[Resource]) -> list[Document]:
    """Return the Kubernetes objects that Pulumi creates itself, as manifests."""
    return [
        dict(resource["inputs"])
        for resource in resources
        if resource["type"].startswith("kubernetes:")
        and resource["type"] != RELEASE_TYPE
        and "kind" in resource["inputs"]
    ]


def _namespace(resources: Sequence[Resource]) -> str:
    names = [value_at(r["inputs"], "metadata", "name") for r in resources if r["type"] == NAMESPACE]
    return str(names[0]) if names else "default"
