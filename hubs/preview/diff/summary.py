"""The first line: what a reviewer must know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from hubs.preview.diff.compare import StackChange
from hubs.preview.diff.images import ImageChange
from hubs.preview.diff.words import plural, printable, shown

_MAX_NAMES = 8
_MAX_IMAGES = 3
_IMAGE_VERBS: tuple[tuple[tuple[str, str], Callable[[ImageChange], bool]], ...] = (
    (("changes", "change"), lambda image: bool(image.old and image.new)),
    (("is new", "are new"), lambda image: not image.old),
    (("goes", "go"), lambda image: not image.new),
)


def first_line(change: StackChange) -> str:
    """Dangers counted, then hubs, then what goes from the config, then what restarts."""
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
    return ", ".join(parts)


def dangers(change: StackChange) -> Iterator[str]:
    """Each danger with the hubs that it is in; what several hubs share is said once."""
    yield from change.dangers
    where: dict[str, list[str]] = {}
    for hub in change.hubs:
        for danger in hub.dangers:
            where.setdefault(danger, []).append(hub.name)
    for danger, hubs in where.items():
        yield f"{names_of(hubs)}: {danger}"


def names_of(hubs: Sequence[str]) -> str:
    """Names in a row; of many, the first ones."""
    names = ", ".join(printable(hub) for hub in hubs[:_MAX_NAMES])
    return names if len(hubs) <= _MAX_NAMES else f"{names} and {len(hubs) - _MAX_NAMES} more hubs"


def restart(name: str) -> str:
    """What it means that the pods of the object `name` are made anew."""
    from hubs.values.releases import CHARTS  # the settings' models take a while to import, and few changes restart pods

    meanings = {workload: meaning for chart in CHARTS for workload, meaning in chart.restarts.items()}
    for known, meaning in meanings.items():
        if name == known or name.endswith(f"-{known}"):
            return meaning
    return f"{name} restarts"


def _removed(change: StackChange) -> list[str]:
    gone = [r for hub in change.hubs for r in hub.resources if r.action == "removed" and r.kind == "Namespace"]
    kept = sum(resource.kept for resource in gone)
    parts = []
    if kept:
        parts.append(f"{plural(kept, 'namespace')} would be removed from the config (kept)")
    if len(gone) > kept:
        parts.append(f"{plural(len(gone) - kept, 'namespace')} would be deleted")
    return parts


def _images(change: StackChange) -> list[str]:
    """Those that people start, and the others, which are the hubs' own; each once, however many hubs have it."""
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
    told = "; ".join(
        f"{meaning} (in {count} releases)" if count > 1 else meaning for meaning, count in meanings.most_common(4)
    )
    return [f"{plural(len(names), 'pod template')} {'changes' if len(names) == 1 else 'change'}: {told}"]


def _secrets(change: StackChange) -> list[str]:
    secrets = change.secrets
    if secrets.new_key:
        return ["every secret was encrypted again (new passphrase or key: their values can't be compared)"]
    parts = []
    for paths, word in ((secrets.changed, "changed"), (secrets.added, "added"), (secrets.removed, "removed")):
        if paths:
            parts.append(f"{plural(len(paths), 'secret')} {word}")
    return parts
