"""Every `kubespawner_override` of a hub, with its place, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hubs.settings import placeholders
from hubs.settings.home import FILES_VOLUME, HOME_VOLUME, SHARED_VOLUME, SHM_VOLUME, USER_VOLUME, is_own_volume
from hubs.settings.hub import Hub
from hubs.settings.kubespawner import (
    BEFORE_THE_CHOICE,
    CHART,
    EXPANDED,
    EXPANDED_AT_FIRST,
    FORMATTED_BY_JUPYTERHUB,
    JUPYTERHUB_PLACEHOLDERS,
    PLACEHOLDERS,
    RENAMED,
    SECTIONS,
)
from hubs.settings.layers import Found, Path, mapping, value_at
from hubs.settings.mounts import normal
from hubs.settings.profiles import Profile
from hubs.settings.traits import not_converted, trait_problems, unknown_trait

_FORMATTED = (
    "storage.dynamic.pvcNameTemplate",
    "storage.dynamic.subPath",
    "storage.dynamic.volumeNameTemplate",
    "storage.extraVolumeMounts",
    "storage.extraVolumes",
    "storage.homeMountPath",
    "storage.static.subPath",
)
"""Values of `singleuser`, beside those of CHART, that the chart puts into traits that KubeSpawner formats."""


@dataclass(frozen=True)
class Override:
    """Traits that are set when something is selected: a profile, a choice, or a typed value (`typed`)."""

    path: Path
    traits: Mapping[str, Any]
    typed: bool = False


@dataclass(frozen=True)
class Menu:
    """An option of a profile: the overrides of its choices. KubeSpawner applies one of them."""

    choices: tuple[Override, ...]


def profile_overrides(path: Path, profile: Profile) -> tuple[Override, list[Menu]]:
    """Return the override of a profile, and its menus in the order in which KubeSpawner applies them."""
    own = Override((*path, "kubespawner_override"), profile.kubespawner_override)
    menus = []
    images = tuple(
        Override((*path, "images", name, "kubespawner_override"), choice.kubespawner_override)
        for name, choice in profile.images.items()
    )
    for name, option in profile.profile_options.items():
        at = (*path, "profile_options", name)
        choices = [
            Override((*at, "choices", key, "kubespawner_override"), choice.kubespawner_override)
            for key, choice in option.choices.items()
        ]
        unlisted = option.unlisted_choice
        if unlisted is not None and unlisted.kubespawner_override and unlisted.enabled is not False:
            place = (*at, "unlisted_choice", "kubespawner_override")
            choices.append(Override(place, unlisted.kubespawner_override, typed=True))
        if name == "image" and images:
            choices.extend(images)
        menus.append(Menu(tuple(choices)))
    if images and "image" not in profile.profile_options:
        menus.insert(0, Menu(images))
    return own, menus


def overrides(hub: Hub) -> Iterator[Override]:
    """Yield the overrides of all profiles of a hub."""
    for key, profile in hub.named_profiles:
        own, menus = profile_overrides(("profiles", key), profile)
        yield own
        for menu in menus:
            yield from menu.choices


def override_problems(hub: Hub) -> Found:
    """Yield what is wrong in the overrides, except for names that KubeSpawner does not know."""
    yield from _mounts_without_volume(hub)
    for item in overrides(hub):
        for name, value in item.traits.items():
            if unknown_trait(name) is None:
                for below, message in trait_problems(name, value, typed=item.typed):
                    yield (*item.path, name, *below), message
                yield from _own_volumes(hub, item, name, value)
                yield from _formatted_late(item, name, value)
    for key, profile in hub.named_profiles:
        for image, choice in profile.images.items():
            yield from page_problems(("profiles", key, "images", image, "default_url"), choice.default_url)
    yield from page_problems(("default_url",), hub.default_url)


def _formatted_late(item: Override, name: str, value: Any) -> Found:
    """Yield texts in braces that fail, or stay, because of the time when they are read."""
    if name in FORMATTED_BY_JUPYTERHUB and not (item.typed and "{value}" in str(value)):
        yield from page_problems((*item.path, name), value)
    if name == "working_dir" and isinstance(value, str):
        for found in (f"{{{placeholder}}}" for placeholder in PLACEHOLDERS):
            if found in value:
                yield (
                    (*item.path, name),
                    f"has {found}, which is not replaced in a profile: use it in working_directory of the hub",
                )


def page_problems(path: Path, value: Any) -> Found:
    """Yield why JupyterHub can't format the page that opens, or a folder, when a server starts."""
    message = placeholders.problem(value, JUPYTERHUB_PLACEHOLDERS, "JupyterHub") if isinstance(value, str) else None
    if message is not None:
        known = " and ".join(f"{{{name}}}" for name in reversed(JUPYTERHUB_PLACEHOLDERS))
        yield path, f"{message} (placeholders are {known})"


def unknown_traits(hub: Hub) -> Found:
    """Yield the names in overrides, and in `values`, that KubeSpawner does not know."""
    for item in overrides(hub):
        for name in item.traits:
            if message := unknown_trait(name):
                yield (*item.path, name), message
    for place, name, _ in (*_configured(hub), *_selected(hub)):
        if found := unknown_trait(name):
            yield place, found


def override_warnings(hub: Hub) -> Found:
    """Yield what has no effect, or probably another one than its writer thinks."""
    yield from _in_the_nodes_network(hub)
    for item in overrides(hub):
        for name, value in item.traits.items():
            if name in BEFORE_THE_CHOICE:
                yield (*item.path, name), "has no effect: KubeSpawner reads it before it knows the profile"
            for below, text in _texts(value):
                if RENAMED.get(name, name) in EXPANDED and "{{" in text and placeholders.problem(text) is None:
                    double = "has double braces, which servers get as they are written: write single braces"
                    yield (*item.path, name, *below), double


def _in_the_nodes_network(hub: Hub) -> Found:
    """Yield where servers get the network of their node."""
    place = ("values", "jupyterhub", "singleuser", "extraPodConfig")
    written = [((*item.path, name), name, value) for item in overrides(hub) for name, value in item.traits.items()]
    for path, name, value in (
        *written,
        *_configured(hub),
        *_selected(hub),
        (place, "extra_pod_config", value_at(hub.values, *place[1:])),
    ):
        if RENAMED.get(name, name) == "extra_pod_config":
            for key in ("hostNetwork", "host_network"):
                if value_at(value, key) is True:
                    yield (*path, key), "these servers reach all that their node reaches, NFS servers too"


def values_problems(hub: Hub) -> Found:
    """Yield what is wrong with the traits in the hub's own `values` for the jupyterhub chart."""
    single = mapping(hub.values, "jupyterhub", "singleuser")
    for name, chart_path in CHART.items():
        steps = tuple(chart_path.split("."))
        value = value_at(single, *steps)
        # A null removes the chart's default. Other shapes are checked against the program's own values.
        if value is not None and name != "profile_list":
            yield from _raw(("values", "jupyterhub", "singleuser", *steps), name, value)
    for path, name, value in (*_configured(hub), *_selected(hub)):
        if unknown_trait(name) is None:
            yield from _raw(path, name, value)
    yield from page_problems(("values", "jupyterhub", "singleuser", "defaultUrl"), single.get("defaultUrl"))
    for chart_path in _FORMATTED:
        steps = tuple(chart_path.split("."))
        yield from _formatted(("values", "jupyterhub", "singleuser", *steps), value_at(single, *steps))


def _selected(hub: Hub) -> Iterator[tuple[Path, str, Any]]:
    """Yield path, name and value of traits in the profiles of `values.jupyterhub.singleuser.profileList`."""
    single = mapping(hub.values, "jupyterhub", "singleuser")
    for key, profile in _entries(single.get("profileList")):
        path: Path = ("values", "jupyterhub", "singleuser", "profileList", key)
        places: list[tuple[Path, Any]] = [(path, profile)]
        for name, option in mapping(profile, "profile_options").items():
            for choice, found in mapping(option, "choices").items():
                places.append(((*path, "profile_options", name, "choices", choice), found))
            at: Path = (*path, "profile_options", name, "unlisted_choice")
            plain = {
                trait: value
                for trait, value in mapping(option, "unlisted_choice", "kubespawner_override").items()
                if "{value}" not in str(value)
            }
            places.append((at, {"kubespawner_override": plain}))
        for place, found in places:
            for trait, value in mapping(found, "kubespawner_override").items():
                yield (*place, "kubespawner_override", trait), trait, value


def _configured(hub: Hub) -> Iterator[tuple[Path, str, Any]]:
    """Yield path, name and value of KubeSpawner's traits in `values.jupyterhub.hub.config`."""
    for section in SECTIONS:
        place = ("values", "jupyterhub", "hub", "config", section)
        for name, value in mapping(hub.values, *place[1:]).items():
            yield (*place, name), name, value


def _raw(path: Path, name: str, value: Any) -> Found:
    unformatted = list(_formatted(path, value)) if RENAMED.get(name, name) in EXPANDED | EXPANDED_AT_FIRST else []
    if name in FORMATTED_BY_JUPYTERHUB:
        unformatted += page_problems(path, value)
    yield from unformatted
    places = {place for place, _ in unformatted}
    yield from (
        ((*path, *below), message) for below, message in trait_problems(name, value) if (*path, *below) not in places
    )
    if other := not_converted(RENAMED.get(name, name), value):
        yield path, other


def _formatted(path: Path, value: Any) -> Found:
    for below, text in _texts(value):
        if wrong := placeholders.problem(text):
            yield (*path, *below), wrong


def _own_volumes(hub: Hub, item: Override, name: str, value: Any) -> Found:
    """Yield volumes and mounts that would take the place of people's home directories."""
    if name == "volumes":
        for key in [key for key, volume in mapping(value).items() if volume is None and is_own_volume(str(key))]:
            yield (
                (*item.path, name, key),
                f"is needed while it is mounted; to leave it out, write volume_mounts: {{{key}: null}}",
            )
        for key, volume in _entries(value):
            written = volume.get("name", key)
            if is_own_volume(str(written)):
                taken = f"{written} is the name of a volume that each server of this program has: use another name"
                yield (*item.path, name, key), taken
    if name == "volume_mounts":
        homes = {normal(path) for path in (hub.home.mount_path, *hub.home.extra_mount_paths)}
        for key, mount in _entries(value):
            at = mount.get("mountPath", mount.get("mount_path"))
            if isinstance(at, str) and normal(at) in homes and not is_own_volume(str(mount.get("name", key))):
                yield (*item.path, name, key), f"{at} is where the home directory is mounted: use another path"


def _mounts_without_volume(hub: Hub) -> Found:
    """Yield mounts of volumes that no server has, whatever is selected."""
    if mapping(hub.values, "jupyterhub", "hub", "extraConfig"):
        return  # code may add volumes
    storage = mapping(hub.values, "jupyterhub", "singleuser", "storage")
    hubs = {SHM_VOLUME, FILES_VOLUME, HOME_VOLUME if hub.home.shared else USER_VOLUME}
    hubs |= {f"{SHARED_VOLUME}{index}" for index, item in enumerate(hub.shared_directories.values()) if item.volume}
    hubs |= _volume_names(storage.get("extraVolumes"))
    for key, profile in hub.named_profiles:
        own, menus = profile_overrides(("profiles", key), profile)
        items = [own, *(choice for menu in menus for choice in menu.choices)]
        names = hubs.union(*(_volume_names(item.traits.get("volumes")) for item in items))
        for item in items:
            for at, mount in _entries(item.traits.get("volume_mounts")):
                name = mount.get("name", at)
                if isinstance(name, str) and name not in names and "{" not in name:
                    yield (*item.path, "volume_mounts", at), f"there is no volume {name}: add it to volumes"


def _volume_names(volumes: Any) -> set[str]:
    return {str(volume.get("name", key)) for key, volume in _entries(volumes)}


def _entries(value: Any) -> Iterator[tuple[Any, dict[str, Any]]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else [])
    yield from ((key, item) for key, item in pairs if isinstance(item, dict))


def _texts(value: Any, path: Path = ()) -> Found:
    """Yield each text in a value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(item, (*path, key))
