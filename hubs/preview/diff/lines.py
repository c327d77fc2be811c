"""A difference as lines: the same for a terminal, a log and the `diff` block of a comment.

Each line begins with `+` (new), `-` (gone), `~` (other) or a space.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hubs.preview import manifests
from hubs.preview.diff.ciphertext import is_changed_secret
from hubs.preview.diff.compare import HubChange, ReleaseChange, StackChange
from hubs.preview.diff.leaves import MISSING, Change, dotted
from hubs.preview.diff.objects import ObjectChange
from hubs.preview.diff.resources import ResourceChange
from hubs.preview.diff.summary import restart
from hubs.preview.diff.words import plural, printable, shown

SECRET_CHANGED = "[secret changed]"  # noqa: S105  (what stands for one)
_PROGRAM = ("custom", "imagebuilding")
_ALONG: dict[tuple[str, ...], str] = {("profile_nulls",): "nulls", ("profile_order",): "order"}
_MARKS = {"added": "+", "removed": "-", "changed": "~", "replaced": "~"}


def hub_lines(hub: HubChange) -> list[str]:
    """Everything that differs in one hub: its resources, then for each release its values and its objects."""
    lines = []
    if hub.action == "changed":
        lines += resource_lines(hub.resources)
    else:  # all of a hub comes or goes: what it consists of is enough
        lines += [_resource(resource) for resource in hub.resources]
    for release in hub.releases:
        lines += _release(release)
    return lines


def resource_lines(resources: Iterable[ResourceChange]) -> list[str]:
    """Each resource, with the inputs that differ."""
    lines = []
    for resource in resources:
        lines.append(_resource(resource))
        lines += [f"{line[0]}   {line[1:]}" for change in resource.changes for line in _change(change)]
    return lines


def secret_lines(change: StackChange) -> list[str]:
    """Secrets added and removed, and those changed that reach no release."""
    secrets = change.secrets
    return (
        [f"+ {printable(path)}: [secret]" for path in secrets.added]
        + [f"- {printable(path)}: [secret]" for path in secrets.removed]
        + [f"~ {printable(path)}: {SECRET_CHANGED}" for path in change.loose_secrets]
    )


def _resource(resource: ResourceChange) -> str:
    notes = [resource.action] if resource.action == "replaced" else []
    notes += ["kept"] if resource.action == "removed" and resource.kept else []
    notes += ["protected"] if resource.protected and resource.action in ("removed", "replaced") else []
    note = f" ({', '.join(notes)})" if notes else ""
    return f"{_MARKS[resource.action]} {printable(resource.kind)} {shown(resource.name)}{note}"


def _release(release: ReleaseChange) -> Iterator[str]:
    old, new = release.versions
    version = f"{old} → {new}" if release.new_version else new
    yield f"  release {shown(release.name)} ({shown(release.chart)} {printable(version)})"
    if release.values:
        yield "    values"
        yield from (f"{line[0]}     {line[1:]}" for line in _values(release.values))
    if release.problem:
        yield f"    objects not compared: {printable(release.problem)}"
    elif release.objects:
        yield f"    objects{_count(release)}"
        for touched in release.objects:
            if not touched.only_labels:
                yield from _object(touched)


def _values(changes: Sequence[Change]) -> Iterator[str]:
    """The charts' own values first, then what this program hands to the hub's configuration.

    The order of choices and their nulls (hubs.values.profile_order, hubs.values.nulls) go with what is said of the
    choices: in one line, unless nothing else is there to say.
    """
    along = [change for change in changes if change.path[:2] == _PROGRAM and change.path[2:3] in _ALONG]
    if len(along) == len(changes):
        along = []
    for change in sorted(changes, key=lambda change: change.path[:2] == _PROGRAM):
        if change not in along:
            yield from _change(change)
    words = sorted({_ALONG[change.path[2:3]] for change in along})
    if words:
        yield f"~ {' and '.join(words)} of choices change{'s' if len(words) == 1 else ''}"


def _count(release: ReleaseChange) -> str:
    if not release.new_version:
        return ""
    labels = sum(change.only_labels for change in release.objects)
    only = f", {labels} of them only in the labels that name the version" if labels else ""
    return f": the new version touches {plural(len(release.objects), 'object')}{only}"


def _object(change: ObjectChange) -> Iterator[str]:
    note = f": {restart(change.name)}" if change.restarts else ""
    if change.repeated:
        note += f" ({plural(change.repeated, 'value')} as above)"
    yield f"{_MARKS[change.action]}     {printable(change.kind)} {shown(change.name)}{printable(note)}"
    for difference in change.changes:
        yield from (f"{line[0]}       {line[1:]}" for line in _change(difference))


def _change(change: Change) -> Iterator[str]:
    """One change in one line; text of several lines as its own difference; a whole mapping as YAML."""
    path = printable(dotted(change.path)) or "all of them"
    old, new = change.old, change.new
    if is_changed_secret(old, new):
        yield f"~ {path}: {SECRET_CHANGED}"
    elif isinstance(old, list) and isinstance(new, list) and change.path[-1:] != ("[order]",):
        yield f"~ {path}:"
        yield from _items(old, new)
    elif _is_long(old) or _is_long(new):
        mark = "+" if old is MISSING else "-" if new is MISSING else "~"
        yield f"{mark} {path}:"
        yield from _text(_lines(old), _lines(new))
    elif old is MISSING:
        yield f"+ {path}: {shown(new)}"
    elif new is MISSING:
        yield f"- {path}: {shown(old)}"
    else:
        yield f"~ {path}: {shown(old)} → {shown(new)}"


def _items(old: list[Any], new: list[Any]) -> Iterator[str]:
    gone, come = [item for item in old if item not in new], [item for item in new if item not in old]
    if not gone and not come:
        yield f"~   in another order: {shown(new)}"
    yield from (f"-   {shown(item)}" for item in gone)
    yield from (f"+   {shown(item)}" for item in come)


def _text(old: list[str], new: list[str]) -> Iterator[str]:
    """A unified difference without its headers: three lines of context."""
    for line in list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]:
        if not line.startswith("@@"):
            yield f"{line[0]}   {printable(line[1:])}"


def _is_long(value: Any) -> bool:
    return (isinstance(value, str) and "\n" in value) or (isinstance(value, (dict, list)) and len(str(value)) > 80)


def _lines(value: Any) -> list[str]:
    if value is MISSING:
        return []
    if isinstance(value, str):
        return value.splitlines()
    return manifests.dump([value]).removeprefix("---").strip("\n ").splitlines()
