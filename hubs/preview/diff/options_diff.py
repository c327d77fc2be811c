"""The difference of two options pages as a nested list that needs no click."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hubs.preview.diff.options_page import ADDRESS, DEFAULT, DESCRIPTION, GROUPS, Item, options_page

_NO_PAGE = Item("no page", "", "No options page: a server starts at once")


@dataclass(frozen=True)
class Fact:
    """Something about a line: `old` and `new` text, empty where there is none. They are equal if it did not change."""

    label: str
    old: str
    new: str

    @property
    def changed(self) -> bool:
        return self.old != self.new

    def __str__(self) -> str:
        """The fact in words, with the old text if it changed."""
        if self.label == DEFAULT:
            return ("now " if self.changed else "") + self.label if self.new else f"no longer {self.label}"
        if self.label == GROUPS and not (self.old and self.new):
            return " → ".join(f"{GROUPS} {text}" if text else "for everyone" for text in (self.old, self.new))
        if self.changed:
            return f"{self.label} {self.old or 'none'} → {self.new or 'none'}"
        return self.new if self.label == DESCRIPTION else f"{self.label} {self.new}"


@dataclass(frozen=True)
class Line:
    """A line of the page. `mark` is `+`, `-` or `~` for what is added, removed or changed, or a space.

    `level` is how deep the line is, from 0. `kind` is that of `Item`, or `order` for a new order of profiles. `was` is
    the name before, if it was renamed. `facts` are in the order of the page.
    """

    mark: str
    level: int
    kind: str
    name: str
    was: str = ""
    facts: tuple[Fact, ...] = ()

    def __str__(self) -> str:
        """The line as text: mark, indentation, name and facts."""
        renamed = f' (renamed from "{self.was}")' if self.was else ""
        facts = " · ".join(map(str, self.facts))
        return f"{self.mark} {'  ' * self.level}{self.name}{renamed}{': ' + facts if facts else ''}"

    @property
    def plain(self) -> dict[str, Any]:
        """The line as data for JSON, without what is empty."""
        found: dict[str, Any] = {"mark": self.mark, "level": self.level, "kind": self.kind, "name": self.name}
        if self.was:
            found["was"] = self.was
        if self.facts:
            found["facts"] = [{"label": fact.label, "old": fact.old, "new": fact.new} for fact in self.facts]
        return found


def page_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return the whole page after a change, with what was removed, or nothing if the page stays as it is.

    `old` and `new` are the values of the chart jupyterhub, empty if there is no such release. A hub that is removed has
    no page.
    """
    if not new:
        return ()
    before = (options_page(old) or (_NO_PAGE,)) if old else ()
    lines = tuple(_lines(before, options_page(new) or (_NO_PAGE,), 0))
    return lines if any(line.mark != " " for line in lines) else ()


def brief(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines without the contents of profiles and menus in which nothing changes."""
    kept: list[Line] = []
    for index, line in enumerate(lines):
        above = [_around(lines, index, level) for level in range(line.level)]
        if all(any(inside.mark != " " for inside in part) for part in above):
            kept.append(line)
    return tuple(kept)


def _around(lines: Sequence[Line], index: int, level: int) -> Sequence[Line]:
    """Return the part of the page at this level, such as a profile, that contains the line."""
    start = next(i for i in range(index, -1, -1) if lines[i].level <= level)
    end = next((i for i in range(index, len(lines)) if lines[i].level <= level and i > start), len(lines))
    return lines[start:end]


def equal_pages(pages: Iterable[tuple[str, tuple[Line, ...]]]) -> list[tuple[tuple[str, ...], tuple[Line, ...]]]:
    """Return each page that changes once, with the names of all its hubs, in the order given."""
    found: dict[tuple[Line, ...], list[str]] = {}
    for name, lines in pages:
        if lines:
            found.setdefault(lines, []).append(name)
    return [(tuple(names), lines) for lines, names in found.items()]


def _lines(old: Sequence[Item], new: Sequence[Item], level: int) -> Iterator[Line]:
    pairs = _pairs(old, new)
    if level == 0 and (order := _order(old, pairs)):
        yield Line("~", 0, "order", "Profiles", facts=tuple(order))
    for before, after in _in_place(old, pairs):
        yield from _item(before, after, level)


def _item(before: Item | None, after: Item | None, level: int) -> Iterator[Line]:
    facts = _facts(before, after)
    was = ""
    if before is None or after is None:
        mark = "-" if after is None else "+"
        facts = [Fact(fact.label, fact.old or fact.new, fact.old or fact.new) for fact in facts]
    else:
        facts += _order(before.inside, _pairs(before.inside, after.inside))
        was = before.name if before.name != after.name else ""
        mark = "~" if was or any(fact.changed for fact in facts) else " "
    item = after or before or _NO_PAGE
    yield Line(mark, level, item.kind, item.name, was, tuple(facts))
    yield from _lines(before.inside if before else (), after.inside if after else (), level + 1)


def _facts(before: Item | None, after: Item | None) -> list[Fact]:
    """Return what is always shown, then what is shown because it is new or changes."""
    none = Item("", "", "")
    old, new = before or none, after or none
    labels = dict.fromkeys([*new.shown, *old.shown])
    facts = [Fact(label, old.shown.get(label, ""), new.shown.get(label, "")) for label in labels]
    if after is None:
        return facts
    labels = dict.fromkeys([*new.others, *old.others])
    others = [Fact(label, old.others.get(label, ""), new.others.get(label, "")) for label in labels]
    if before is not None:
        others.append(Fact(ADDRESS, before.key, after.key))
    return facts + [fact for fact in others if fact.changed]


def _pairs(old: Sequence[Item], new: Sequence[Item]) -> list[tuple[Item | None, Item]]:
    """Return each new item with the old one that it was: the one with the same key, else with the same name, else the
    one that has most in common."""
    left = list(old)
    found: dict[int, Item] = {}
    for alike in (_same_key, _same_name, _in_common):
        for index, item in enumerate(new):
            best = max(left, key=lambda other: alike(other, item), default=None) if index not in found else None
            if best is not None and alike(best, item) >= _RENAMED:
                found[index] = best
                left = [other for other in left if other is not best]
    return [(found.get(index), item) for index, item in enumerate(new)]


_RENAMED = 0.5
"""Share of facts that an item keeps when it gets another name and key. With less in common it is another item."""


def _same_key(one: Item, other: Item) -> float:
    return (one.kind, one.key) == (other.kind, other.key)


def _same_name(one: Item, other: Item) -> float:
    return (one.kind, one.name) == (other.kind, other.name)


def _in_common(one: Item, other: Item) -> float:
    first, second = set(_content(one)), set(_content(other))
    return len(first & second) / len(first | second) if one.kind == other.kind and first and second else 0


def _content(item: Item, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield what identifies an item besides its name: facts, and choices inside. What people type is alike anywhere."""
    if item.kind in ("text field", "build"):
        return
    if path and item.kind != "menu":
        yield path
    yield from ((*path, label, text) for label, text in {**item.shown, **item.others}.items() if label != DEFAULT)
    for child in item.inside:
        yield from _content(child, (*path, child.name))


def _order(old: Sequence[Item], pairs: Sequence[tuple[Item | None, Item]]) -> list[Fact]:
    """Return how the order of what stays changes, if it does."""
    called = {id(before): after.name for before, after in pairs if before is not None}
    was = [called[id(item)] for item in old if id(item) in called]
    now = [after.name for before, after in pairs if before is not None]
    return [] if was == now else [Fact("order", ", ".join(was), ", ".join(now))]


def _in_place(
    old: Sequence[Item], pairs: Sequence[tuple[Item | None, Item]]
) -> Iterator[tuple[Item | None, Item | None]]:
    """Yield the pairs in the new order, and each removed item after what was before it."""
    stays = {id(before) for before, _ in pairs}
    removed: dict[int | None, list[Item]] = {}
    anchor: int | None = None
    for item in old:
        if id(item) in stays:
            anchor = id(item)
        else:
            removed.setdefault(anchor, []).append(item)
    yield from ((item, None) for item in removed.get(None, ()))
    for before, after in pairs:
        yield before, after
        if before is not None:
            yield from ((item, None) for item in removed.get(id(before), ()))
