"""Judge the values of a chart that no setting describes: what people write in `values`, and what the program changes.

The values in effect are compared, with the chart's defaults, so a line that changes nothing is no change.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hubs.preview.diff.chart_paths import Found, is_same, judge, rule_for
from hubs.preview.diff.ciphertext import is_changed_secret
from hubs.preview.diff.identity import Identity, identity_of, in_use
from hubs.preview.diff.judged import Judgement, Level
from hubs.preview.diff.leaves import MISSING, Path, at, changes, labelled, leaves
from hubs.preview.diff.rules.login import PARENTS
from hubs.settings.layers import Node
from hubs.settings.touches import Touches, touches
from hubs.values import chart_values

if TYPE_CHECKING:
    from hubs.values.release import Values

_ORDER = "[order]"
_INTERNET = ("singleuser", "networkPolicy", "egressAllowRules", "nonPrivateIPs")
_NOTHING: tuple[Any, ...] = (MISSING, None, {}, [])
_ITEMS = (("singleuser", "profileList"), ("hub", "services"), ("hub", "loadRoles"))
"""Lists and mappings whose items appear and disappear as a whole, in the jupyterhub chart."""


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
    places: dict[Path, Found | None] = {}
    by_identity = False
    for path in _changed(old, new):
        if explained is None or explained.is_judged(path):
            found = rule_for(chart, path)
            place = _whole_item(chart, path, new) or (found.path if found is not None else path)
            by_identity = by_identity or place in identity.decides or place[-1:] == ("hosted_domain",)
            if place not in identity.decides:
                places[place] = found if found is not None and found.path == place else rule_for(chart, place)
    if by_identity:
        yield from identity.judgements
    said: list[touches] = []
    for place, found in places.items():
        was, now = at(old, place), at(new, place)
        if found is not None and found.rule.together:
            if found.rule.mark in said:
                continue
            said.append(found.rule.mark)
        if is_same(found.rule if found is not None else None, was, now):
            continue
        judgement = judge(chart, place, was, now, found=found)
        if chart == "jupyterhub" and _unused(place, old, new):
            text = "no effect: the hub uses another authenticator"
            judgement = replace(judgement, level=Level.ROUTINE, touches=Touches.NOTHING, effect=text, sentence="")
        yield explained.placed(judgement, place) if explained is not None else judgement


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


def _whole_item(chart: str, path: Path, new: Any) -> Path:
    """Return the path of the item that disappears with this value, or an empty one."""
    if chart == "jupyterhub":
        for place in _ITEMS:
            item = path[: len(place) + 1]
            if path[: len(place)] == place and len(path) > len(place) and at(new, item) in _NOTHING:
                return item
    return ()


class _Explained:
    """What the settings of both revisions, read by this program, say about a release's values."""

    def __init__(self, before: Side, after: Side) -> None:
        self._before, self._after = before, after
        self._own = [list(_written(side.own)) for side in (before, after)]
        self._changed = list(_changed(before.data, after.data))

    def is_judged(self, path: Path) -> bool:
        """Whether a changed value is written in `values`, or changes although the settings don't change it."""
        written = any(_overlap(path, own) for side in self._own for own in side)
        return written or not any(_overlap(path, changed) for changed in self._changed)

    def placed(self, judgement: Judgement, path: Path) -> Judgement:
        """Return a judgement with the file and line of the new value, or of the old one if it is removed, and with the
        settings that `values` replace from now on."""
        sources = [_source(side.tree, path) for side in (self._after, self._before)]
        judgement = replace(judgement, source=sources[0] or sources[1])
        replaced = self._replaced(path)
        if not replaced:
            return judgement
        text = f"values replace the setting {replaced}"
        effect = f"{judgement.effect} ({text})" if judgement.effect else text
        sentence = f"{judgement.sentence} ({text})" if judgement.sentence else ""
        return replace(judgement, effect=effect, level=max(judgement.level, Level.CAREFUL), sentence=sentence)

    def _replaced(self, path: Path) -> str:
        before, after = (any(_overlap(path, own) for own in side) for side in self._own)
        if before or not after:
            return ""
        found = _node(self._before.tree, path)
        settings = [part.partition(" ") for part in str(found.source).split("; ")] if found is not None else []
        return ", ".join(name for name, _, place in settings if place.startswith("stacks/"))


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
