"""What changed resources of Pulumi mean: data that is lost, another cluster, moved home directories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hubs.preview.diff.claims import Claims
from hubs.preview.diff.judged import Judgement, Level, Origin, level_of
from hubs.preview.diff.leaves import Change, dotted
from hubs.preview.diff.resources import ResourceChange
from hubs.preview.diff.words import shown
from hubs.preview.releases import RELEASE_TYPE
from hubs.printable import printable
from hubs.settings.touches import Touches

_PROVIDER = "pulumi:providers:"
_CLAIM = "PersistentVolumeClaim"


def resource_judgements(change: ResourceChange, claims: Mapping[str, Claims]) -> Iterator[Judgement]:
    """Yield what a resource means that is removed, replaced, or that moves to another cluster.

    `claims`: by the release's name.
    """
    if change.type.startswith(_PROVIDER) and change.action in ("changed", "replaced"):
        effect = "on another cluster or account, everything is created again, without people's files"
        yield _of(change, Touches.FILES, f"changes ({_paths(change.changes)}): {effect}")
    if change.action not in ("removed", "replaced"):
        return
    if change.holds_data:
        yield _of(change, Touches.FILES, _data(change))
    elif change.type == RELEASE_TYPE:
        text, lost = _with_claims(claims.get(change.name, Claims(unknown=True)))
        level = Level.DANGEROUS if lost else Level.CAREFUL
        yield _of(change, Touches.FILES if lost else Touches.AVAILABILITY, f"is {_deleted(change)}{text}", level)
    elif change.type.startswith("random:") and "crypt" in change.name:
        text = f"is {_deleted(change)}: saved login state can't be decrypted any more, people log in again"
        yield _of(change, Touches.AVAILABILITY, text)
    if change.protected:
        yield _of(change, Touches.FILES, "is protected: the update fails until the protection is removed")


def _data(change: ResourceChange) -> str:
    what = "images" if change.is_repository else "files"
    if change.kept and change.action == "removed":
        return f"is removed from the config; it is kept with its {what}"
    if change.kept:
        return f"is replaced ({_paths(change.changes)}); the old one is kept, but its {what} are no longer used"
    return f"is {_deleted(change)}, and its {what} are lost"


def _deleted(change: ResourceChange) -> str:
    return "deleted" if change.action == "removed" else f"replaced ({_paths(change.changes)})"


def _with_claims(found: Claims) -> tuple[str, bool]:
    """Return what happens to data in a chart's claims, as the end of a sentence, and whether some may be lost."""
    text = f", and the data in {_CLAIM} {', '.join(map(shown, found.lost))} is lost" if found.lost else ""
    if found.unknown:
        text += ", and the chart could not be rendered: volumes that it created may be deleted with their data"
    text += f"; {_CLAIM} {', '.join(map(shown, found.kept))} is kept with its data" if found.kept else ""
    return text, bool(found.lost) or found.unknown


def moved_homes(resources: Sequence[ResourceChange], homes: tuple[str, str]) -> Judgement:
    """Return that home directories move, where settings can't say it."""
    kept = ", the old volume is kept" if any(is_covered_by_move(resource) for resource in resources) else ""
    old, new = (place or "(unknown)" for place in homes)
    effect = f"nothing is copied{kept}"
    return Judgement(Level.DANGEROUS, Touches.FILES, "home", "home directories move", old, new, effect)


def is_covered_by_move(change: ResourceChange) -> bool:
    """Return whether a resource is removed only because home directories move, without data loss."""
    volume = change.kind in ("PersistentVolume", _CLAIM)
    return volume and change.kept and change.action == "removed" and not change.protected


def not_compared(release: str, problem: str, *, refused: bool) -> Judgement:
    """Return that the objects of a release are not compared. `refused`: Helm refuses the new values."""
    if refused:
        text = f"the update fails: Helm refuses release {shown(release)}: {printable(_helm(problem))}"
        return Judgement(Level.DANGEROUS, Touches.AVAILABILITY, f"Release {release}", "the update fails", sentence=text)
    return Judgement(
        level_of(None),
        None,
        f"Release {release}",
        f"objects of release {shown(release)}",
        effect=f"not compared: {printable(problem)}",
        origin=Origin.OBJECT,
    )


def _helm(problem: str) -> str:
    """Return what Helm says, without its advice to use an option that nobody can set here."""
    return problem.removeprefix("helm: ").partition("; Use --debug")[0]


def _of(change: ResourceChange, touches: Touches, effect: str, level: Level | None = None) -> Judgement:
    return Judgement(
        level_of(touches) if level is None else level,
        touches,
        change.title,
        change.title,
        effect=effect,
        origin=Origin.OBJECT,
    )


def _paths(changes: Iterable[Change]) -> str:
    names = [shown(dotted(change.path)) for change in changes]
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
