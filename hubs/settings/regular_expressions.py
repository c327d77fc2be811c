"""How long a regular expression can take, found from its structure.

Python and browsers try the ways to match a text one after the other. The number of ways grows with the text if the
expression is ambiguous: exponentially if a text leads from a place in the expression back to it in two ways, and
polynomially if a text can stay at one place, go from there to another, and stay at the other (Weideman et al.,
"Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers by Using Ambiguity of NFA", CIAA 2016).
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Literal

Growth = Literal["linear", "polynomial", "exponential"]
_ORDER: tuple[Growth, ...] = ("linear", "polynomial", "exponential")

_COPIES = 3
"""Copies that stand for a bounded repetition such as {0,61}: enough to see whether its parts are ambiguous."""
_WORD = re.compile(r"\w")


def growth(pattern: str, flags: int = 0, *, search: bool = False, whole: bool = True) -> Growth:
    """Return how the time to match grows with the text.

    `search`: the expression is looked for at each place of the text, as with `re.search` and in browsers. Otherwise it
    matches from the beginning. `whole`: it has to match up to the end, as with `re.fullmatch`.
    Raises re.error if it is not a valid expression.
    """
    tree = parser.parse(pattern, flags)
    found = _growth(tree, tree.state.flags, search=search, whole=whole)
    for part in _assertions(tree):
        inner = _growth(part, tree.state.flags, search=False, whole=False)
        found = max(found, inner, key=_ORDER.index)
    return found


def check_expression(name: str, pattern: str, flags: int = 0) -> None:
    """Raise ValueError, which says how the setting `name` is wrong, unless Python can match the expression in time."""
    try:
        found = growth(pattern, flags, whole=False)
    except (re.error, OverflowError, RecursionError):
        raise ValueError(f"{name} is not a valid Python regular expression") from None
    if found == "exponential":
        raise ValueError(
            f"{name} can take a very long time: a part that repeats matches the same text in several ways, as in"
            " (a+)+; write it so that there is one way"
        )


def _assertions(tree: Any) -> Iterator[Any]:
    """Yield the expressions in lookaheads and lookbehinds, which are matched by themselves."""
    for kind, value in tree:
        if kind in (op.ASSERT, op.ASSERT_NOT):
            yield value[1]
        for part in _parts(kind, value):
            yield from _assertions(part)


def _parts(kind: Any, value: Any) -> list[Any]:
    if kind is op.BRANCH:
        return list(value[1])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return [value[2]]
    if kind is op.SUBPATTERN:
        return [value[3]]
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    if kind is op.ATOMIC_GROUP:
        return [value]
    return [part for part in value[1:] if part is not None] if kind is op.GROUPREF_EXISTS else []


@dataclass
class _Automaton:
    """Positions in the expression, the characters that each accepts, and in how many ways one follows another."""

    alphabet: frozenset[str]
    flags: int
    accepts: list[frozenset[str]] = field(default_factory=list)
    follow: Counter[tuple[int, int]] = field(default_factory=Counter)

    def position(self, characters: Iterable[str]) -> int:
        self.accepts.append(frozenset(characters))
        return len(self.accepts) - 1

    def connect(self, before: Iterable[int], after: Iterable[int]) -> None:
        after = list(after)
        self.follow.update((one, other) for one in before for other in after)


@dataclass(frozen=True)
class _Part:
    """A part of an expression: the positions that it can begin and end with, and whether it can be empty."""

    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()
    empty: bool = True


def _sequence(automaton: _Automaton, parts: Iterable[_Part]) -> _Part:
    whole = _Part()
    for part in parts:
        automaton.connect(whole.last, part.first)
        whole = _Part(
            whole.first + part.first if whole.empty else whole.first,
            whole.last + part.last if part.empty else part.last,
            whole.empty and part.empty,
        )
    return whole


def _build(automaton: _Automaton, tree: Any) -> _Part:
    return _sequence(automaton, [_one(automaton, kind, value) for kind, value in tree])


def _one(automaton: _Automaton, kind: Any, value: Any) -> _Part:
    if kind in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
        place = automaton.position(c for c in automaton.alphabet if _accepts(kind, value, c, automaton.flags))
        return _Part((place,), (place,), empty=False)
    if kind is op.SUBPATTERN:
        return _build(automaton, value[3])
    if kind is op.ATOMIC_GROUP:
        return _build(automaton, value)
    if kind in (op.BRANCH, op.GROUPREF_EXISTS):
        ways = [_build(automaton, part) for part in _parts(kind, value)]
        return _Part(
            tuple(p for way in ways for p in way.first),
            tuple(p for way in ways for p in way.last),
            any(way.empty for way in ways) or kind is op.GROUPREF_EXISTS,
        )
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return _repeat(automaton, *value)
    return _Part()  # an assertion or a reference to a group


def _repeat(automaton: _Automaton, least: int, most: int, tree: Any) -> _Part:
    if most == op.MAXREPEAT:
        parts = [_build(automaton, tree) for _ in range(max(1, min(least, _COPIES)))]
        automaton.connect(parts[-1].last, parts[-1].first)
        if least == 0:
            parts[-1] = _Part(parts[-1].first, parts[-1].last)
        return _sequence(automaton, parts)
    copies = [_build(automaton, tree) for _ in range(min(most, _COPIES))]
    needed, whole = copies[:least], _Part()
    for part in reversed(copies[least:]):  # a{0,3} is (a(a(a)?)?)?: a text has one way through it
        automaton.connect(part.last, whole.first)
        whole = _Part(part.first, part.last + whole.last)
    return _sequence(automaton, [*needed, whole])


def _accepts(kind: Any, value: Any, character: str, flags: int) -> bool:
    if flags & re.IGNORECASE and character.swapcase() != character:
        cases: tuple[str, ...] = (character, character.swapcase())
    else:
        cases = (character,)
    if kind is op.LITERAL:
        return any(ord(c) == value for c in cases if len(c) == 1)
    if kind is op.NOT_LITERAL:
        return not _accepts(op.LITERAL, value, character, flags)
    if kind is op.ANY:
        return character != "\n" or bool(flags & re.DOTALL)
    negated = bool(value[0][0] is op.NEGATE)
    return negated is not any(_in_class(item, c) for item in value for c in cases if len(c) == 1)


_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}


def _in_class(item: Any, character: str) -> bool:
    kind, value = item
    if kind is op.LITERAL:
        return bool(ord(character) == value)
    if kind is op.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    if kind is op.CATEGORY:
        return re.match(_CATEGORIES[value], character) is not None
    return False


def _alphabet(tree: Any) -> Iterator[str]:
    """Yield characters that stand for all: the ends of each range and their neighbours, and one of each kind."""
    yield from "aZ5_ \n-\u00e9\u0660!"
    for kind, value in tree:
        if kind in (op.LITERAL, op.NOT_LITERAL):
            yield from _around(value, value)
        elif kind is op.IN:
            for item, inner in value:
                if item is op.LITERAL:
                    yield from _around(inner, inner)
                elif item is op.RANGE:
                    yield from _around(*inner)
        for part in _parts(kind, value):
            yield from _alphabet(part)


def _around(low: int, high: int) -> Iterator[str]:
    for number in (low - 1, low, high, high + 1):
        if 0 <= number < 0x110000:
            yield chr(number)


def _growth(tree: Any, flags: int, *, search: bool, whole: bool) -> Growth:
    automaton = _Automaton(frozenset(_alphabet(tree)), flags)
    expression = _build(automaton, tree)
    if search:
        _search(automaton, tree, expression)
    # What is complete needs no other way. An assertion at the end, such as $, can still refuse it.
    ends = whole or (len(tree) > 0 and tree[-1][0] in (op.AT, op.ASSERT, op.ASSERT_NOT))
    complete = set() if ends else set(expression.last)
    follow = [Counter[int]() for _ in automaton.accepts]
    for (one, other), ways in automaton.follow.items():
        follow[one][other] = ways
    component = _components([list(ways) for ways in follow])
    loops = {p for p, ways in enumerate(follow) if any(component[q] == component[p] for q in ways)}
    needless = {component[p] for p in loops} - {component[p] for p in loops - complete}
    loops = {p for p in loops if component[p] not in needless}
    if any(ways > 1 and p in loops and component[p] == component[q] for (p, q), ways in automaton.follow.items()):
        return "exponential"
    if _two_ways_back(automaton, follow, component, loops):
        return "exponential"
    pairs = [(one, other) for one in loops for other in loops - complete if one != other]
    return "polynomial" if _two_loops(automaton, follow, component, pairs) else "linear"


def _search(automaton: _Automaton, tree: Any, whole: _Part) -> None:
    """Put a loop that skips any text in front of an expression that is looked for everywhere."""
    starts = [kind_value for kind_value in tree if kind_value[0] is not op.SUBPATTERN or kind_value[1][3]]
    first = starts[0] if starts else None
    if first is not None and first[0] is op.AT and first[1] in (op.AT_BEGINNING_STRING, op.AT_BEGINNING):
        if first[1] is op.AT_BEGINNING and automaton.flags & re.MULTILINE:
            lines = automaton.position("\n")
            others = automaton.position(automaton.alphabet - {"\n"})
            automaton.connect((lines, others), (lines, others))
            automaton.connect((lines,), whole.first)
        return
    words = {c for c in automaton.alphabet if _WORD.match(c)}
    inside, outside = automaton.position(words), automaton.position(automaton.alphabet - words)
    automaton.connect((inside, outside), (inside, outside))
    boundary = first is not None and first[0] is op.AT and first[1] is op.AT_BOUNDARY
    for place in whole.first:
        if not (boundary and automaton.accepts[place] <= words):
            automaton.connect((inside,), (place,))
        if not (boundary and not automaton.accepts[place] & words):
            automaton.connect((outside,), (place,))


def _components(follow: list[list[int]]) -> list[int]:
    """Return the strongly connected component of each position (Tarjan, without recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    component = [-1] * len(follow)
    stack: list[int] = []
    for root in range(len(follow)):
        work = [(root, iter(follow[root]))] if root not in index else []
        if work:
            index[root] = low[root] = len(index)
            stack.append(root)
        while work:
            place, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    work.append((other, iter(follow[other])))
                    break
                if component[other] < 0:
                    low[place] = min(low[place], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[place])
                if low[place] == index[place]:
                    while component[place] < 0:
                        component[stack.pop()] = place
    return component


def _reach(
    automaton: _Automaton, follow: list[Counter[int]], start: tuple[int, ...], stay: Any
) -> set[tuple[int, ...]]:
    """Return the tuples of positions that one text can reach from `start`, as long as `stay` accepts them."""
    seen: set[tuple[int, ...]] = set()
    queue = deque([start])
    while queue:
        for step in _steps(automaton, follow, queue.popleft()):
            if step not in seen and stay(step):
                seen.add(step)
                queue.append(step)
    return seen


def _steps(automaton: _Automaton, follow: list[Counter[int]], places: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    found: list[tuple[tuple[int, ...], frozenset[str]]] = [((), automaton.alphabet)]
    for place in places:
        found = [
            ((*taken, other), common)
            for taken, characters in found
            for other in follow[place]
            if (common := characters & automaton.accepts[other])
        ]
    return (taken for taken, _ in found)


def _two_ways_back(automaton: _Automaton, follow: list[Counter[int]], component: list[int], loops: set[int]) -> bool:
    """Whether a text leads from a position back to it in two ways."""
    for place in loops:

        def inside(pair: tuple[int, ...], own: int = component[place]) -> bool:
            return all(component[p] == own for p in pair)

        apart = {pair for pair in _reach(automaton, follow, (place, place), inside) if pair[0] != pair[1]}
        if any((place, place) in _reach(automaton, follow, pair, inside) for pair in apart if pair[0] < pair[1]):
            return True
    return False


def _two_loops(
    automaton: _Automaton, follow: list[Counter[int]], component: list[int], pairs: list[tuple[int, int]]
) -> bool:
    """Whether a text can loop at one position, lead from it to another, and loop there."""
    for one, other in pairs:

        def inside(places: tuple[int, ...], a: int = component[one], b: int = component[other]) -> bool:
            return component[places[0]] == a and component[places[2]] == b

        if (one, other, other) in _reach(automaton, follow, (one, one, other), inside):
            return True
    return False
