"""What a reviewer must not overlook, named in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hubs.preview.diff.claims import Claims
from hubs.preview.diff.homes import NOWHERE
from hubs.preview.diff.leaves import MISSING, Change, Path, dotted, leaves
from hubs.preview.diff.objects import ObjectChange
from hubs.preview.diff.resources import ResourceChange
from hubs.preview.diff.words import printable, shown
from hubs.preview.releases import RELEASE_TYPE

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(-.*)?")
_PROVIDER = "pulumi:providers:kubernetes"
_CLAIM = "PersistentVolumeClaim"
_STORAGE = ("singleuser", "storage")
_PLACE = (("type",), ("static",), ("dynamic",), ("static", "pvcName"))
_WHO = {
    "shared-password": "everyone who knows the one password may log in",
    "dummy": "everyone may log in, by any name (with the one password, if there is one)",
}
"""Who is let in by `allow_all` where there are no accounts, by the authenticator's class."""


def resource_dangers(change: ResourceChange, claims: Mapping[str, Claims]) -> Iterator[str]:
    """Of a resource that goes, is replaced, or moves to another cluster. `claims`: by the release's name."""
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
        yield f"{what} would be {_gone(change)}{_with_claims([claims.get(change.name, Claims(unknown=True))])}"
    elif change.type.startswith("random:") and "crypt" in change.name:
        yield f"{what} would be {_gone(change)}: saved login state can't be read any more"
    if change.protected:
        yield f"{what} is protected: the update would fail until it is released"


def _with_claims(claims: Iterable[Claims]) -> str:
    """What becomes of the data in claims that charts made."""
    found = list(claims)
    lost, kept = [name for one in found for name in one.lost], [name for one in found for name in one.kept]
    text = f", and the data in {_CLAIM} {', '.join(map(shown, lost))} lost" if lost else ""
    if any(one.unknown for one in found):
        text += ", with all that a chart made which could not be rendered: a database may be in it"
    return text + (f"; {_CLAIM} {', '.join(map(shown, kept))} is kept, with the data in it" if kept else "")


def moved_homes(
    resources: Sequence[ResourceChange], homes: tuple[str, str], refusals: Mapping[str, str] | None
) -> Iterator[str]:
    """Home directories that are elsewhere now. `refusals`: why the update would be refused; None: not known."""
    old, new = (shown(place or "(not told)") for place in homes)
    text = f"home directories move: {old} → {new}; nothing is copied"
    if any(is_told_by_move(resource) for resource in resources):
        text += ", the old volume is kept"
    if refusals is not None and "home" in refusals:
        text += f". The update is refused: home {printable(refusals['home'])}"
    elif refusals is not None:
        text += "; moved_from says that the files were copied"
    yield text


def is_told_by_move(change: ResourceChange) -> bool:
    """Whether a resource goes only since home directories are elsewhere, and nothing is lost by that."""
    volume = change.kind in ("PersistentVolume", "PersistentVolumeClaim")
    return volume and change.kept and change.action == "removed" and not change.protected


def refusals(found: Mapping[str, str]) -> Iterator[str]:
    """Why the update would be refused, but for moved home directories."""
    for setting, message in found.items():
        if setting != "home":
            yield f"the update is refused: {setting or 'the hub'} {printable(message)}"


def removed_hub_dangers(resources: Sequence[ResourceChange], claims: Mapping[str, Claims], homes: str) -> Iterator[str]:
    """Of all that goes with a hub that leaves the config, in as few words as it can be said.

    `homes`: where home directories were. What Helm leaves behind is gone too where the namespace is deleted.
    """
    kept = [f"{r.kind} {shown(r.name)}" for r in resources if r.kept]
    lost = [f"{r.kind} {shown(r.name)}" for r in resources if not r.kept and (r.holds_data or r.type == RELEASE_TYPE)]
    found = [claims.get(r.name, Claims(unknown=True)) for r in resources if r.type == RELEASE_TYPE]
    stays = any(r.kind == "Namespace" and r.kept for r in resources)
    if not stays:
        found = [Claims((), (*one.kept, *one.lost), one.unknown) for one in found]
    if lost:
        yield f"the hub leaves the config: {', '.join(lost)} would be deleted{_with_claims(found)}"
    if kept:
        files = (
            "there are no home directories (home: none)" if homes == NOWHERE else "people's files stay where they are"
        )
        text = f"the hub leaves the config, and these are kept: {', '.join(kept)}"
        yield f"{text}; {files}" if stays else text
    for resource in resources:
        if resource.protected:
            yield f"{resource.kind} {shown(resource.name)} is protected: the update would fail until it is released"


def values_dangers(changes: Sequence[Change], moved: bool = False) -> Iterator[str]:
    """Of a release's values. `moved`: that home directories move is told already."""
    for change in changes:
        yield from _access(change)
        if not (moved and change.path[:2] == _STORAGE and change.path[2:] in _PLACE):
            yield from _place(change)
    yield from _domain(changes)


def new_hub_dangers(values: Any) -> Iterator[str]:
    """Of the values of a release that was not there before."""
    found = dict(leaves(values))
    login = found.get(("hub", "config", "JupyterHub", "authenticator_class"))
    for path, value in found.items():
        if path[-1] == "allow_all" and value is True:
            who = _WHO.get(str(login), "everyone with an account may log in")
            yield f"{who}: {dotted(path)}"


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
    """Of a rendered object of a release that is updated: claims are where data is."""
    if change.kind != _CLAIM or change.action == "added":
        return
    if change.action == "removed":
        fate = "leaves the chart; it is kept" if change.kept else "would be deleted, and the data in it lost"
        yield f"{_CLAIM} {shown(change.name)} {fate}"
    elif any(difference.path[:1] == ("spec",) for difference in change.changes):
        yield f"{_CLAIM} {shown(change.name)} changes: {_paths(change.changes)}"


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
            yield f"administrators change: {where}: {_delta(plain)}"
        elif key in ("allow_all", "any_allow_config", "allow_existing_users"):
            if new is True:
                yield f"more people may log in: {where} is now true"
        elif key.startswith(("allow", "identity_provider")) and "hub" in path[:1]:
            yield from _allow_list(plain, where)
        elif key == "allowed_groups" and path[:2] == ("singleuser", "profileList"):
            if change.path == path and (new in (MISSING, [], None) or _added(old, new)):  # not of a whole profile
                yield f"more people are offered a profile: {where}: {_delta(plain)}"
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
    if change.path[:2] == _STORAGE:
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


def _delta(change: Change) -> str:
    """Of two lists what came and what went; of anything else both sides."""
    if not (isinstance(change.old, list) and isinstance(change.new, list)):
        return _arrow(change)
    signs = (("+", _added(change.old, change.new)), ("-", _added(change.new, change.old)))
    parts = [f"{sign} {', '.join(map(shown, items))}" for sign, items in signs if items]
    return "; ".join(parts) or "in another order"


def _arrow(change: Change) -> str:
    return f"{shown(change.old)} → {shown(change.new)}"


def _paths(changes: Sequence[Change]) -> str:
    return ", ".join(shown(dotted(change.path)) for change in changes[:4]) + (" …" if len(changes) > 4 else "")
