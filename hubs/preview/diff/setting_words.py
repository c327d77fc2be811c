"""Say what a changed setting means, from its mark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from hubs.preview.diff.judged import Judgement, Level, level_of
from hubs.preview.diff.leaves import MISSING, dotted
from hubs.preview.diff.setting_leaves import Leaf, plain
from hubs.preview.diff.words import shown
from hubs.settings.egress import Egress
from hubs.settings.touches import Touches, touches

_MAX_ITEMS = 8


def judgement(leaf: Leaf, source: str = "") -> Judgement | None:
    """Return what a changed setting means, or None if nobody needs to hear it.

    Other judges look at what is passed on to a chart or to KubeSpawner, by its path there.
    """
    mark, old, new = leaf.mark, leaf.old, leaf.new
    if mark.what is None:
        return None
    if leaf.place.fresh and leaf.old is MISSING and not leaf.item:
        return None  # a new group must have it
    what, level, effect = meaning(mark, *_for_directions(leaf), restricts=leaf.restricts)
    if leaf.place.fresh and level is not Level.DANGEROUS:
        return None  # the new group itself is said, with all that is in it
    said = leaf.sentence or sentence(mark, _subject(leaf), old, new, effect, item=leaf.item)
    return Judgement(
        level,
        what,
        dotted(leaf.place.keys),
        _within(leaf, leaf.item or _subject(leaf)),
        plain(old),
        plain(new),
        effect,
        source,
        sentence=_within(leaf, said),
    )


def meaning(mark: touches, old: Any, new: Any, *, restricts: bool | None = None) -> tuple[Touches | None, Level, str]:
    """Return what a change touches, its level and its consequence. `old` and `new` are in effect, None for nothing.

    `restricts` is in place of the mark's answer.
    """
    if mark.harmless is not None and mark.harmless(old, new):
        return Touches.NOTHING, Level.ROUTINE, ""
    if restricts is None:
        restricts = mark.restricts is not None and mark.restricts(old, new)
    if restricts:
        return mark.what, level_of(mark.what, restricts=True), mark.otherwise
    return mark.what, Level.DANGEROUS if mark.outage else level_of(mark.what), mark.effect


def listed(items: Sequence[str]) -> str:
    """Return `a, b and c`, at most the first eight items."""
    shown_items = list(items[:_MAX_ITEMS])
    if len(items) > _MAX_ITEMS:
        return f"{', '.join(shown_items)} and {len(items) - _MAX_ITEMS} more"
    return " and ".join([", ".join(shown_items[:-1]), shown_items[-1]] if len(items) > 1 else shown_items)


def value_words(value: Any, empty: str = "none") -> str:
    """Return a value as people write it. `empty` stands for nothing at all."""
    if value is None or value is MISSING or value in ([], {}):
        return empty
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return listed([shown(item) for item in value])
    return shown(plain(value))


def _for_directions(leaf: Leaf) -> tuple[Any, Any]:
    """Return both values as a mark's directions expect them."""
    if leaf.item:
        old, new = ({} if side is MISSING else {leaf.item: side} for side in (leaf.old, leaf.new))
        return old, new
    return (None if leaf.old is MISSING else leaf.old), (None if leaf.new is MISSING else leaf.new)


def sentence(mark: touches, subject: str, old: Any, new: Any, effect: str, *, item: str = "") -> str:
    """Return a change in one sentence, in the mark's words. `item`: a group that appears or disappears."""
    clauses = []
    if mark.gained or mark.lost:
        added, removed = _moved(old, new, item)
        clauses = [_filled(mark.gained, added)] if added is not None and mark.gained else []
        clauses += [_filled(mark.lost, removed)] if removed is not None and mark.lost else []
        if len(clauses) > 1 and effect:
            clauses[0], effect = f"{clauses[0]}: {effect}", ""
    text = "; ".join(clauses)
    if not text and item:
        text = f"{item} is {'added' if old is MISSING else 'removed'}"
    if not text:
        values = f"{value_words(old, mark.empty)} → {value_words(new, mark.empty)}"
        text = ": ".join(part for part in (subject, values) if part)
    return f"{text}: {effect}" if effect else text


def _moved(old: Any, new: Any, item: str) -> tuple[list[str] | None, list[str] | None]:
    """Return the items that are added and removed, None if there are none. True and false have no items."""
    if item:
        return ([item], None) if old is MISSING else (None, [item])
    if isinstance(old, bool) or isinstance(new, bool):
        return ([], None) if new is True else (None, [])
    before, after = _entries(old), _entries(new)
    if isinstance(old, list | dict) or isinstance(new, list | dict):
        added, removed = [item for item in after if item not in before], [item for item in before if item not in after]
        return added or None, removed or None
    if before and after:
        return None, None
    return (after, None) if after else (None, before)


def _entries(value: Any) -> list[str]:
    if value is None or value is MISSING:
        return []
    if isinstance(value, dict):
        return [f"{shown(key)}: {shown(plain(item))}" for key, item in value.items()]
    if isinstance(value, list):
        return [shown(str(item) if isinstance(item, Egress) else plain(item)) for item in value]
    return [shown(plain(value))]


def _filled(template: str, items: Sequence[str]) -> str:
    many = len(items) > 1
    text = re.sub(r"\{([^{}|]+)\|([^{}|]+)\}", lambda found: found[2] if many else found[1], template)
    return text.replace("{}", listed(items)) if items else text


def _subject(leaf: Leaf) -> str:
    """Return what a setting is called, or nothing if its group is called like it: `image Pangeo`."""
    subject, within = leaf.mark.subject, leaf.place.within
    if subject and within and within[-1].startswith(f"{subject} "):
        return ""
    return subject or (leaf.place.keys[-1] if leaf.place.within else dotted(leaf.place.keys))


def _within(leaf: Leaf, text: str) -> str:
    return ": ".join(part for part in (*leaf.place.within, text) if part)
