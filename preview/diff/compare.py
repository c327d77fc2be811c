"""Two states of a stack compared: hubs, their releases and objects, resources, secrets and dangers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from preview import manifests
from preview.charts import local_digest
from preview.diff import dangers
from preview.diff.ciphertext import SecretChanges, compare_secrets, mark_changed, secrets_in
from preview.diff.leaves import MISSING, Change, changes
from preview.diff.objects import ObjectChange, compare_objects
from preview.diff.resources import Resource, ResourceChange, compare_resources, hubs_of
from preview.releases import RELEASE_TYPE, ChartReference, Release, releases_of
from preview.render import Rendered
from preview.stack_file import kubernetes_version

Renderer = Callable[[Sequence[Release], Path], Sequence[Rendered]]
"""Renders releases whose local charts are relative to a folder, in the order given."""


@dataclass(frozen=True)
class State:
    """A stack at one revision: its planned resources, its file's content, and the tree that charts are found in."""

    resources: Sequence[Resource]
    file: dict[str, Any]
    root: Path


@dataclass(frozen=True)
class ReleaseChange:
    """A release that differs. ``problem``: why it could not be rendered, or empty.

    Of a new one, ``values`` is one change: all of them.
    """

    name: str
    chart: str
    versions: tuple[str, str]
    values: tuple[Change, ...]
    objects: tuple[ObjectChange, ...]
    problem: str = ""

    @property
    def new_version(self) -> bool:
        """Whether it is another version of the chart."""
        return self.versions[0] != self.versions[1]


@dataclass(frozen=True)
class HubChange:
    """A hub that differs. ``action``: added, removed or changed."""

    name: str
    action: str
    releases: tuple[ReleaseChange, ...]
    resources: tuple[ResourceChange, ...]
    dangers: tuple[str, ...]


@dataclass(frozen=True)
class StackChange:
    """All that differs in a stack. ``shared``: resources that belong to no hub, with their ``dangers``.

    ``loose_secrets``: secrets that changed and reach no release.
    """

    stack: str
    hubs: tuple[HubChange, ...] = ()
    shared: tuple[ResourceChange, ...] = ()
    dangers: tuple[str, ...] = ()
    secrets: SecretChanges = field(default_factory=SecretChanges)
    loose_secrets: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not self.hubs and not self.shared and self.secrets == SecretChanges()


def compare(stack: str, old: State, new: State, render: Renderer) -> StackChange:
    """Everything that differs from ``old`` to ``new``; ``render`` is asked only for the releases that may."""
    secrets = compare_secrets(secrets_in(old.file), secrets_in(new.file))
    planned = mark_changed(new.resources, secrets.changed)
    loose = tuple(path for path in secrets.changed if f"[secret {path}]" not in manifests.canonical(new.resources))
    new = State(planned, new.file, new.root)
    resources = compare_resources(old.resources, new.resources)
    hubs = hubs_of(old.resources) | hubs_of(new.resources)
    releases = _releases(old, new, render)

    before, after = _names(old.resources), _names(new.resources)
    names = [change.hub for change in resources] + [hubs.get((RELEASE_TYPE, key), "") for key in releases]
    changed = []
    for name in sorted({name for name in names if name}):
        action = "added" if name not in before else "removed" if name not in after else "changed"
        own = tuple(change for change in resources if change.hub == name)
        parts = tuple(part for key, part in releases.items() if hubs.get((RELEASE_TYPE, key)) == name)
        changed.append(HubChange(name, action, parts, own, _dangers(action, own, parts)))
    shared = tuple(change for change in resources if not change.hub)
    return StackChange(stack, tuple(changed), shared, _dangers("changed", shared, ()), secrets, loose)


def _names(resources: Sequence[Resource]) -> set[str]:
    return set(hubs_of(resources).values())


def _releases(old: State, new: State, render: Renderer) -> dict[str, ReleaseChange]:
    """The releases that are new or differ, by their resource's name. Only these are rendered."""
    before, after = _by_name(old), _by_name(new)
    was_archive, is_archive = _archives(before.values(), old.root), _archives(after.values(), new.root)
    differ = [
        name
        for name, release in after.items()
        if name not in before
        or release != before[name]
        or manifests.canonical(release.values) != manifests.canonical(before[name].values)  # 1 is not true
        or was_archive[before[name].chart] != is_archive[release.chart]
    ]
    earlier = [name for name in differ if name in before]
    first = dict(zip(earlier, render([before[name] for name in earlier], old.root), strict=True))
    second = render([after[name] for name in differ], new.root)
    return {
        name: _release(before.get(name), first.get(name), after[name], now)
        for name, now in zip(differ, second, strict=True)
    }


def _release(before: Release | None, was: Rendered | None, after: Release, now: Rendered) -> ReleaseChange:
    if before is None or was is None:
        values = [Change((), MISSING, after.values)]
        was = Rendered(after, "", "", now.chart, now.version)
    else:
        values = changes(before.values, after.values)
    problem = was.problem or now.problem
    objects = [] if problem else compare_objects(was.text, now.text, values)
    return ReleaseChange(after.name, now.chart, (was.version, now.version), tuple(values), tuple(objects), problem)


def _by_name(state: State) -> dict[str, Release]:
    planned = [resource for resource in state.resources if resource["type"] == RELEASE_TYPE]
    releases = releases_of(planned, kubernetes_version(state.file))
    return {str(resource["name"]): release for resource, release in zip(planned, releases, strict=True)}


def _archives(releases: Iterable[Release], root: Path) -> dict[ChartReference, str | None]:
    """The digests of local archives: one may change under the same name."""
    return {chart: local_digest(chart, root) for chart in {release.chart for release in releases}}


def _dangers(action: str, resources: Sequence[ResourceChange], releases: Sequence[ReleaseChange]) -> tuple[str, ...]:
    """Each named once, in the order: what is lost, who gets in, what moves."""
    found: list[str] = []
    if action == "removed":
        found += dangers.removed_hub_dangers(resources)
    else:
        found += dangers.moved_homes(resources)
        for resource in resources:
            found += dangers.resource_dangers(resource)
    for release in releases:
        found += dangers.version_dangers(release.chart, *release.versions)
        for change in release.objects:
            found += dangers.object_dangers(change)
        if [change.path for change in release.values] == [()]:
            found += dangers.new_hub_dangers(release.values[0].new)
        else:
            found += dangers.values_dangers(release.values)
    return tuple(dict.fromkeys(found))
