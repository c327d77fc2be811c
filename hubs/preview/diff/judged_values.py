"""Judge the values of a chart that no setting describes: what people write in `values`, and what the program changes.

Effective values are compared, the chart's defaults included, so a line without an effect is not a change.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hubs.preview.diff.chart_paths import Found, is_same, judge, rule_for
from hubs.preview.diff.ciphertext import is_changed_secret
from hubs.preview.diff.identity import Identity, identity_of, in_use
from hubs.preview.diff.judged import Judgement, Level, Origin
from hubs.preview.diff.leaves import MISSING, Path, at, changes, dotted, labelled, leaves
from hubs.preview.diff.narrowing import narrowed
from hubs.preview.diff.rules.login import PARENTS
from hubs.settings.layers import Node
from hubs.settings.touches import Touches, touches
from hubs.values import chart_values

if TYPE_CHECKING:
    from hubs.values.release import Values

_ORDER = "[order]"
_INTERNET = ("singleuser", "networkPolicy", "egressAllowRules", "nonPrivateIPs")
_NOTHING: tuple[Any, ...] = (MISSING, None, {}, [])
_PROFILES = ("singleuser", "profileList")
_ITEMS = (_PROFILES, ("hub", "services"), ("hub", "loadRoles"))
"""Lists and mappings whose items appear and disappear as a whole, in the jupyterhub chart."""
_PROFILE_PARTS = (3, 4, 5, 6, 7)
"""Lengths of paths of a profile, its options, one of them, its choices and one of them."""
_TAG = ("image", "tag")
_IMAGE_NAMES = ("name", "repository")


@dataclass(frozen=True)
class Side:
    """A release as this program makes it from the settings of one revision."""

    own: Mapping[str, Any]
    """The hub's own `values` for the chart."""
    values: Callable[[bool], Values] = field(repr=False)
    """Returns its values: with True, each one with its source, which takes longer."""

    @property
    def data(self) -> dict[str, Any]:
        """Its values."""
        return self.values(False).data

    @property
    def tree(self) -> Node:
        """Its values with their sources."""
        return self.values(True).tree


def value_judgements(
    chart: str, before: Any, after: Any, sides: tuple[Side, Side] | None = None
) -> Iterator[Judgement]:
    """Yield what a release's changed values mean, for values that no changed setting explains.

    `before` and `after`: the values of both revisions. `sides`: both as this program makes them from the settings, or
    None if it can't read them. Then all changed values are judged.
    """
    old, new = (chart_values.in_effect(chart, side) for side in (before, after))
    explained = _Explained(*sides) if sides is not None else None
    identity = identity_of(old, new) if chart == "jupyterhub" else Identity()
    places: dict[Path, _Changed] = {}
    by_identity: list[Path] = []
    for path in _changed(old, new):
        if explained is None or explained.is_judged(path):
            place, found = _place(chart, path, old, new)
            if place in identity.decides or place[-1:] == ("hosted_domain",):
                by_identity.append(place)
            if place not in identity.decides:
                places.setdefault(place, _Changed(found, [])).paths.append(path)
    if by_identity:
        yield from (_placed_identity(one, chart, by_identity, explained) for one in identity.judgements)
    same = {path for place, one in places.items() if one.is_same(at(old, place), at(new, place)) for path in one.paths}
    for place, one in _said(places):
        was, now = at(old, place), at(new, place)
        if not one.is_same(was, now):
            judgement = narrowed(chart, place, judge(chart, place, was, now, found=one.found), (old, new))
            if chart == "jupyterhub" and _unused(place, old, new):
                text = "no effect: the hub uses another authenticator"
                nothing = Touches.NOTHING
                judgement = replace(judgement, level=Level.ROUTINE, touches=nothing, effect=text, sentence="")
            yield explained.placed(judgement, place, one.paths) if explained is not None else judgement
    if explained is not None:
        effective = [path for path in _changed(old, new) if path not in same]
        for path in _changed(before, after):
            if explained.is_written(path) and not any(_overlap(path, other) for other in effective):
                yield explained.placed(_without_effect(chart, path, before, after), path, [])


@dataclass(frozen=True)
class _Changed:
    """What changed in a part of the values that is judged as one: the rule for it, and the single values."""

    found: Found | None
    paths: list[Path]

    def is_same(self, old: Any, new: Any) -> bool:
        return is_same(self.found.rule if self.found is not None else None, old, new)


def _said(places: Mapping[Path, _Changed]) -> Iterator[tuple[Path, _Changed]]:
    """Yield the parts of the values to say something about: one for those that have one cause."""
    said: list[touches] = []
    for place, one in places.items():
        # The tag of an image is said with its name.
        with_name = place[-2:] == _TAG and any((*place[:-1], name) in places for name in _IMAGE_NAMES)
        if one.found is not None and one.found.rule.together:
            with_name = one.found.rule.mark in said
            said.append(one.found.rule.mark)
        if not with_name:
            yield place, one


def _place(chart: str, path: Path, old: Any, new: Any) -> tuple[Path, Found | None]:
    """Return the part of the values that a changed value is judged with, and its rule."""
    found = rule_for(chart, path)
    place = _whole_item(chart, path, old, new) or (found.path if found is not None else path)
    if place == _PROFILES and chart == "jupyterhub":
        place = path
    return place, found if found is not None and found.path == place else rule_for(chart, place)


def _placed_identity(one: Judgement, chart: str, paths: list[Path], explained: _Explained | None) -> Judgement:
    """Return a judgement about user names with the file and line of what was changed."""
    named = [path for path in paths if dotted(("values", chart, *path)) == one.path]
    return explained.placed(one, (named or paths)[0], []) if explained is not None else one


def _without_effect(chart: str, path: Path, before: Any, after: Any) -> Judgement:
    text = "no effect: it means the same as before"
    where = dotted(("values", chart, *path))
    was, now = at(before, path), at(after, path)
    return Judgement(Level.ROUTINE, Touches.NOTHING, where, dotted(path), was, now, text, origin=Origin.VALUE)


def _changed(old: Any, new: Any) -> Iterator[Path]:
    """Yield the path of each single value that differs."""
    for change in changes(old, new):
        if change.path[-1:] == (_ORDER,):
            continue
        sides = dict(leaves(change.old, change.path)), dict(leaves(change.new, change.path))
        for path in dict.fromkeys([*sides[0], *sides[1]]):
            was, now = (side.get(path, MISSING) for side in sides)
            # An empty rule in a list can mean everything.
            empty = (MISSING, None) if _in_list(path) else _NOTHING
            # Secrets that changed are said with their path in the stack's file.
            if not (was in empty and now in empty) and not is_changed_secret(was, now):
                yield path


def _unused(path: Path, old: Any, new: Any) -> bool:
    """Return whether a value configures an authenticator that the hub does not use, before and after."""
    section = path[2] if path[:2] == ("hub", "config") and len(path) > len(("hub", "config")) else ""
    return section in PARENTS and not in_use(old, section) and not in_use(new, section)


def _whole_item(chart: str, path: Path, old: Any, new: Any) -> Path:
    """Return the path of the item that disappears with this value, or an empty one.

    Of an item of the profiles that appears, also what is not dangerous by itself is said with the item.
    """
    if chart != "jupyterhub":
        return ()
    for place in _ITEMS:
        item = path[: len(place) + 1]
        if path[: len(place)] == place and len(path) > len(place) and at(new, item) in _NOTHING:
            return item
    if path[: len(_PROFILES)] != _PROFILES:
        return ()
    parts = [path[:end] for end in _PROFILE_PARTS if end < len(path) and (end == 3 or path[3] == "profile_options")]
    gone = next((part for part in parts if at(new, part) in _NOTHING), ())
    if gone or at(old, path) not in _NOTHING:
        return gone
    found = rule_for(chart, path)
    dangerous = found is not None and judge(chart, found.path, at(old, found.path), at(new, found.path)).level
    return () if dangerous is Level.DANGEROUS else next((part for part in parts if at(old, part) in _NOTHING), ())


class _Explained:
    """What the settings of both revisions, read by this program, say about a release's values."""

    def __init__(self, before: Side, after: Side) -> None:
        self._before, self._after = before, after
        self._own = [list(_written(side.own)) for side in (before, after)]
        self._changed = list(_changed(before.data, after.data))

    def is_judged(self, path: Path) -> bool:
        """Whether a changed value is written in `values`, or changes although the settings don't change it."""
        return self.is_written(path) or not any(_overlap(path, changed) for changed in self._changed)

    def is_written(self, path: Path) -> bool:
        """Whether a value is written in `values` of one of the revisions."""
        return any(_overlap(path, own) for side in self._own for own in side)

    def placed(self, judgement: Judgement, place: Path, paths: Sequence[Path]) -> Judgement:
        """Return a judgement with the file and line of the new value, or of the old one if it is removed, and with the
        settings that `values` replace from now on. `paths`: the values that changed in `place`."""
        places = [*paths[:1], place, place[:-1]]
        sources = (_source(side.tree, path) for path in places for side in (self._after, self._before))
        judgement = replace(judgement, source=next(filter(None, sources), ""))
        replaced = ", ".join(dict.fromkeys(name for path in paths for name in self._replaced(path)))
        if not replaced:
            return judgement
        text = f"values replace the setting {replaced}"
        effect = f"{judgement.effect} ({text})" if judgement.effect else text
        sentence = f"{judgement.sentence} ({text})" if judgement.sentence else ""
        least = Level.ROUTINE if judgement.touches is Touches.NOTHING else Level.CAREFUL
        return replace(judgement, effect=effect, level=max(judgement.level, least), sentence=sentence)

    def _replaced(self, path: Path) -> list[str]:
        before, after = (any(_overlap(path, own) for own in side) for side in self._own)
        if before or not after:
            return []
        found = _node(self._before.tree, path)
        settings = [part.partition(" ") for part in str(found.source).split("; ")] if found is not None else []
        return [name for name, _, place in settings if place.startswith("stacks/")]


def _written(own: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the path of each value in `values`. A list replaces the whole list. An empty mapping changes nothing."""
    if at(own, _INTERNET) is False:
        yield ("singleuser", "networkPolicy", "egress")  # the program then leaves out its own rules there
    for path, value in leaves(own):
        if value != {} or _in_list(path):
            yield tuple(itertools.takewhile(lambda step: not _in_list((step,)), path))


def _in_list(path: Path) -> bool:
    return any(step.startswith("[") for step in path)


def _overlap(one: Path, other: Path) -> bool:
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def _node(tree: Node, path: Path) -> Node | None:
    node: Node | None = tree
    for step in path:
        if node is None:
            return None
        if isinstance(node.value, list):
            items = labelled([_plain(item) for item in node.value])
            node = next((item for item, label in zip(node.value, items, strict=True) if label == step), None)
        else:
            node = node.get(step)
    return node


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {key: _plain(item) for key, item in node.value.items()}
    return [_plain(item) for item in node.value] if isinstance(node.value, list) else node.value


def _source(tree: Node, path: Path) -> str:
    """Return the file and line of a value that a person wrote, or an empty text."""
    node = _node(tree, path)
    if node is None or not node.source.line:
        return ""
    return str(node.source) if node.source.file.startswith("stacks/") else ""
