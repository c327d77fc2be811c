"""Compare two states of a stack: hubs, their releases and objects, resources, secrets, and what the changes mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as Folder
from typing import TYPE_CHECKING, Any

from hubs import yaml_text
from hubs.preview.cache import canonical
from hubs.preview.charts import local_digest
from hubs.preview.configuration import kubernetes_version
from hubs.preview.diff.causes import nearest
from hubs.preview.diff.ciphertext import SecretChanges, compare_secrets, mark_changed, secrets_in
from hubs.preview.diff.claims import Claims, claims_of
from hubs.preview.diff.homes import home_place
from hubs.preview.diff.hub_software import HubSoftware, hub_software
from hubs.preview.diff.images import ImageChange, image_changes
from hubs.preview.diff.judge_hub import Sides, explained, hub_judgements, shared_judgements
from hubs.preview.diff.judged import Judged, Judgement, Level
from hubs.preview.diff.leaves import MISSING, Change, changes
from hubs.preview.diff.left_out import NotCompared, comparable, display_names
from hubs.preview.diff.new_warnings import new_warnings
from hubs.preview.diff.objects import ObjectChange, compare_objects
from hubs.preview.diff.options_diff import Line, page_changes
from hubs.preview.diff.ordering import objects_in_order, values_in_order
from hubs.preview.diff.release_judgements import Releases, release_judgements
from hubs.preview.diff.resources import Resource, ResourceChange, compare_resources, hubs_of
from hubs.preview.manifests import Document
from hubs.preview.releases import RELEASE_TYPE, ChartReference, Release, releases_of
from hubs.preview.render import Rendered
from hubs.settings.hub_versions import image_of

if TYPE_CHECKING:
    from hubs.settings.stack import Stack

Renderer = Callable[[Sequence[Release], Folder], Sequence[Rendered]]
"""A function that renders releases in the order given. The folder is the one that local charts are relative to."""


@dataclass(frozen=True)
class State:
    """A stack at one revision: its planned resources, the content of its file, and the tree with its local charts.

    `settings` are read by this program. They are None if the revision has no such stack, or if this program can't read
    them, for example those of an older version: `unreadable` is then the reason. `left_out` are the problems of hubs
    that are not in the plan, by hub or community, as in `hubs.preview.planner.Plan`.
    """

    resources: Sequence[Resource]
    file: dict[str, Any]
    root: Folder
    settings: Stack | None = None
    unreadable: str = ""
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ReleaseChange:
    """A release that differs. `problem`: why it could not be rendered, or empty.

    For a new release, `values` is one change that contains all values.
    """

    name: str
    chart: str
    versions: tuple[str, str]
    values: tuple[Change, ...]
    objects: tuple[ObjectChange, ...]
    problem: str = ""
    images: tuple[ImageChange, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    """What its changed values mean, if no changed setting explains them."""
    software: tuple[HubSoftware | None, HubSoftware | None] = (None, None)
    """Chart and hub image before and after, if it installs the hub."""
    documents: tuple[Sequence[Document], Sequence[Document]] = field(default=((), ()), repr=False)
    """The rendered objects before and after. Secrets have their content."""
    refused: bool = False
    """Helm refuses the new values: the problem makes an update fail."""
    page: tuple[Line, ...] = ()
    """The options page as text, if it changes."""

    @property
    def new_version(self) -> bool:
        """Whether the chart's version changes."""
        return self.versions[0] != self.versions[1]

    @property
    def added(self) -> bool:
        """Whether the release is new."""
        return [change.path for change in self.values] == [()]


@dataclass(frozen=True)
class HubChange:
    """A hub that differs. `action`: added, removed or changed. `homes`: old and new location of home directories.

    `judgements`: what its changes touch. Changes that concern all hubs are those of the stack.
    """

    name: str
    action: str
    releases: tuple[ReleaseChange, ...]
    resources: tuple[ResourceChange, ...]
    homes: tuple[str, str] = ("", "")
    judgements: tuple[Judgement, ...] = ()


@dataclass(frozen=True)
class StackChange:
    """All differences of a stack. `shared`: resources that belong to no hub.

    `loose_secrets`: changed secrets that no resource uses. `judgements`: what changes of the cluster and the registry
    touch. `not_compared`: hubs that one of both sides leaves out, because their settings have problems.
    """

    stack: str
    hubs: tuple[HubChange, ...] = ()
    shared: tuple[ResourceChange, ...] = ()
    secrets: SecretChanges = field(default_factory=SecretChanges)
    loose_secrets: tuple[str, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()
    names: tuple[str, ...] = ()
    """All hubs of both revisions, in the order of their files."""
    todos: tuple[str, ...] = ()
    """What to do before the new settings can be deployed."""
    warnings: tuple[str, ...] = ()
    """Warnings about the new settings that the old ones did not have."""
    unreadable: str = ""
    """Why the settings were not compared, or empty."""

    @property
    def empty(self) -> bool:
        """Whether nothing differs, as far as it is known."""
        compared = (self.hubs, self.shared, self.judgements, self.warnings, self.not_compared)
        return not any(compared) and self.secrets == SecretChanges()


def compare(stack: str, old: State, new: State, render: Renderer) -> StackChange:
    """Return all differences between `old` and `new`. Only releases that may differ are rendered."""
    warnings = tuple(new_warnings(old.settings, new.settings))
    old, new, not_compared = comparable(old, new)
    secrets = compare_secrets(secrets_in(old.file), secrets_in(new.file))
    planned = mark_changed(new.resources, secrets.changed)
    loose = tuple(path for path in secrets.changed if f"[secret {path}]" not in canonical(new.resources))
    new = replace(new, resources=planned)
    resources = compare_resources(old.resources, new.resources)
    hubs = hubs_of(old.resources) | hubs_of(new.resources)
    releases = _releases(old, new, render)
    claims = _claims(old, resources, render)

    before, after = _by_hub(old.resources), _by_hub(new.resources)
    judged = _settings(old, new)
    names = {change.hub for change in resources} | {hubs.get((RELEASE_TYPE, key), "") for key in releases}
    names |= {name for name, found in judged.hubs.items() if found}
    homes = {name: (home_place(before.get(name, ())), home_place(after.get(name, ()))) for name in names if name}
    versions = kubernetes_version(old.file), kubernetes_version(new.file)
    called = display_names(old.resources) | display_names(new.resources)
    changed = []
    for name, places in sorted(homes.items()):
        action = "added" if name not in before else "removed" if name not in after else "changed"
        own = tuple(change for change in resources if change.hub == name)
        parts = tuple(part for key, part in releases.items() if hubs.get((RELEASE_TYPE, key)) == name)
        hub = HubChange(called.get(name, name), action, parts, own, places)
        sides = Sides((before.get(name, ()), after.get(name, ())), versions)
        found = hub_judgements(hub, sides, claims, settings_compared=judged.compared)
        moved = action == "changed" and places[0] != places[1] and not judged.compared
        by_path = (one for part in parts for one in part.judgements if not (moved and _home(one)))
        judgements = nearest(
            [*explained(judged.hubs.get(name, ()), found), *by_path],
            judged.stack,
            new_chart=any(part.new_version and not part.added for part in parts),
        )
        ordered = tuple(
            replace(
                part,
                objects=objects_in_order(part.chart, part.objects, judgements),
                values=values_in_order(part.chart, part.values) if part.new_version else part.values,
            )
            for part in parts
        )
        changed.append(replace(hub, releases=ordered, judgements=judgements))
    shared = tuple(change for change in resources if not change.hub)
    judgements = nearest([*judged.stack, *(one for change in shared for one in shared_judgements(change))])
    dangerous = {one.path for hub in changed for one in hub.judgements if one.level is Level.DANGEROUS}
    return StackChange(
        stack,
        tuple(changed),
        shared,
        secrets,
        loose,
        judgements,
        names=tuple(dict.fromkeys([*_written(new), *_written(old), *(called.get(name, name) for name in homes)])),
        todos=tuple(map(str, new.settings.todo)) if new.settings else (),
        warnings=tuple(str(one) for one in warnings if one.path.rpartition(": ")[2] not in dangerous),
        not_compared=not_compared,
        unreadable=old.unreadable or new.unreadable,
    )


def _written(state: State) -> list[str]:
    return [hub.key for hub in state.settings.hubs] if state.settings else []


def _settings(old: State, new: State) -> Judged:
    """Return what changed settings touch, and that they could not be compared if a revision can't be read."""
    from hubs.preview.diff.settings_changes import settings_judgements

    reasons = [state.unreadable for state in (old, new) if state.unreadable]
    if reasons:
        text = f"settings are not compared, only what follows from them: {reasons[0].splitlines()[0]}"
        return Judged((Judgement(Level.CAREFUL, None, "", "settings", sentence=text),), compared=False)
    return settings_judgements(old.settings, new.settings)


def _by_hub(resources: Sequence[Resource]) -> dict[str, list[Resource]]:
    hubs = hubs_of(resources)
    found: dict[str, list[Resource]] = {}
    for resource in resources:
        name = hubs.get((resource["type"], resource["name"]))
        if name:
            found.setdefault(name, []).append(resource)
    return found


def _claims(old: State, resources: Sequence[ResourceChange], render: Renderer) -> dict[str, Claims]:
    """Return the claims of each release that is removed or replaced, by the resource's name."""
    before = _by_name(old)
    removed = [r.name for r in resources if r.type == RELEASE_TYPE and r.action in ("removed", "replaced")]
    rendered = render([before[name] for name in removed], old.root)
    return {name: claims_of(one) for name, one in zip(removed, rendered, strict=True)}


def _releases(old: State, new: State, render: Renderer) -> dict[str, ReleaseChange]:
    """Return the releases that are new or differ, by their resource's name. Only these are rendered."""
    before, after = _by_name(old), _by_name(new)
    old_archives, new_archives = _archives(before.values(), old.root), _archives(after.values(), new.root)
    differ = [
        name
        for name, release in after.items()
        if name not in before
        or release != before[name]
        or canonical(release.values) != canonical(before[name].values)  # 1 is not true
        or old_archives[before[name].chart] != new_archives[release.chart]
    ]
    earlier = [name for name in differ if name in before]
    first = dict(zip(earlier, render([before[name] for name in earlier], old.root), strict=True))
    second = render([after[name] for name in differ], new.root)
    settings = Releases(old.settings), Releases(new.settings)
    return {
        name: replace(
            _release(before.get(name), first.get(name), after[name], now),
            judgements=release_judgements(
                name,
                now.chart,
                (before[name].values if name in before else None, after[name].values),
                settings,
            ),
            software=_software(before.get(name, _alike(after[name], before.values())), first.get(name), old.root)
            + _software(after[name], now, new.root),
        )
        for name, now in zip(differ, second, strict=True)
    }


def _alike(new: Release, releases: Iterable[Release]) -> Release | None:
    """Return a release that installs the same chart and image: what a new hub shares with others is not new."""
    image = image_of(new.values)
    return next((one for one in releases if one.chart == new.chart and image_of(one.values) == image), None)


def _software(release: Release | None, rendered: Rendered | None, root: Folder) -> tuple[HubSoftware | None]:
    found = hub_software(release, root) if release is not None else None
    if found is not None and rendered is not None and not found.jupyterhub:
        found = replace(found, jupyterhub=rendered.app_version)
    return (found,)


def _release(before: Release | None, was: Rendered | None, after: Release, now: Rendered) -> ReleaseChange:
    images: list[ImageChange] = []
    if before is None or was is None:
        values = [Change((), MISSING, after.values)]
        was = Rendered(after, "", "", now.chart, now.version)
    else:
        values = changes(before.values, after.values)
        images = image_changes(before.values, after.values)
    problem = was.problem or now.problem
    documents = ([], []) if problem else (yaml_text.load(was.text), yaml_text.load(now.text))
    objects = compare_objects(*documents, values)
    versions = (was.version, now.version)
    is_hub = bool(image_of(after.values))
    page = page_changes(before.values if before is not None else {}, after.values) if is_hub else ()
    return ReleaseChange(
        after.name,
        now.chart,
        versions,
        tuple(values),
        tuple(objects),
        problem,
        tuple(images),
        page=page,
        documents=documents,
        refused=now.refused,
    )


def _by_name(state: State) -> dict[str, Release]:
    planned = [resource for resource in state.resources if resource["type"] == RELEASE_TYPE]
    releases = releases_of(planned, kubernetes_version(state.file))
    return {str(resource["name"]): release for resource, release in zip(planned, releases, strict=True)}


def _archives(releases: Iterable[Release], root: Folder) -> dict[ChartReference, str | None]:
    """Return the digests of local archives, whose content may change while the name stays the same."""
    return {chart: local_digest(chart, root) for chart in {release.chart for release in releases}}


def _home(judgement: Judgement) -> bool:
    """Return whether a value says where home directories are."""
    return judgement.path.startswith("values.jupyterhub.singleuser.storage.")
