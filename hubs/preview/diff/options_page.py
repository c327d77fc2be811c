"""What the options page of a hub offers, read from the values of the chart jupyterhub, so that raw values count too.

It follows jupyterhub-fancy-profiles (src/ProfileForm.tsx, src/ResourceSelect.tsx), KubeSpawner's
`_get_initialized_profile_list`, and `hubs/values/in_the_hub/profiles.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hubs.preview.cache import canonical
from hubs.preview.rounding import rounded
from hubs.printable import one_line
from hubs.settings.layers import mapping, value_at
from hubs.settings.profiles import slug_of
from hubs.values.profiles import UNLISTED
from hubs.values.roles import BUILD_SCOPE

_LONGEST = 200
"""Characters of one fact. Descriptions may be pages."""

DESCRIPTION, DEFAULT, GROUPS, ADDRESS = "description", "selected at first", "only for", "name in URLs"


@dataclass(frozen=True)
class Item:
    """A part of the page: a `profile`, a `menu` in it, a `choice` of a menu, a `text field`, or a `build` form.

    `key` identifies it for KubeSpawner, and is in the URLs that people share. `shown`: facts that people see, and the
    images and sizes that they get. `others`: further facts that matter only when they change. Both are texts by label.
    """

    kind: str
    key: str
    name: str
    shown: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    inside: tuple[Item, ...] = ()


def options_page(values: Mapping[str, Any]) -> tuple[Item, ...]:
    """Return the profiles on the page of a hub, in the page's order. Without profiles, people see no page.

    `values` are those of the chart jupyterhub. What is not a profile, menu or choice there is left out.
    """
    listed = value_at(values, "singleuser", "profileList")
    found = listed if isinstance(listed, list) else [item for _, item in sorted(mapping(listed).items())]
    orders = value_at(values, "custom", "imagebuilding", "profile_order")
    profiles = [
        _ordered(profile, [order for order in _lists(orders) if order[:1] == [index]])
        for index, profile in enumerate(found)
        if isinstance(profile, dict)
    ]
    chosen = _default(profiles)
    builders = _builders(values)
    return tuple(_profile(profile, builders, chosen=index == chosen) for index, profile in enumerate(profiles))


def _lists(data: Any) -> list[list[Any]]:
    return [item for item in data if isinstance(item, list)] if isinstance(data, list) else []


def _ordered(profile: dict[str, Any], orders: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return the profile with menus and choices in the order of the page: Helm sorts them, and the hub restores what
    `custom.imagebuilding.profile_order` says."""
    written = {tuple(map(str, order[1:-1])): order[-1] for order in orders if isinstance(order[-1], list)}
    options = {
        name: {**option, "choices": _sorted(option.get("choices"), written.get(("profile_options", name, "choices")))}
        for name, option in _sorted(profile.get("profile_options"), written.get(("profile_options",))).items()
    }
    return {**profile, "profile_options": options}


def _sorted(found: Any, keys: Sequence[Any] | None) -> dict[str, dict[str, Any]]:
    items = {str(key): item for key, item in mapping(found).items() if isinstance(item, dict)}
    first = [key for key in keys or () if isinstance(key, str) and key in items]
    return {key: items[key] for key in (*first, *sorted(items.keys() - set(first)))}


def _default(items: Sequence[Mapping[str, Any]]) -> int:
    """Return the index of the item that is selected at first."""
    return next((index for index, item in enumerate(items) if item.get("default")), 0)


def _profile(profile: dict[str, Any], builders: str, *, chosen: bool) -> Item:
    name = _text(profile.get("display_name"))
    slug = profile.get("slug") or slug_of(name)
    given, others = _gives(profile.get("kubespawner_override"))
    menus = [_menu(key, option, builders) for key, option in profile["profile_options"].items()]
    return Item(
        "profile",
        str(slug),
        name,
        _facts(profile, given, chosen=chosen),
        others,
        tuple(menu for menu in menus if menu is not None),
    )


def _menu(key: str, option: dict[str, Any], builders: str) -> Item | None:
    choices = option["choices"]
    chosen = _default(list(choices.values()))
    items = [_choice(name, choice, chosen=index == chosen) for index, (name, choice) in enumerate(choices.items())]
    unlisted = mapping(option, "unlisted_choice")
    building = key == "image" and value_at(option, "dynamic_image_building", "enabled") is True
    if unlisted.get("enabled"):
        items.append(_typed(unlisted, chosen=not choices))
        if building:
            only = {GROUPS: builders} if builders else {}
            items.append(Item("build", "build", "Build your own image", only))
    if not items:
        return None
    if len(items) == 1 and not choices:
        # No menu is shown, only the text field.
        return replace(items[0], key=key, name=_text(unlisted.get("display_name")))
    return Item("menu", key, _text(option.get("display_name")), inside=tuple(items))


def _choice(key: str, choice: dict[str, Any], *, chosen: bool) -> Item:
    given, others = _gives(choice.get("kubespawner_override"))
    return Item("choice", key, _text(choice.get("display_name")), _facts(choice, given, chosen=chosen), others)


def _typed(unlisted: dict[str, Any], *, chosen: bool) -> Item:
    given, others = _gives(unlisted.get("kubespawner_override"))
    if given.get("image") == "{value}":
        del given["image"]
    described = {**unlisted, "description": unlisted.get("description_in_choices")}
    rules = {
        "typed as": _text(unlisted.get("display_name")),
        "must match": _text(_wanted(str(unlisted.get("validation_regex") or ""))),
        "message": _text(unlisted.get("validation_message")),
    }
    # The program's own rules are long, and say nothing about the community.
    usual = {_text(UNLISTED[key]) for key in ("validation_regex", "validation_message")}
    own = {label: text for label, text in rules.items() if text not in usual}
    name = _text(unlisted.get("display_name_in_choices", "Other..."))
    return Item("text field", "unlisted_choice", name, _facts(described, {**own, **given}, chosen=chosen), others)


def _facts(item: Mapping[str, Any], given: Mapping[str, str], *, chosen: bool) -> dict[str, str]:
    groups = item.get("allowed_groups")
    return _filled(
        {
            DESCRIPTION: _text(item.get("description")),
            DEFAULT: "yes" if chosen else "",
            GROUPS: ", ".join(map(_text, groups)) or "nobody" if isinstance(groups, list) else "",
            **given,
        }
    )


def _filled(facts: Mapping[str, str]) -> dict[str, str]:
    return {label: text for label, text in facts.items() if text}


def _gives(override: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a server gets: image, sizes and devices, and then the other traits."""
    traits = dict(mapping(override))
    found = {"image": _text(traits.pop("image", None))}
    for label, name, shown in (("memory", "mem", _memory), ("CPU", "cpu", _number)):
        limit, guarantee = (traits.pop(f"{name}_{kind}", _ABSENT) for kind in ("limit", "guarantee"))
        found[label] = _size(limit, guarantee, shown)
    limits = mapping(traits.pop("extra_resource_limits", None))
    guarantees = mapping(traits.get("extra_resource_guarantees"))
    if guarantees == limits:
        traits.pop("extra_resource_guarantees", None)
    found["devices"] = ", ".join(f"{_number(amount)} {_text(name)}" for name, amount in sorted(limits.items()))
    return _filled(found), {_text(name): _text(value) for name, value in sorted(traits.items())}


_ABSENT = object()


def _size(limit: Any, guarantee: Any, shown: Any) -> str:
    if limit is not _ABSENT and limit == guarantee and limit is not None:
        return str(shown(limit))
    parts = []
    if limit is not _ABSENT:
        parts.append("no limit" if limit is None else f"up to {shown(limit)}")
    if guarantee is not _ABSENT:
        parts.append("none guaranteed" if guarantee is None else f"{shown(guarantee)} guaranteed")
    return ", ".join(parts)


def _memory(value: Any) -> str:
    """Return an amount as KubeSpawner writes it, in which G is 2³⁰ bytes."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _text(value)
    unit, size = next(((unit, size) for unit, size in (("G", 2**30), ("M", 2**20)) if value >= size), ("", 1))
    return f"{_number(round(value / size, 1))}{unit}"


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else _text(value)


def _text(value: Any) -> str:
    """Return any value as one line of text."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else canonical(rounded(value))
    return one_line(" ".join(text.split()), _LONGEST)


def _builders(values: Mapping[str, Any]) -> str:
    """Return the groups and people who may build, or nothing if everyone may."""
    who: dict[str, None] = {}
    for name, role in mapping(values, "hub", "loadRoles").items():
        scopes = value_at(role, "scopes")
        if isinstance(scopes, list) and not {"access:services", BUILD_SCOPE}.isdisjoint(map(str, scopes)):
            if name == "user":
                return ""
            for kind in ("groups", "users"):
                people = value_at(role, kind)
                who |= dict.fromkeys(map(_text, people if isinstance(people, list) else ()))
    return ", ".join(who) or "admins"


def _wanted(expression: str) -> str:
    """Return the part of an expression for typed images that the community wrote: `hubs.values.building` puts it last,
    after the images of the hub and of other hubs."""
    if not expression.startswith("^(?:"):
        return expression
    starts = [start for start, end in _groups(expression) if end == len(expression) - 2]
    return expression[starts[0] + 3 : -2] if starts and expression.startswith("(?:", starts[0]) else expression


def _groups(expression: str) -> Iterator[tuple[int, int]]:
    """Yield where each group of an expression starts and ends."""
    open_groups: list[int] = []
    for found in re.finditer(r"\\.|\[(?:\\.?|[^\]\\])+\]?|[()]", expression, re.DOTALL):
        if found[0] == "(":
            open_groups.append(found.start())
        elif found[0] == ")" and open_groups:
            yield open_groups.pop(), found.start()
