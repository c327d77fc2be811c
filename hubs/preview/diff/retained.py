"""What is kept and what is deleted: `decommission`, a hub that is removed, protection that is taken away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hubs.preview.diff.claims import Claims
from hubs.preview.diff.contents import NAMESPACE, Contents, contents_of
from hubs.preview.diff.judged import Judgement, Level, Origin
from hubs.preview.diff.resources import KEPT, PROTECTED, Resource, ResourceChange
from hubs.preview.diff.words import plural, shown
from hubs.preview.releases import RELEASE_TYPE
from hubs.settings.touches import Touches

DECOMMISSION = "decommission"


def retention(changes: Sequence[ResourceChange], old: Sequence[Resource], hub: str = "") -> Iterator[Judgement]:
    """Yield what a change of `retain_on_delete` and `protect` means for the data of a hub that stays.

    `old`: its planned resources before. Without `hub`, the resources belong to no hub.
    """
    released = [change for change in changes if _turned(change, KEPT, True, False)]
    again = [change for change in changes if _turned(change, KEPT, False, True)]
    if hub and any(change.type == NAMESPACE for change in released):
        yield _judged(Level.DANGEROUS, "files and images may be deleted from now on", _allowed(contents_of(old)))
    elif released:
        level = Level.DANGEROUS if any(change.holds_data for change in released) else Level.CAREFUL
        yield _judged(level, "no longer kept when they are removed from the config", _listed(released))
    if again:
        yield _judged(Level.ROUTINE, "kept again when it is removed from the config", _listed(again))
    for change in changes:
        if _turned(change, PROTECTED, True, False):
            level = Level.DANGEROUS if change.holds_data else Level.CAREFUL
            yield _judged(level, f"{change.title} is no longer protected", "an update may delete or replace it")


def _allowed(found: Contents) -> str:
    """Return what is deleted when a hub with `decommission` is removed, and what stays."""
    text = f"when the hub is removed from the config, these are deleted: {_deleted(found)}"
    return f"{text}. These stay: {_joined(found.elsewhere)}" if found.elsewhere else text


def _deleted(found: Contents, namespace: bool = True, images: bool = True) -> str:
    parts = []
    if namespace:
        volumes = f" with all volumes in it: {_joined(found.volumes)}" if found.volumes else ""
        parts.append(f"its namespace {found.namespace}{volumes}")
    if images and found.repository:
        parts.append(f"its images, all of the repository {found.images}")
    return "; and ".join(parts)


def removed_hub(
    changes: Sequence[ResourceChange], old: Sequence[Resource], claims: Mapping[str, Claims]
) -> Iterator[Judgement]:
    """Yield what a hub that is removed takes with it, and what stays. `claims`: those of its releases, by name.

    Claims that Helm keeps are deleted together with their namespace.
    """
    found = contents_of(old)
    kept = {change.type for change in changes if change.kept}
    namespace = NAMESPACE not in kept
    images = found.repository and not any(change.is_repository and change.kept for change in changes)
    releases = [change.name for change in changes if change.type == RELEASE_TYPE]
    lost = [name for release in releases for name in claims.get(release, Claims(unknown=True)).lost]
    unknown = any(claims.get(release, Claims(unknown=True)).unknown for release in releases)
    parts = [_deleted(found, namespace, images)] if namespace or images else []
    if parts:
        parts[-1] += " (if the last update deployed decommission: true)"
    if not namespace and lost:
        parts.append(f"the data in {', '.join(f'PersistentVolumeClaim {shown(name)}' for name in lost)}")
    if not namespace and unknown:
        parts.append("volumes that a chart created, if it does not keep them (it could not be rendered)")
    stopped = f"its pods ({plural(len(releases), 'release')}) and its tokens"
    deleted = "; and ".join([*parts, stopped])
    data = " and ".join(["its files"] * (namespace and bool(found.volumes)) + ["its images"] * bool(images))
    subject = f"the hub is removed with {data}" if data else "the hub is removed"
    yield _judged(Level.DANGEROUS, subject, f"people can't use it any more, and these are deleted: {deleted}")
    stays = [*found.elsewhere]
    if not namespace:
        volumes = (
            f" with {_joined(name for name in found.volumes if not _is_lost(name, lost))}" if found.volumes else ""
        )
        stays.insert(0, f"its namespace {found.namespace}{volumes.removesuffix(' with ')}")
    if found.repository and not images:
        stays.append(f"its images in {found.images}")
    if stays:
        yield _judged(Level.CAREFUL, "kept of the removed hub", _joined(stays))
    for change in changes:
        if change.protected:
            yield _judged(
                Level.DANGEROUS, f"{change.title} is protected", "the update fails until the protection is removed"
            )


def _is_lost(volume: str, lost: Iterable[str]) -> bool:
    return any(f"({name})" in volume for name in lost)


def _turned(change: ResourceChange, option: str, before: bool, after: bool) -> bool:
    return any(one.path == (option,) and (one.old, one.new) == (before, after) for one in change.changes)


def _judged(level: Level, subject: str, effect: str) -> Judgement:
    return Judgement(level, Touches.FILES, DECOMMISSION, subject, effect=effect, origin=Origin.DECOMMISSION)


def _listed(changes: Sequence[ResourceChange]) -> str:
    names = [change.title for change in changes]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _joined(items: Iterable[str]) -> str:
    return ", ".join(items)
