"""Format differences as lines of text, for a terminal, a log and the `diff` block of a comment.

Each line begins with `+` (added), `-` (removed), `~` (changed) or a space.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from hubs import yaml_text
from hubs.preview.diff.ciphertext import is_changed_secret
from hubs.preview.diff.compare import HubChange, ReleaseChange, StackChange
from hubs.preview.diff.leaves import MISSING, Change, dotted
from hubs.preview.diff.objects import ObjectChange
from hubs.preview.diff.resources import ResourceChange
from hubs.preview.diff.summary import restart
from hubs.preview.diff.words import plural, shown
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
        lines += [f"{line[0]}   {line[1:]}" for change in differences for line in _change(change)]
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
    elif release.objects:
        yield f"    objects{_count(release)}"
        for touched in release.objects:
            if not touched.only_labels:
                yield from _object(touched)


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
            yield from _change(change)
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
    if change.repeated:
        note += f" ({plural(change.repeated, 'value')} as above)"
    yield f"{_MARKS[change.action]}     {printable(change.kind)} {shown(change.name)}{printable(note)}"
    for difference in change.changes:
        yield from (f"{line[0]}       {line[1:]}" for line in _change(difference))


def _change(change: Change) -> Iterator[str]:
    """Yield a change in one line, multi-line text as a unified diff, and a whole mapping as YAML."""
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
        yield from _text(_lines(old), _lines(new))
    elif old is MISSING:
        yield f"+ {path}: {shown(new)}"
    elif new is MISSING:
        yield f"- {path}: {shown(old)}"
    else:
        yield f"~ {path}: {shown(old)} → {shown(new)}"


def _items(old: list[Any], new: list[Any]) -> Iterator[str]:
    removed, added = [item for item in old if item not in new], [item for item in new if item not in old]
    if not removed and not added:
        yield f"~   new order: {shown(new)}"
    yield from (f"-   {shown(item)}" for item in removed)
    yield from (f"+   {shown(item)}" for item in added)


def _text(old: list[str], new: list[str]) -> Iterator[str]:
    """Yield a unified diff without headers, with three lines of context."""
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
    return yaml_text.dump_all([value]).removeprefix("---").strip("\n ").splitlines()
