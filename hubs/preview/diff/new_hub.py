"""Summarise a new hub for reviewers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from hubs.preview.diff.compare import HubChange
from hubs.preview.diff.images import images_in
from hubs.preview.diff.leaves import leaves
from hubs.preview.diff.words import plural, shown
from hubs.printable import printable

_MAX_NAMES = 8


def new_hub_lines(hub: HubChange) -> Iterator[str]:
    """Yield the hub's domain, who may log in, where files and images are, and the number of its resources."""
    values = {release.name: release.values[0].new for release in hub.releases if release.values}
    found = {path: value for part in values.values() for path, value in leaves(part)}
    yield from _line("domain", found.get(("ingress", "hosts")))
    login = found.get(("hub", "config", "JupyterHub", "authenticator_class"))
    config = {path[2:]: value for path, value in found.items() if path[:2] == ("hub", "config")}
    allowed = {path[-1]: value for path, value in config.items() if _allows(path, value)}
    who = ", ".join(f"{key}: {_names(value)}" for key, value in allowed.items())
    yield from _line("login", f"{login}, {who or 'only admins'}" if login else None)
    yield from _line("admins", config.get(("Authenticator", "admin_users")))
    yield from _line("home directories", hub.homes[1])
    images = sorted({image for part in values.values() for people, image in images_in(part) if people})
    yield from _line(f"{plural(len(images), 'image')} to start", images)
    yield from _line("built images", found.get(("config", "BinderHub", "image_prefix")))
    kinds = Counter(resource.kind for resource in hub.resources)
    counted = ", ".join(kind if count == 1 else f"{count} {kind}" for kind, count in kinds.items())
    yield f"+ {plural(len(hub.resources), 'resource')}: {printable(counted)}"
    for release in hub.releases:
        rendered = printable(release.problem) or plural(len(release.objects), "object")
        chart = f"{shown(release.chart)} {printable(release.versions[1])}"
        count = plural(len(list(leaves(release.values[0].new))) if release.values else 0, "value")
        yield f"+ release {shown(release.name)} ({chart}): {count}, {rendered}"


def _allows(path: tuple[str, ...], value: Any) -> bool:
    return path[-1].startswith("allow") and value not in (False, None, [], {}, "")


def _line(label: str, value: Any) -> Iterator[str]:
    if value:
        yield f"+ {label}: {_names(value)}"


def _names(value: Any) -> str:
    if not isinstance(value, list):
        return shown(value)
    more = f" and {len(value) - _MAX_NAMES} more" if len(value) > _MAX_NAMES else ""
    return ", ".join(map(shown, value[:_MAX_NAMES])) + more
