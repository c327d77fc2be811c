"""Sets of traffic and of permissions as boxes, so that "allows more" is computed and not guessed from the text.

A box is the product of one set for each dimension, such as addresses, ports, the value of a label, a verb. A
dimension that a box does not name is not restricted. Dimensions of numbers are always named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Values:
    """These values, or all others if `others` is true. None stands for a missing value, such as an unset label."""

    items: frozenset[str | None] = frozenset()
    others: bool = False

    def __and__(self, other: Values) -> Values:
        if self.others and other.others:
            return Values(self.items | other.items, True)
        if self.others:
            return Values(other.items - self.items)
        return Values(self.items - other.items if other.others else self.items & other.items)

    def __sub__(self, other: Values) -> Values:
        return self & Values(other.items, not other.others)

    def __bool__(self) -> bool:
        return self.others or bool(self.items)


ANY = Values(frozenset(), True)


def only(*values: str | None) -> Values:
    """Return the set of these values."""
    return Values(frozenset(values))


@dataclass(frozen=True)
class Numbers:
    """Ranges of numbers, `(first, last)`, sorted and apart from each other."""

    ranges: tuple[tuple[int, int], ...] = ()

    def __and__(self, other: Numbers) -> Numbers:
        common = ((max(a, c), min(b, d)) for a, b in self.ranges for c, d in other.ranges)
        return Numbers(tuple(sorted((first, last) for first, last in common if first <= last)))

    def __sub__(self, other: Numbers) -> Numbers:
        left = self
        for first, last in other.ranges:
            apart: list[tuple[int, int]] = []
            for start, end in left.ranges:
                apart += [(a, b) for a, b in ((start, min(end, first - 1)), (max(start, last + 1), end)) if a <= b]
            left = Numbers(tuple(apart))
        return left

    def __bool__(self) -> bool:
        return bool(self.ranges)


Box = Mapping[str, Values | Numbers]


def common(one: Box, other: Box) -> dict[str, Values | Numbers] | None:
    """Return what both boxes contain, or None if that is nothing."""
    found = dict(one)
    for name, members in other.items():
        both = _both(found[name], members) if name in found else members
        if not both:
            return None
        found[name] = both
    return found


def without(boxes: Iterable[Box], removed: Iterable[Box]) -> list[Box]:
    """Return what is in `boxes` and not in `removed`, as boxes that do not overlap where those in `boxes` do not."""
    left = list(boxes)
    for box in removed:
        left = [part for one in left for part in _minus(one, box)]
    return left


def _minus(box: Box, removed: Box) -> list[Box]:
    if common(box, removed) is None:
        return [box]
    parts: list[Box] = []
    inside = dict(box)
    for name, members in removed.items():
        own = inside.get(name, ANY)
        outside = _difference(own, members)
        if outside:
            parts.append({**inside, name: outside})
        inside[name] = _both(own, members)
    return parts


def _both(one: Values | Numbers, other: Values | Numbers) -> Values | Numbers:
    if isinstance(one, Values) and isinstance(other, Values):
        return one & other
    if isinstance(one, Numbers) and isinstance(other, Numbers):
        return one & other
    raise TypeError("sets of different dimensions")


def _difference(one: Values | Numbers, other: Values | Numbers) -> Values | Numbers:
    if isinstance(one, Values) and isinstance(other, Values):
        return one - other
    if isinstance(one, Numbers) and isinstance(other, Numbers):
        return one - other
    raise TypeError("sets of different dimensions")
