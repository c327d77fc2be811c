"""Write the summary line of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from hubs.preview.diff.compare import StackChange
from hubs.preview.diff.images import ImageChange
from hubs.preview.diff.words import plural, shown
from hubs.printable import printable

_MAX_NAMES = 8
_MAX_IMAGES = 3
_IMAGE_VERBS: tuple[tuple[tuple[str, str], Callable[[ImageChange], bool]], ...] = (
    (("changes", "change"), lambda image: bool(image.old and image.new)),
    (("is new", "are new"), lambda image: not image.old),
    (("is removed", "are removed"), lambda image: not image.new),
)


def first_line(change: StackChange) -> str:
    """Return the number of dangers and changed hubs, then images, removed namespaces, restarts and secrets."""
    if change.empty:
        return "nothing changes"
    parts = []
    count = len(list(dangers(change)))
    if count:
        parts.append(plural(count, "danger"))
    actions = Counter(hub.action for hub in change.hubs)
    if actions["changed"]:
        parts.append(f"{plural(actions['changed'], 'hub')} {'changes' if actions['changed'] == 1 else 'change'}")
    for action in ("added", "removed"):
        if actions[action]:
            parts.append(f"{plural(actions[action], 'hub')} {'is' if actions[action] == 1 else 'are'} {action}")
    parts += _images(change)
    parts += _removed(change)
    parts += _restarts(change)
    parts += _secrets(change)
    if change.shared:
        parts.append(f"{plural(len(change.shared), 'shared resource')} differ{'s' if len(change.shared) == 1 else ''}")
    problems = sum(bool(release.problem) for hub in change.hubs for release in hub.releases)
    if problems:
        parts.append(f"{plural(problems, 'release')} could not be rendered")
    if change.not_compared:
        parts.append(f"not compared: {names_of([left.hub for left in change.not_compared])}")
    return ", ".join(parts)


def dangers(change: StackChange) -> Iterator[str]:
    """Yield each danger once, with the names of the hubs that have it."""
    yield from change.dangers
    where: dict[str, list[str]] = {}
    for hub in change.hubs:
        for danger in hub.dangers:
            where.setdefault(danger, []).append(hub.name)
    for danger, hubs in where.items():
        yield f"{names_of(hubs)}: {danger}"


def names_of(hubs: Sequence[str]) -> str:
    """Return the names separated by commas, at most the first eight."""
    names = ", ".join(printable(hub) for hub in hubs[:_MAX_NAMES])
    return names if len(hubs) <= _MAX_NAMES else f"{names} and {len(hubs) - _MAX_NAMES} more hubs"


def restart(name: str) -> str:
    """Return what a restart of the pods of the object `name` means for people."""
    from hubs.values.releases import CHARTS  # the settings' models take a while to import, and few changes restart pods

    meanings = {workload: meaning for chart in CHARTS for workload, meaning in chart.restarts.items()}
    for known, meaning in meanings.items():
        if name == known or name.endswith(f"-{known}"):
            return meaning
    return f"{name} restarts"


def _removed(change: StackChange) -> list[str]:
    removed = [r for hub in change.hubs for r in hub.resources if r.action == "removed" and r.kind == "Namespace"]
    kept = sum(resource.kept for resource in removed)
    deleted = len(removed) - kept
    parts = []
    if kept:
        parts.append(f"{plural(kept, 'namespace')} {'is' if kept == 1 else 'are'} kept")
    if deleted:
        parts.append(f"{plural(deleted, 'namespace')} {'is' if deleted == 1 else 'are'} deleted")
    return parts


def _images(change: StackChange) -> list[str]:
    """Return changes of images that people start and of the hubs' own images, each image once."""
    found = sorted({image for hub in change.hubs for release in hub.releases for image in release.images})
    parts = []
    for people in (True, False):
        for verbs, fits in _IMAGE_VERBS:
            images = [str(image) for image in found if image.people == people and fits(image)]
            if images:
                own = "" if people else " of the hub's own pods"
                named = ", ".join(shown(image) for image in images[:_MAX_IMAGES])
                more = f" and {len(images) - _MAX_IMAGES} more" if len(images) > _MAX_IMAGES else ""
                parts.append(f"{plural(len(images), 'image')}{own} {verbs[len(images) > 1]} ({named}{more})")
    return parts


def _restarts(change: StackChange) -> list[str]:
    names = [o.name for hub in change.hubs for release in hub.releases for o in release.objects if o.restarts]
    if not names:
        return []
    meanings = Counter(restart(name) for name in names)
    effects = "; ".join(
        f"{meaning} (in {count} releases)" if count > 1 else meaning for meaning, count in meanings.most_common(4)
    )
    return [f"{plural(len(names), 'pod template')} {'changes' if len(names) == 1 else 'change'}: {effects}"]


def _secrets(change: StackChange) -> list[str]:
    secrets = change.secrets
    if secrets.new_key:
        return ["all secrets were encrypted again (new passphrase or key: their values can't be compared)"]
    parts = []
    for paths, word in ((secrets.changed, "changed"), (secrets.added, "added"), (secrets.removed, "removed")):
        if paths:
            parts.append(f"{plural(len(paths), 'secret')} {word}")
    return parts
