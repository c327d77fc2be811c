"""Format differences as lines of text, for a terminal, a log and the `diff` block of a comment.

Each line begins with `-` (removed, or the old value), `+` (added, or the new value), `~` (changed) or a space.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hubs import yaml_text
from hubs.preview.diff.ciphertext import is_changed_secret
from hubs.preview.diff.compare import HubChange, ReleaseChange, StackChange
from hubs.preview.diff.leaves import MISSING, Change, dotted
from hubs.preview.diff.objects import ObjectChange, labels_line
from hubs.preview.diff.resources import ResourceChange
from hubs.preview.diff.restarts import restart
from hubs.preview.diff.words import plural, shown, whole
from hubs.preview.rounding import rounded
from hubs.printable import printable

SECRET_CHANGED = "[secret changed]"  # noqa: S105  (a placeholder)
_PROGRAM = ("custom", "imagebuilding")
_NULLS, _ORDER = (*_PROGRAM, "profile_nulls"), (*_PROGRAM, "profile_order")
_MARKS = {"added": "+", "removed": "-", "changed": "~", "replaced": "~"}


def hub_lines(hub: HubChange) -> list[str]:
    """Return all differences of a hub: its resources, then the values and objects of each release."""
    lines = []
    if hub.action == "changed":
        lines += resource_lines(hub.resources)
    else:  # for a new or removed hub, the names of its resources are enough
        lines += [_resource(resource) for resource in hub.resources]
    for release in hub.releases:
        lines += _release(release)
    return lines


def resource_lines(resources: Iterable[ResourceChange]) -> list[str]:
    """Return each resource with its changed inputs, and each new Kubernetes object with its content."""
    lines = []
    for resource in resources:
        lines.append(_resource(resource))
        differences = resource.changes
        if resource.action == "added" and "spec" in resource.inputs:
            differences = (Change(("spec",), MISSING, resource.inputs["spec"]),)
        lines += [f"{line[0]}   {line[1:]}" for change in differences for line in change_lines(change)]
    return lines


def secret_lines(change: StackChange) -> list[str]:
    """Return the secrets that were added and removed, and changed secrets that no resource uses."""
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
    elif objects := [thing for thing in release.objects if not _is_noise(thing)]:
        yield f"    objects{_count(release)}"
        if text := labels_line(release.objects):
            yield f"~     {printable(text)}"
        for touched in objects:
            yield from _object(touched)


def _is_noise(change: ObjectChange) -> bool:
    """Return whether an object only repeats changed values, or differs only in labels that change on most objects."""
    return change.action == "changed" and not change.changes and not change.restarts


def _values(changes: Sequence[Change]) -> Iterator[str]:
    """Yield the charts' own values first, then the values that this program passes to the hub's configuration.

    The nulls and the order of choices (hubs.values.nulls, hubs.values.profile_order) repeat changes of the choices:
    nulls are omitted and the order is one line, unless nothing else changes.
    """
    repeated = [change for change in changes if change.path[:3] in (_NULLS, _ORDER)]
    if len(repeated) == len(changes):
        repeated = []
    for change in sorted(changes, key=lambda change: change.path[:2] == _PROGRAM):
        if change not in repeated:
            yield from change_lines(change)
    if any(change.path[:3] == _ORDER for change in repeated):
        yield "~ the order of choices changes"


def _count(release: ReleaseChange) -> str:
    if not release.new_version:
        return ""
    labels = sum(change.only_labels for change in release.objects)
    only = f", {labels} of them only in version labels" if labels else ""
    return f": the new version changes {plural(len(release.objects), 'object')}{only}"


def _object(change: ObjectChange) -> Iterator[str]:
    note = f": {restart(change.name)}" if change.restarts else ""
    yield f"{_MARKS[change.action]}     {printable(change.kind)} {shown(change.name)}{printable(note)}"
    for difference in change.changes:
        yield from (f"{line[0]}       {line[1:]}" for line in change_lines(difference))


def change_lines(change: Change) -> Iterator[str]:
    """Yield the old and the new value in a line each, multi-line text as a unified diff, a whole mapping as YAML."""
    path = printable(dotted(change.path)) or "all values"
    old, new = change.old, change.new
    if is_changed_secret(old, new):
        yield f"~ {path}: {SECRET_CHANGED}"
    elif isinstance(old, list) and isinstance(new, list) and change.path[-1:] != ("[order]",):
        yield f"~ {path}:"
        yield from _items(old, new)
    elif _is_long(old) or _is_long(new):
        mark = "+" if old is MISSING else "-" if new is MISSING else "~"
        yield f"{mark} {path}:"
        yield from _text(value_lines(old), value_lines(new))
    else:
        yield from (
            f"{sign} {path}: {whole(value)}" for sign, value in (("-", old), ("+", new)) if value is not MISSING
        )


def value_lines(value: Any) -> list[str]:
    """Return a value as lines: a mapping or list as YAML, text as it is, nothing for a value that does not exist."""
    if value is MISSING:
        return []
    if isinstance(value, str) and value.strip():
        return [printable(line) for line in value.splitlines()]
    if not isinstance(value, (dict, list)) or not value:
        return [whole(value)]
    written = yaml_text.dump_all([rounded(value)]).removeprefix("---").strip("\n ")
    return [printable(line) for line in written.splitlines()]


def _items(old: list[Any], new: list[Any]) -> Iterator[str]:
    removed, added = [item for item in old if item not in new], [item for item in new if item not in old]
    if not removed and not added:
        yield f"~   new order: {whole(new)}"
    yield from (f"-   {whole(item)}" for item in removed)
    yield from (f"+   {whole(item)}" for item in added)


def _text(old: list[str], new: list[str]) -> Iterator[str]:
    """Yield a unified diff without headers, with three lines of context."""
    for line in list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]:
        if not line.startswith("@@"):
            yield f"{line[0]}   {line[1:]}"


def _is_long(value: Any) -> bool:
    return (isinstance(value, str) and "\n" in value) or (isinstance(value, (dict, list)) and len(str(value)) > 80)
