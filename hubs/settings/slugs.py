"""Profiles and choices that can be told apart: one slug each, and one default.

KubeSpawner takes the first profile with the selected slug, and reads the choices from form fields that are named
`profile-option-<slug>--<option>`.
"""

from __future__ import annotations

from hubs.settings.hub import Hub
from hubs.settings.layers import Found, Path
from hubs.settings.profiles import Choice, ImageChoice, Option


def slug_problems(hub: Hub) -> Found:
    """Yield profiles without a slug of their own, options whose fields have one name, and second defaults."""
    slugs: dict[str, Path] = {}
    fields: dict[str, Path] = {}
    default: Path = ()
    for key, profile in hub.named_profiles:
        path: Path = ("profiles", key)
        slug = profile.slug_in(key)
        place = (*path, "slug") if profile.slug is not None else path
        first = slugs.setdefault(slug, path)
        if not slug:
            yield (
                place,
                "needs a slug: the name has no letter or digit" if profile.slug is None else "must not be empty",
            )
        elif first != path:
            how = "" if profile.slug is not None else f", derived from {profile.display_name!r}: write another one"
            yield place, f"the slug {slug} is also that of {'.'.join(map(str, first))}{how}"
        if profile.default and profile.allowed_groups is None:
            if default:
                yield (*path, "default"), f"{'.'.join(map(str, default))} is the default already"
            default = default or path
        for name, option in profile.profile_options.items():
            yield from _option(path, slug, name, option, fields)
        yield from _second_default((*path, "images"), profile.images)


def option_problems(hub: Hub) -> Found:
    """Yield options from which nothing can be selected, and texts to type that go nowhere."""
    for key, profile in hub.named_profiles:
        short = {"image": profile.images, "resource_allocation": profile.node_shares}
        for name, option in profile.profile_options.items():
            at: Path = ("profiles", key, "profile_options", name)
            typed = option.unlisted_choice
            offered = typed is not None and (typed.enabled or (typed.enabled is None and name == "image"))
            if name != "image" and not (option.choices or short.get(name) or offered):
                yield at, "has nothing to select: add choices, or set unlisted_choice.enabled: true"
            if typed is None or not offered:
                continue
            if typed.kubespawner_override is None and name != "image":
                yield (*at, "unlisted_choice"), "needs kubespawner_override, in which {value} stands for what is typed"
            elif typed.kubespawner_override is not None and "{value}" not in str(typed.kubespawner_override):
                yield (
                    (*at, "unlisted_choice", "kubespawner_override"),
                    "does not use what is typed: write {value} where it belongs, such as image: '{value}'",
                )


def _option(path: Path, slug: str, name: str, option: Option, fields: dict[str, Path]) -> Found:
    at = (*path, "profile_options", name)
    if not name:
        yield at, "needs a name"
    for field in (f"{slug}--{name}", f"{slug}--{name}--unlisted-choice"):
        first = fields.setdefault(field, at)
        if first != at:
            yield at, f"the page can't tell it from {'.'.join(map(str, first))}: write another slug or name"
            break
    yield from (((*at, "choices", key), "needs a name") for key in option.choices if not key)
    yield from _second_default((*at, "choices"), option.choices)


def _second_default(path: Path, choices: dict[str, Choice] | dict[str, ImageChoice]) -> Found:
    defaults = [key for key, choice in choices.items() if choice.default and choice.allowed_groups is None]
    yield from (((*path, key, "default"), f"{defaults[0]} is the default already") for key in defaults[1:])
