"""Compare plain data: the paths of differences, each with the old and the new value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from hubs.preview.cache import canonical


class Missing:
    """The type of MISSING, which means that there is no value. Null is a value."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()

Path = tuple[str, ...]
"""Keys from the outermost to the innermost. A list item is `[name]` if it has a name, otherwise `[number]`."""

NAMES = ("slug", "name", "key", "mountPath", "host", "display_name")
"""Keys that identify list items for Kubernetes, KubeSpawner and the charts."""


@dataclass(frozen=True)
class Change:
    """One difference. `old` is MISSING for a new value, `new` for a removed one. Both may be mappings or lists."""

    path: Path
    old: Any
    new: Any

    def below(self, count: int) -> Change:
        """Return the same change without the first `count` keys of its path."""
        return Change(self.path[count:], self.old, self.new)


def changes(old: Any, new: Any, path: Path = ()) -> list[Change]:
    """Return the differences between `old` and `new` in the order of the keys, each at the outermost path."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            change
            for key in sorted({*old, *new}, key=str)
            for change in changes(old.get(key, MISSING), new.get(key, MISSING), (*path, str(key)))
        ]
    if isinstance(old, list) and isinstance(new, list) and any(isinstance(item, dict) for item in [*old, *new]):
        return _list_changes(old, new, path)
    same = type(old) is type(new) and old == new and repr(old) == repr(new)  # [1] is not [True]
    return [] if same else [Change(path, old, new)]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield each scalar, list of scalars and empty mapping inside `value`, with its path."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, str(key)))
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        for label, item in labelled(value).items():
            yield from leaves(item, (*path, label))
    elif value is not MISSING:
        yield path, value


def at(value: Any, path: Path) -> Any:
    """Return what is at a path, or MISSING."""
    for step in path:
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            value = labelled(value).get(step, MISSING)
        else:
            value = value.get(step, MISSING) if isinstance(value, dict) else MISSING
    return value


def dotted(path: Sequence[str]) -> str:
    """Return a path as text: `hub.extraConfig."10-x.py"`, `profileList[small].slug`."""
    text = ""
    for key in path:
        if key.startswith("[") and key.endswith("]"):
            text += key
        else:
            text += ("." if text else "") + (json.dumps(key) if "." in key or not key else key)
    return text


def _list_changes(old: list[Any], new: list[Any], path: Path) -> list[Change]:
    if _named(old) and _named(new):
        before, after = labelled(old), labelled(new)
        kept = [label for label in before if label in after]
        renamed = _renamed(before, after, path)
        found = renamed or [
            change
            for label in dict.fromkeys([*before, *after])
            for change in changes(before.get(label, MISSING), after.get(label, MISSING), (*path, label))
        ]
        if kept != [label for label in after if label in before]:
            found.append(Change((*path, "[order]"), list(before), list(after)))
        return found
    if len(old) == len(new):
        return [c for i, pair in enumerate(zip(old, new, strict=True)) for c in changes(*pair, (*path, f"[{i}]"))]
    return _inserted(old, new, path)


def _renamed(before: dict[str, Any], after: dict[str, Any], path: Path) -> list[Change]:
    """Return the changes if exactly one item was renamed, otherwise nothing."""
    pairs = list(zip(before, after, strict=False))
    if len(before) != len(after) or sum(was != now for was, now in pairs) != 1:
        return []
    found = [(was, now, changes(before[was], after[now], (*path, was))) for was, now in pairs]
    if any(was != now and len(inside) > 2 for was, now, inside in found):
        return []  # a different item, not a renamed one
    return [change for _, _, inside in found for change in inside]


def _inserted(old: list[Any], new: list[Any], path: Path) -> list[Change]:
    """Compare lists of different lengths whose items have no names, by matching items with equal content."""
    matcher = SequenceMatcher(None, [canonical(item) for item in old], [canonical(item) for item in new], False)
    found = []
    for action, i, j, k, n in matcher.get_opcodes():
        if action != "equal":
            found += [Change((*path, f"[{number}]"), old[number], MISSING) for number in range(i, j)]
            found += [Change((*path, f"[{number}]"), MISSING, new[number]) for number in range(k, n)]
    return found


def _name(item: Any) -> str | None:
    if isinstance(item, dict):
        for key in NAMES:
            if isinstance(item.get(key), str):
                return f"[{item[key]}]"
    return None


def _named(items: list[Any]) -> bool:
    names = [_name(item) for item in items]
    return None not in names and len(set(names)) == len(names)


def labelled(items: list[Any]) -> dict[str, Any]:
    """Return the items of a list by their steps in a path: `[name]` if all have names, otherwise `[number]`."""
    if _named(items):
        return {str(_name(item)): item for item in items}
    return {f"[{number}]": item for number, item in enumerate(items)}
