"""Word a judgement: what happened to its subject, and the changed lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hubs.preview.diff.ciphertext import is_changed_secret
from hubs.preview.diff.images import ImageChange
from hubs.preview.diff.judged import Judgement
from hubs.preview.diff.leaves import MISSING, changes
from hubs.preview.diff.lines import change_lines, value_lines
from hubs.preview.diff.words import shown, whole

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
_VERBS = (ADDED, REMOVED, CHANGED)
MAX_PHRASE = 100
"""Characters of both values in a sentence. Longer ones are shown as lines only."""


def happened(judgement: Judgement) -> str:
    """Return what happened: `added`, `removed`, `changed`, `+ mallory`, `20 → 50`; nothing without values."""
    old, new = (_value(value) for value in (judgement.old, judgement.new))
    if old is MISSING or new is MISSING:
        return "" if old is new else _appeared(new, ADDED) if old is MISSING else _appeared(old, REMOVED)
    if is_changed_secret(judgement.old, judgement.new):
        return CHANGED
    if isinstance(old, list) and isinstance(new, list):
        return _short("; ".join(_delta(old, new)))
    if isinstance(old, (dict, list)) or isinstance(new, (dict, list)):
        return CHANGED
    return _short(str(ImageChange(False, old, new)) if _are_images(old, new) else f"{shown(old)} → {shown(new)}")


def title(judgement: Judgement) -> str:
    """Return subject and change in a few words: `profile "GPU" added`, `administrators: + mallory`."""
    change = happened(judgement)
    if not judgement.subject:
        return judgement.sentence or judgement.path
    return f"{judgement.subject}{' ' if change in _VERBS else ': '}{change}" if change else judgement.subject


def short_title(judgement: Judgement) -> str:
    """Return subject and verb without values, or the judgement's own sentence."""
    verb = happened(judgement)
    if judgement.sentence:
        return judgement.sentence
    return f"{judgement.subject} {verb}" if verb in _VERBS else judgement.subject or judgement.path


def sentence(judgement: Judgement) -> str:
    """Return the change and its consequence in one sentence."""
    return judgement.sentence or ": ".join(part for part in (title(judgement), judgement.effect) if part)


def changed_lines(judgement: Judgement) -> list[str]:
    """Return the old value in lines that begin with `-`, and the new one in lines that begin with `+`."""
    old, new = (_value(value) for value in (judgement.old, judgement.new))
    if is_changed_secret(judgement.old, judgement.new):
        return []
    if isinstance(old, list) and isinstance(new, list) and not any(isinstance(item, dict) for item in [*old, *new]):
        return [f"{sign} {item}" for sign, item in _items(old, new)] or ["~ new order:", f"  {whole(new)}"]
    if isinstance(old, (dict, list)) and isinstance(new, (dict, list)):
        return [line for change in changes(old, new) for line in change_lines(change)]
    return [f"{sign} {line}" for sign, value in (("-", old), ("+", new)) for line in value_lines(value)]


def _are_images(old: Any, new: Any) -> bool:
    """Return whether both are references to images, with a tag or digest: only the new version is said then."""
    return all(isinstance(value, str) and "/" in value and "://" not in value for value in (old, new))


def _value(value: Any) -> Any:
    """Return the value, or MISSING for null: a setting that is null is not set."""
    return MISSING if value is None else value


def _appeared(value: Any, verb: str) -> str:
    """Return `added` or `removed`, with a short value: `+ a, b`, `added: 20`."""
    if isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value):
        sign = "+" if verb == ADDED else "-"
        return _short(f"{sign} {', '.join(map(shown, value))}", verb) if value else verb
    return verb if isinstance(value, (dict, list)) else _short(f"{verb}: {shown(value)}", verb)


def _delta(old: list[Any], new: list[Any]) -> Iterator[str]:
    if any(isinstance(item, (dict, list)) for item in [*old, *new]):
        yield CHANGED
        return
    for sign in "+-":
        if items := [item for mark, item in _items(old, new) if mark == sign]:
            yield f"{sign} {', '.join(items)}"
    if sorted(map(whole, old)) == sorted(map(whole, new)):
        yield "another order"


def _items(old: list[Any], new: list[Any]) -> list[tuple[str, str]]:
    """Return the items that are only in one of the lists, removed ones first."""
    return [("-", whole(item)) for item in old if item not in new] + [
        ("+", whole(item)) for item in new if item not in old
    ]


def _short(text: str, otherwise: str = CHANGED) -> str:
    return text if len(text) <= MAX_PHRASE and "\\n" not in text else otherwise
