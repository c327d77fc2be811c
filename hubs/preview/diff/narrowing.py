"""Show of a changed value only what differs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hubs.preview.diff.judged import Judgement
from hubs.preview.diff.leaves import MISSING, Path, at, changes, dotted

_PROFILES = ("singleuser", "profileList")
_IMAGE_NAMES = ("name", "repository")


def narrowed(chart: str, place: Path, judgement: Judgement, sides: tuple[Any, Any]) -> Judgement:
    """Return a judgement with only what differs: its values without equal keys, or the only value that does."""
    if judgement.sentence:  # it names what differs
        return judgement
    if place[: len(_PROFILES)] == _PROFILES and chart == "jupyterhub":
        named = (
            value.get("display_name", ", ".join(value)) if isinstance(value, dict) else value
            for value in (judgement.old, judgement.new)
        )
        return replace(judgement, old=next(named), new=next(named))
    if place[-2:-1] == ("image",) and place[-1] in _IMAGE_NAMES:
        tags = [at(side, (*place[:-1], "tag")) for side in sides]
        if tags[0] != tags[1]:
            whole = (
                f"{name}:{tag}" if isinstance(name, str) and tag not in (MISSING, None) else name
                for name, tag in zip((judgement.old, judgement.new), tags, strict=True)
            )
            return replace(judgement, old=next(whole), new=next(whole))
    old, new = _differing(judgement.old, judgement.new)
    path = place
    while (key := _only_key(old, new)) is not None:
        old, new = (side[key] if isinstance(side, dict) and key in side else MISSING for side in (old, new))
        path = (*path, key)
    subject = judgement.subject
    for name in (f"({dotted(place)})", dotted(place)):
        if path != place and subject.endswith(name):
            subject = subject.removesuffix(name) + name.replace(dotted(place), dotted(path))
            break
    return replace(judgement, subject=subject, old=old, new=new)


def _only_key(old: Any, new: Any) -> str | None:
    """Return the only key of two mappings, if nothing else differs and both sides can be named by it."""
    sides = [side for side in (old, new) if side is not MISSING]
    if not sides or not all(isinstance(side, dict) for side in sides):
        return None
    keys = {key for side in sides for key in side}
    return str(keys.pop()) if len(keys) == 1 else None


def _differing(old: Any, new: Any) -> tuple[Any, Any]:
    """Return two mappings without what is equal in both."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return old, new
    sides: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for key in [*old, *(key for key in new if key not in old)]:
        if key in old and key in new:
            if changes(old[key], new[key]):
                sides[0][key], sides[1][key] = _differing(old[key], new[key])
        else:
            side, values = (sides[0], old) if key in old else (sides[1], new)
            side[key] = values[key]
    return sides
