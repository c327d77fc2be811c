"""What a reviewer must not overlook, named in words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from preview.diff.leaves import MISSING, Change, Path, dotted, leaves
from preview.diff.objects import ObjectChange
from preview.diff.resources import ResourceChange
from preview.diff.words import shown
from preview.releases import RELEASE_TYPE

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(-.*)?")
_PROVIDER = "pulumi:providers:kubernetes"


def resource_dangers(change: ResourceChange) -> Iterator[str]:
    """Of a resource that goes, is replaced, or moves to another cluster."""
    what = f"{change.kind} {shown(change.name)}"
    if change.action not in ("removed", "replaced"):
        if change.type == _PROVIDER and change.action == "changed":
            yield f"the Kubernetes provider changes ({_paths(change.changes)}): on another cluster all is made anew"
        return
    if change.holds_data and change.kept and change.action == "removed":
        yield f"{what} leaves the config; it is kept, with the data in it"
    elif change.holds_data and change.kept:
        yield f"{what} would be replaced ({_paths(change.changes)}); the old one is kept, but used no more"
    elif change.holds_data:
        yield f"{what} would be {_gone(change)}, and the data in it lost"
    elif change.type == RELEASE_TYPE:
        yield f"{what} would be {_gone(change)}, with all that the chart made: a hub's database too"
    elif change.type.startswith("random:") and "crypt" in change.name:
        yield f"{what} would be {_gone(change)}: saved login state can't be read any more"
    if change.protected:
        yield f"{what} is protected: the update would fail until it is released"


def moved_homes(resources: Sequence[ResourceChange]) -> Iterator[str]:
    """Of volumes over a share, by where the share is: one volume may go and another come, or one be replaced."""
    volumes = [resource for resource in resources if resource.kind == "PersistentVolume"]
    gone = [_share(volume) for volume in volumes if volume.action == "removed"]
    come = [_share(volume) for volume in volumes if volume.action == "added"]
    if gone and come:
        yield f"home directories move: {', '.join(gone)} → {', '.join(come)}; nothing is copied"
    for volume in volumes:
        for difference in volume.changes:
            if difference.path[:2] in (("spec", "nfs"), ("spec", "csi")):
                yield f"home directories move: {_arrow(difference)}; nothing is copied"


def _share(volume: ResourceChange) -> str:
    nfs = (volume.inputs.get("spec") or {}).get("nfs") or {}
    return shown(f"{nfs['server']}:{nfs['path']}") if {"server", "path"} <= set(nfs) else shown(volume.name)


def removed_hub_dangers(resources: Sequence[ResourceChange]) -> Iterator[str]:
    """Of all that goes with a hub that leaves the config, in as few words as it can be said."""
    kept = [f"{r.kind} {shown(r.name)}" for r in resources if r.kept]
    lost = [f"{r.kind} {shown(r.name)}" for r in resources if not r.kept and (r.holds_data or r.type == RELEASE_TYPE)]
    if lost:
        yield f"the hub leaves the config: {', '.join(lost)} would be deleted, and the hub's database with them"
    if kept:
        yield f"the hub leaves the config, and these are kept with the data in them: {', '.join(kept)}"
    for resource in resources:
        if resource.protected:
            yield f"{resource.kind} {shown(resource.name)} is protected: the update would fail until it is released"


def values_dangers(changes: Sequence[Change]) -> Iterator[str]:
    """Of a release's values."""
    for change in changes:
        yield from _access(change)
        yield from _place(change)
    yield from _domain(changes)


def new_hub_dangers(values: Any) -> Iterator[str]:
    """Of the values of a release that was not there before."""
    for path, value in leaves(values):
        if path[-1] == "allow_all" and value is True:
            yield f"everyone with an account may log in: {dotted(path)}"


def version_dangers(chart: str, old: str, new: str) -> Iterator[str]:
    """Of another chart version. Below 1.0 the second number counts as the major one, as semantic versions have it."""
    before, after = _VERSION.fullmatch(old), _VERSION.fullmatch(new)
    if before is None or after is None:
        return
    was, now = ([int(part) for part in match.group(1, 2, 3)] for match in (before, after))
    major = 1 if was[0] == now[0] == 0 else 0
    if was[: major + 1] < now[: major + 1]:
        yield f"chart {shown(chart)}: a new major version, {shown(old)} → {shown(new)}"
    elif was > now:
        yield f"chart {shown(chart)}: back to an older version, {shown(old)} → {shown(new)}"


def object_dangers(change: ObjectChange) -> Iterator[str]:
    """Of a rendered object: claims are where data is."""
    if change.kind != "PersistentVolumeClaim" or change.action == "added":
        return
    if change.action == "removed":
        yield f"PersistentVolumeClaim {shown(change.name)} would be deleted, and the data in it lost"
    elif any(difference.path[:1] == ("spec",) for difference in change.changes):
        yield f"PersistentVolumeClaim {shown(change.name)} changes: {_paths(change.changes)}"


def _gone(change: ResourceChange) -> str:
    return "deleted" if change.action == "removed" else f"replaced ({_paths(change.changes)})"


def _access(change: Change) -> Iterator[str]:
    """Who may log in, who may do what, and code that runs with the hub's rights."""
    for path, old, new in _both(change):
        key, where = path[-1], dotted(path)
        plain = Change(path, old, new)
        if key == "authenticator_class":
            yield f"the authenticator changes: {_arrow(plain)}"
        elif key in ("admin_users", "admin_groups", "admin_google_groups"):
            yield f"administrators change: {where}: {_arrow(plain)}"
        elif key in ("allow_all", "any_allow_config", "allow_existing_users"):
            if new is True:
                yield f"more people may log in: {where} is now true"
        elif key.startswith(("allow", "identity_provider")) and "hub" in path[:1]:
            yield from _allow_list(plain, where)
        elif key == "allowed_groups" and path[:2] == ("singleuser", "profileList"):
            if change.path == path and (new in (MISSING, [], None) or _added(old, new)):  # not of a whole profile
                yield f"more people are offered a profile: {where}: {_arrow(plain)}"
        elif path[:2] == ("hub", "loadRoles") and key in ("scopes", "users", "groups", "services"):
            added = _added(old, new)
            if added:
                yield f"a role gets more: {where}: + {', '.join(map(shown, added))}"
        elif path[:2] == ("hub", "extraConfig") or path[:1] == ("extraConfig",):
            verb = "is added" if old is MISSING else "is removed" if new is MISSING else "changes"
            yield f"code that runs in the hub's own pods {verb}: {where}"


def _allow_list(change: Change, where: str) -> Iterator[str]:
    """Wider: an entry more, or a restriction that goes. (JupyterHub lets in who is on any of its allow lists.)"""
    if "block" in where:
        return
    added = _added(change.old, change.new)
    if added:
        yield f"the allow list is wider: {where}: + {', '.join(map(shown, added))}"
    elif change.new is MISSING or change.new in ([], {}, None, ""):
        yield f"an allow list is gone: {where} was {shown(change.old)}"
    elif not isinstance(change.old, list) and change.old is not MISSING:
        yield f"who may log in changes: {where}: {_arrow(change)}"


def _place(change: Change) -> Iterator[str]:
    """Where home directories and images are."""
    if change.path[:2] == ("singleuser", "storage"):
        if not {"capacity", "extraLabels", "extraVolumes", "extraVolumeMounts"} & set(change.path):
            yield f"home directories change: {dotted(change.path)}: {_arrow(change)}"
    elif change.path[-1:] == ("image_prefix",) and MISSING not in (change.old, change.new):
        yield f"images are pushed elsewhere: {_arrow(change)}; those built so far are built again"
    elif change.path[:2] == ("dockerApi", "initContainers") and change.new is MISSING:
        yield f"a safeguard of the build nodes goes: {dotted(change.path)}"


def _domain(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        if change.path == ("ingress", "hosts") and change.old not in (MISSING, []):
            yield f"the domain changes: {_arrow(change)}: the callback URL must be registered again"


def _both(change: Change) -> Iterator[tuple[Path, Any, Any]]:
    """The leaves of both sides of a change: a whole mapping may have come or gone."""
    old, new = dict(leaves(change.old, change.path)), dict(leaves(change.new, change.path))
    for path in dict.fromkeys([*old, *new]):
        yield path, old.get(path, MISSING), new.get(path, MISSING)


def _added(old: Any, new: Any) -> list[Any]:
    before = old if isinstance(old, list) else []
    after = new if isinstance(new, list) else list(new) if isinstance(new, dict) else []
    return [item for item in after if item not in before]


def _arrow(change: Change) -> str:
    return f"{shown(change.old)} → {shown(change.new)}"


def _paths(changes: Sequence[Change]) -> str:
    return ", ".join(shown(dotted(change.path)) for change in changes[:4]) + (" …" if len(changes) > 4 else "")
