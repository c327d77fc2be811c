"""Compare two groups of settings, setting by setting, with defaults applied.

The items of mappings and lists of groups are matched by name: profiles by slug, other items by key. Lists of plain
values are compared as sets, because their order has no meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hubs.preview.diff.leaves import MISSING
from hubs.preview.diff.words import shown
from hubs.settings.layers import Path
from hubs.settings.marks import groups, mark_of
from hubs.settings.profiles import NodeShare, Profile
from hubs.settings.touches import Touches, each, touches

_NAMES = ("display_name", "slug", "default", "description")
"""Settings that say how an item is called. An item that differs in these only is renamed."""
_ORDER = touches(Touches.APPEARANCE)


@dataclass(frozen=True)
class Place:
    """Where settings are: `keys` as people name them, and those of both revisions, in which lists have numbers.

    `within`: the groups around it in words, such as `profile "CPU"`. `fresh`: it is in a group that is new.
    """

    keys: tuple[str, ...] = ()
    before: Path = ()
    after: Path = ()
    within: tuple[str, ...] = ()
    fresh: bool = False

    def below(self, key: str) -> Place:
        """Return the place of a setting in this group."""
        return replace(self, keys=(*self.keys, key), before=(*self.before, key), after=(*self.after, key))


@dataclass(frozen=True)
class Leaf:
    """A setting that differs, with its mark. `old` and `new`: the values in effect, MISSING for a group that is not
    there. `item`: what a group that appears or disappears is called."""

    mark: touches
    place: Place
    old: Any
    new: Any
    item: str = ""
    sentence: str = ""
    """A sentence in place of the mark's."""
    restricts: bool | None = None
    """An answer in place of the mark's."""


@dataclass(frozen=True)
class _Item:
    key: str | int
    group: BaseModel


Rule = Callable[[Any, Any, Place], Iterator[Leaf]]
RULES: dict[type[BaseModel], Rule] = {}
"""Functions that compare groups whose settings have a meaning only together: those of `setting_rules`."""


def leaves(old: BaseModel | None, new: BaseModel | None, place: Place) -> Iterator[Leaf]:
    """Yield the settings that differ between two groups. None stands for a group that is not there: its settings have
    their defaults."""
    kinds = {type(group) for group in (old, new) if group is not None}
    rule = RULES.get(kinds.pop()) if len(kinds) == 1 else None
    yield from (rule or fields)(old, new, place)


def fields(
    old: BaseModel | None, new: BaseModel | None, place: Place, skip: frozenset[str] = frozenset()
) -> Iterator[Leaf]:
    """Yield the settings that differ, without regard to each other. `skip`: settings that somebody else compares."""
    known: dict[str, FieldInfo] = {}
    for group in (old, new):
        if group is not None:
            known |= type(group).model_fields
    hidden = {*skip, *getattr(type(new or old), "set_elsewhere", ())}
    if old is not None and new is not None:
        # What only one of two kinds has is said with the kind, unless somebody gains or loses something by it.
        hidden |= {name for name, field in known.items() if not _in_both(name, old, new) and not _says_who(field)}
    for name, field in known.items():
        if name not in hidden:
            yield from _field(
                field, _value(old, name, field), _value(new, name, field), place.below(field.alias or name)
            )


def _in_both(name: str, *groups: BaseModel) -> bool:
    return all(name in type(group).model_fields for group in groups)


def _says_who(field: FieldInfo) -> bool:
    mark = mark_of(field)
    return mark is not None and bool(mark.gained)


def same(old: Any, new: Any) -> bool:
    """Return whether two values are the same setting. Lists are compared as sets, and 1 is not true."""
    return bool(_comparable(old) == _comparable(new))


def plain(value: Any) -> Any:
    """Return a value without models."""
    if isinstance(value, BaseModel):
        return value.model_dump(by_alias=True, exclude_unset=True)
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return sorted({repr(plain(item)) for item in value})
    return repr(plain(value))


def _value(group: BaseModel | None, name: str, field: FieldInfo) -> Any:
    if group is not None and name in type(group).model_fields:
        return getattr(group, name)
    if not field.is_required():
        return field.get_default(call_default_factory=True)
    return {"list": [], "dict": {}}.get(getattr(field.annotation, "__name__", ""), MISSING)


def _field(field: FieldInfo, was: Any, now: Any, place: Place) -> Iterator[Leaf]:
    mark = mark_of(field)
    if not groups(field):
        if mark is not None and not same(was, now):
            yield Leaf(mark, place, was, now)
        return
    collections = [isinstance(value, dict | list) for value in (was, now)]
    if any(collections):
        yield from _items(field, was or {}, now or {}, place)
        return
    before, after = (value if isinstance(value, BaseModel) else None for value in (was, now))
    if mark is not None and (before is None) != (after is None):
        yield Leaf(mark, place, MISSING if before is None else before, MISSING if after is None else after)
        if before is None:
            yield from leaves(None, after, replace(place, fresh=True))
    elif before is not None or after is not None:
        yield from leaves(before, after, place)


def _items(field: FieldInfo, was: Any, now: Any, place: Place) -> Iterator[Leaf]:
    mark = mark_of(field)
    called = next((item.name for item in field.metadata if isinstance(item, each)), "{}")
    before, after = _named(was), _named(now)
    renamed = _renamed(before, after)
    for name in dict.fromkeys([*after, *before]):
        if name in renamed.values():
            continue
        one, other = before.get(name), after.get(renamed.get(name, name))
        title = called.replace("{}", _title(other or one, name))
        here = Place(
            (*place.keys, renamed.get(name, name)),
            (*place.before, one.key if one else name),
            (*place.after, other.key if other else name),
            (*place.within, title),
            place.fresh,
        )
        if mark is not None and (one is None or other is None):
            yield Leaf(
                mark,
                replace(here, within=place.within),
                MISSING if one is None else one.group,
                MISSING if other is None else other.group,
                title,
            )
            if one is None and other is not None:
                yield from leaves(None, other.group, replace(here, fresh=True))
        else:
            yield from leaves(one.group if one else None, other.group if other else None, here)
    if mark is not None and mark.what is not Touches.LOGIN:
        orders = [[name for name in side if name in before and name in after] for side in (before, after)]
        if orders[0] != orders[1]:
            yield Leaf(_ORDER, place, orders[0], orders[1], sentence=f"the order of {place.keys[-1]} changes")


def _named(value: Any) -> dict[str, _Item]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found: dict[str, _Item] = {}
    for key, group in pairs:
        name = str(key)
        if isinstance(group, Profile):
            name = group.slug_in(key) or name
        elif isinstance(group, NodeShare):
            name = group.instance_type
        found[name if name not in found else f"{name} {key}"] = _Item(key, group)
    return found


def _renamed(before: dict[str, _Item], after: dict[str, _Item]) -> dict[str, str]:
    """Return the new name of the one item that is called otherwise now, by its old name."""
    gone, come = [name for name in before if name not in after], [name for name in after if name not in before]
    if len(gone) == len(come) == 1 and isinstance(before[gone[0]].group, Profile):
        contents = [side.group.model_dump(exclude=set(_NAMES)) for side in (before[gone[0]], after[come[0]])]
        if contents[0] == contents[1]:
            return {gone[0]: come[0]}
    return {}


def _title(item: _Item | None, name: str) -> str:
    return shown(getattr(item.group, "display_name", None) or name) if item is not None else shown(name)
