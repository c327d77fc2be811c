"""Describe the changes that a reviewer must not overlook: data loss, wider access, moved files, code in the hub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hubs.preview.diff.leaves import MISSING, Change, Path, dotted, leaves
from hubs.preview.diff.words import shown

_STORAGE = ("singleuser", "storage")
_PLACE = (("type",), ("static",), ("dynamic",), ("static", "pvcName"))
_WHO = {
    "shared-password": "everyone who knows the shared password may log in",
    "dummy": "everyone may log in under any name (with the password, if one is set)",
}
"""Who may log in with `allow_all`, for authenticators without accounts."""


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
