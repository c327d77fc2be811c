"""Describe the changes that a reviewer must not overlook: data loss, wider access, moved files, code in the hub."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hubs.preview.diff.claims import Claims
from hubs.preview.diff.homes import NO_HOMES
from hubs.preview.diff.leaves import MISSING, Change, Path, dotted, leaves
from hubs.preview.diff.objects import ObjectChange
from hubs.preview.diff.resources import ResourceChange
from hubs.preview.diff.words import shown
from hubs.preview.releases import RELEASE_TYPE

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(-.*)?")
_PROVIDER = "pulumi:providers:kubernetes"
_POLICY = "NetworkPolicy"
_CLAIM = "PersistentVolumeClaim"
_STORAGE = ("singleuser", "storage")
_PLACE = (("type",), ("static",), ("dynamic",), ("static", "pvcName"))
_WHO = {
    "shared-password": "everyone who knows the shared password may log in",
    "dummy": "everyone may log in under any name (with the password, if one is set)",
}
"""Who may log in with `allow_all`, for authenticators without accounts."""


def resource_dangers(change: ResourceChange, claims: Mapping[str, Claims]) -> Iterator[str]:
    """Yield the dangers of a resource that is removed, replaced, or moved to another cluster.

    `claims`: by the release's name.
    """
    name = f"{change.kind} {shown(change.name)}"
    if change.action not in ("removed", "replaced"):
        if change.type == _PROVIDER and change.action == "changed":
            paths = _paths(change.changes)
            yield f"the Kubernetes provider changes ({paths}): on another cluster, everything is recreated"
        elif change.kind == _POLICY and change.action == "changed":
            yield from _wider(change)
        return
    if change.holds_data and change.kept and change.action == "removed":
        yield f"{name} is removed from the config; it is kept with its data"
    elif change.holds_data and change.kept:
        yield f"{name} is replaced ({_paths(change.changes)}); the old one is kept but no longer used"
    elif change.holds_data:
        yield f"{name} is {_deleted(change)}, and its data is lost"
    elif change.type == RELEASE_TYPE:
        yield f"{name} is {_deleted(change)}{_with_claims([claims.get(change.name, Claims(unknown=True))])}"
    elif change.kind == _POLICY and change.action == "removed":
        yield f"{name} is removed: the pods that it is for may reach every address in the cluster's network"
    elif change.type.startswith("random:") and "crypt" in change.name:
        yield f"{name} is {_deleted(change)}: saved login state can't be decrypted any more"
    if change.protected:
        yield _protected(name)


def _wider(change: ResourceChange) -> Iterator[str]:
    """Yield what the pods of a policy reach in addition."""
    for key, where in (("cidr", ""), ("port", "port ")):
        old, new = ({str(value) for value in _values(change.changes, key, side)} for side in ("old", "new"))
        if added := sorted(new - old):
            yield f"{change.kind} {shown(change.name)} allows more: {', '.join(shown(where + item) for item in added)}"
    kept = {item for value in _values(change.changes, "except", "new") for item in value}
    if opened := sorted({item for value in _values(change.changes, "except", "old") for item in value} - kept):
        yield f"{change.kind} {shown(change.name)} allows more: {', '.join(map(shown, opened))}"


def _values(changes: Iterable[Change], key: str, side: str) -> Iterator[Any]:
    for change in changes:
        yield from (value for path, value in leaves(getattr(change, side), change.path) if path[-1] == key)


def _protected(name: str) -> str:
    return f"{name} is protected: the update fails until the protection is removed"


def _with_claims(claims: Iterable[Claims]) -> str:
    """Return what happens to the data in claims that charts create, as the end of a sentence."""
    found = list(claims)
    lost, kept = [name for one in found for name in one.lost], [name for one in found for name in one.kept]
    text = f", and the data in {_CLAIM} {', '.join(map(shown, lost))} is lost" if lost else ""
    if any(one.unknown for one in found):
        text += ", and a chart could not be rendered: volumes that it created may be deleted with their data"
    return text + (f"; {_CLAIM} {', '.join(map(shown, kept))} is kept with its data" if kept else "")


def moved_homes(resources: Sequence[ResourceChange], homes: tuple[str, str]) -> Iterator[str]:
    """Yield that home directories move, where settings can't say it."""
    old, new = (shown(place or "(unknown)") for place in homes)
    kept = ", the old volume is kept" if any(is_covered_by_move(resource) for resource in resources) else ""
    yield f"home directories move: {old} → {new}; nothing is copied{kept}"


def is_covered_by_move(change: ResourceChange) -> bool:
    """Return whether a resource is removed only because home directories move, without data loss."""
    volume = change.kind in ("PersistentVolume", "PersistentVolumeClaim")
    return volume and change.kept and change.action == "removed" and not change.protected


def removed_hub_dangers(resources: Sequence[ResourceChange], claims: Mapping[str, Claims], homes: str) -> Iterator[str]:
    """Yield the dangers of removing a hub from the config: one line for what is deleted, one for what is kept.

    `homes`: location of home directories before. Claims that Helm keeps are deleted together with their namespace.
    """
    kept = [f"{r.kind} {shown(r.name)}" for r in resources if r.kept]
    lost = [f"{r.kind} {shown(r.name)}" for r in resources if not r.kept and (r.holds_data or r.type == RELEASE_TYPE)]
    found = [claims.get(r.name, Claims(unknown=True)) for r in resources if r.type == RELEASE_TYPE]
    namespace_kept = any(r.kind == "Namespace" and r.kept for r in resources)
    if not namespace_kept:
        found = [Claims((), (*one.kept, *one.lost), one.unknown) for one in found]
    if lost:
        yield f"the hub is removed from the config and these are deleted: {', '.join(lost)}{_with_claims(found)}"
    if kept:
        files = (
            "the hub has no home directories (home: none)" if homes == NO_HOMES else "people's files are not deleted"
        )
        text = f"the hub is removed from the config and these are kept: {', '.join(kept)}"
        yield f"{text}; {files}" if namespace_kept else text
    for resource in resources:
        if resource.protected:
            yield _protected(f"{resource.kind} {shown(resource.name)}")


def values_dangers(changes: Sequence[Change], moved: bool = False) -> Iterator[str]:
    """Yield the dangers of changed values of a release. `moved`: moved home directories are already reported."""
    for change in changes:
        yield from _access(change)
        if not (moved and change.path[:2] == _STORAGE and change.path[2:] in _PLACE):
            yield from _locations(change)
    yield from _domain(changes)


def new_hub_dangers(values: Any) -> Iterator[str]:
    """Yield the dangers of the values of a new release."""
    found = dict(leaves(values))
    login = found.get(("hub", "config", "JupyterHub", "authenticator_class"))
    for path, value in found.items():
        if path[-1] == "allow_all" and value is True:
            who = _WHO.get(str(login), "everyone with an account may log in")
            yield f"{who}: {dotted(path)}"


def version_dangers(chart: str, old: str, new: str) -> Iterator[str]:
    """Yield the dangers of another chart version. Below 1.0 the second number counts as the major version."""
    before, after = _VERSION.fullmatch(old), _VERSION.fullmatch(new)
    if before is None or after is None:
        return
    was, now = ([int(part) for part in match.group(1, 2, 3)] for match in (before, after))
    major = 1 if was[0] == now[0] == 0 else 0
    if was[: major + 1] < now[: major + 1]:
        yield f"chart {shown(chart)}: new major version, {shown(old)} → {shown(new)}"
    elif was > now:
        yield f"chart {shown(chart)}: downgrade, {shown(old)} → {shown(new)}"


def object_dangers(change: ObjectChange) -> Iterator[str]:
    """Yield the dangers of a changed object of a release that is updated: its claims contain data."""
    if change.kind != _CLAIM or change.action == "added":
        return
    if change.action == "removed":
        effect = "is no longer part of the chart; it is kept" if change.kept else "is deleted, and its data is lost"
        yield f"{_CLAIM} {shown(change.name)} {effect}"
    elif any(difference.path[:1] == ("spec",) for difference in change.changes):
        yield f"{_CLAIM} {shown(change.name)} changes: {_paths(change.changes)}"


def _deleted(change: ResourceChange) -> str:
    return "deleted" if change.action == "removed" else f"replaced ({_paths(change.changes)})"


def _access(change: Change) -> Iterator[str]:
    """Yield changes of who may log in, who may do what, and which code runs with the hub's permissions."""
    for path, old, new in _both(change):
        key, where = path[-1], dotted(path)
        plain = Change(path, old, new)
        if key in ("admin_users", "admin_groups", "admin_google_groups"):
            yield f"administrators change: {where}: {_delta(plain)}"
        elif key in ("allow_all", "any_allow_config", "allow_existing_users"):
            if new is True:
                yield f"more people may log in: {where} is now true"
        elif key.startswith(("allow", "block", "identity_provider")) and "hub" in path[:1]:
            yield from _allow_list(plain, where)
        elif key == "allowed_groups" and path[:2] == ("singleuser", "profileList"):
            # Only a changed restriction, not a profile that is added or removed as a whole.
            if change.path == path and (new in (MISSING, [], None) or _added(old, new)):
                yield f"more people may use a profile: {where}: {_delta(plain)}"
        elif path[:2] == ("hub", "loadRoles") and key in ("scopes", "users", "groups", "services"):
            added = _added(old, new)
            if added:
                yield f"a role is extended: {where}: + {', '.join(map(shown, added))}"
        elif path[:2] == ("hub", "extraConfig") or path[:1] == ("extraConfig",):
            verb = "is added" if old is MISSING else "is removed" if new is MISSING else "changes"
            yield f"code that runs in the hub's own pods {verb}: {where}"


def _allow_list(change: Change, where: str) -> Iterator[str]:
    """Yield a longer allow list or a removed restriction. (JupyterHub allows everyone who is on any of its lists.)"""
    key = change.path[-1]
    if key.startswith("block") or (key == "allowed_scopes" and isinstance(change.old, list)):
        # The reverse: who is named is not allowed, and who has all of the scopes is.
        removed = _added(change.new, change.old)
        if removed and (key != "allowed_scopes" or change.new not in (MISSING, [])):
            yield f"more people may log in: {where}: - {', '.join(map(shown, removed))}"
        return
    added = _added(change.old, change.new)
    if added:
        yield f"the allow list is wider: {where}: + {', '.join(map(shown, added))}"
    elif change.new is MISSING or change.new in ([], {}, None, ""):
        yield f"an allow list is removed: {where} was {shown(change.old)}"
    elif not isinstance(change.old, list) and change.old is not MISSING:
        yield f"who may log in changes: {where}: {_arrow(change)}"


def _locations(change: Change) -> Iterator[str]:
    """Yield changes of where home directories and images are, and of the safeguards of build nodes."""
    if change.path[:2] == _STORAGE:
        if not {"capacity", "extraLabels", "extraVolumes", "extraVolumeMounts"} & set(change.path):
            yield f"home directories change: {dotted(change.path)}: {_arrow(change)}"
    elif change.path[-1:] == ("image_prefix",) and MISSING not in (change.old, change.new):
        yield f"the image prefix changes: {_arrow(change)}; existing images will be rebuilt"
    elif change.path[:2] == ("dockerApi", "initContainers") and change.new is MISSING:
        yield f"a build-node safeguard is removed: {dotted(change.path)}"


def _domain(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        if change.path == ("ingress", "hosts") and change.old not in (MISSING, []):
            yield f"the domain changes: {_arrow(change)}; register the new callback URL with the login provider"


def _both(change: Change) -> Iterator[tuple[Path, Any, Any]]:
    """Yield the leaves of both sides of a change, because a whole mapping may be added or removed."""
    old, new = dict(leaves(change.old, change.path)), dict(leaves(change.new, change.path))
    for path in dict.fromkeys([*old, *new]):
        yield path, old.get(path, MISSING), new.get(path, MISSING)


def _added(old: Any, new: Any) -> list[Any]:
    before = old if isinstance(old, list) else []
    after = new if isinstance(new, list) else list(new) if isinstance(new, dict) else []
    return [item for item in after if item not in before]


def _delta(change: Change) -> str:
    """Return the items added to and removed from a list; for anything else both values."""
    if not (isinstance(change.old, list) and isinstance(change.new, list)):
        return _arrow(change)
    signs = (("+", _added(change.old, change.new)), ("-", _added(change.new, change.old)))
    parts = [f"{sign} {', '.join(map(shown, items))}" for sign, items in signs if items]
    return "; ".join(parts) or "the order changes"


def _arrow(change: Change) -> str:
    return f"{shown(change.old)} → {shown(change.new)}"


def _paths(changes: Sequence[Change]) -> str:
    return ", ".join(shown(dotted(change.path)) for change in changes[:4]) + (" …" if len(changes) > 4 else "")
