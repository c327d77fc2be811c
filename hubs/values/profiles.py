"""`singleuser.profileList`: profiles with expanded short forms, and image options that allow building."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubs.settings.hub import USER_IMAGE, Hub
from hubs.settings.instance_types import AVAILABLE, MARGIN
from hubs.settings.kubespawner import EXPANDED, RENAMED
from hubs.settings.layers import value_at
from hubs.settings.limits import Pair, additions, server_pairs, through
from hubs.settings.overrides import Override, profile_overrides
from hubs.settings.placeholders import escaped, formatted_once
from hubs.settings.pod_rules import is_device
from hubs.settings.profiles import NodeShare, Profile
from hubs.settings.sizes import cpu, memory, memory_bytes
from hubs.values.building import IMAGE as TYPED
from hubs.values.building import Images, offers_building, with_building
from hubs.values.provenance import reads

SIZE = "resource_allocation"
"""The option that `node_shares` creates."""

IMAGE = "image"
"""The option for which jupyterhub-fancy-profiles shows its image page."""

UNLISTED: dict[str, Any] = {
    "enabled": True,
    "display_name": "Custom image",
    "validation_regex": f"{TYPED}$",
    "validation_message": "Must be a publicly available docker image, of form <image-name>:<tag>",
    "display_name_in_choices": "Specify an existing docker image",
    "description_in_choices": "Use a pre-existing docker image from a public docker registry (dockerhub, quay, etc)",
    "kubespawner_override": {"image": "{value}"},
}
"""The typed choice of an option `image` that does not define it otherwise."""

DEFAULT = Profile.model_validate(
    {
        "display_name": "Start a server",
        "default": True,
        "images": {
            "jupyter-scipy": {
                "display_name": "Jupyter SciPy Notebook",
                "description": "Python with the common scientific packages",
                "image": USER_IMAGE,
                "default": True,
            },
            "pangeo": {
                "display_name": "Pangeo Notebook",
                "description": "Python with Dask and geospatial tools",
                "image": "quay.io/pangeo/pangeo-notebook:2026.06.04",
            },
        },
    }
)
"""The profile of a community that defines none."""


@reads("profiles", "resources", "values", "build.private_repositories", wires="profiles with builds")
def profiles(hub: Hub, found: Images) -> dict[str, Any]:
    """`singleuser.profileList`, and what the hub offers to people who may build but not type an image."""
    listed = with_building(profile_list(hub), found)
    values: dict[str, Any] = {"singleuser": {"profileList": listed}}
    custom: dict[str, Any] = {}
    if any(offers_building(option) for profile in listed for option in profile.get("profile_options", {}).values()):
        private = {"private": found.cluster} if hub.build.private_repositories else {}
        custom |= {"built": found.built, **private}
    if value_at(hub.values, "jupyterhub", "singleuser", "profileList") is not None:
        # This list replaces the one above, so the hub itself refuses images of other hubs.
        custom["foreign"] = found.foreign
    if custom:
        values["custom"] = {"imagebuilding": custom}
    return values


def profile_list(hub: Hub) -> list[dict[str, Any]]:
    """KubeSpawner's `profile_list` for a hub."""
    found: list[tuple[str | int, Profile]] = [(0, DEFAULT)] if hub.profiles is None else hub.named_profiles
    base = server_pairs(hub)
    return [_profile(key, profile, base) for key, profile in found]


def _profile(key: str | int, profile: Profile, base: list[Pair]) -> dict[str, Any]:
    options = {
        name: option.model_dump(exclude_none=True, exclude_unset=True)
        for name, option in profile.profile_options.items()
    }
    if profile.images:
        options[IMAGE] = {**options.get(IMAGE, {}), "choices": _images(profile)}
    if IMAGE in options:
        options = {IMAGE: {"display_name": "Image", **_image_option(options.pop(IMAGE))}, **options}
    if profile.node_shares:
        written = options.get(SIZE, {})
        choices = {**node_shares(profile.node_shares), **written.get("choices", {})}
        options[SIZE] = {**written, "choices": choices}
    if SIZE in options:
        options[SIZE] = {"display_name": "Resource Allocation", **options[SIZE]}
    result = profile.model_dump(
        exclude_none=True, exclude_unset=True, exclude={"profile_options", "images", "node_shares"}
    )
    if isinstance(key, str):
        result.setdefault("slug", key)
    if options:
        result["profile_options"] = options
    # Overrides are written last: a null in them has a meaning for KubeSpawner ("no limit"), but exclude_none drops it.
    own, menus = profile_overrides(("profiles", key), profile)
    _write(result, own, base)
    pairs = through(base, (own,))
    for menu in menus:
        for item in menu.choices:
            at = options[IMAGE if item.path[2] == "images" else str(item.path[3])]
            key_of = item.path[-2]
            _write(at["unlisted_choice"] if item.typed else at["choices"][key_of], item, pairs)
        pairs = through(pairs, menu.choices)
    return result


def _write(selected: dict[str, Any], item: Override, pairs: list[Pair]) -> None:
    """Write an override for KubeSpawner into what selects it: names and sizes that it accepts, and texts that are as
    they were written after KubeSpawner formatted them."""
    traits = _devices_once({**item.traits, **additions(pairs, item)})
    if traits:
        written = selected.get("kubespawner_override", {}) if item.path[2] == "images" else {}
        selected["kubespawner_override"] = written | for_kubespawner(traits, typed=item.typed)


def _devices_once(traits: dict[str, Any]) -> dict[str, Any]:
    """Return traits in which devices, such as nvidia.com/gpu, have only limits. Kubernetes takes them as
    guarantees too, so that a choice can change one number."""
    found = traits.get("extra_resource_guarantees")
    if not isinstance(found, dict) or not any(map(is_device, found)):
        return traits
    return {**traits, "extra_resource_guarantees": {key: value for key, value in found.items() if not is_device(key)}}


def for_kubespawner(traits: Mapping[str, Any], *, typed: bool = False) -> dict[str, Any]:
    """Return an override as KubeSpawner reads it. With `typed`, KubeSpawner first replaces `{value}` in all of it."""
    result: dict[str, Any] = {}
    for name, value in traits.items():
        new = RENAMED.get(name, name)
        result[new] = escaped(value, *(("value",) if typed else ())) if new in EXPANDED else _size(new, value)
    written: dict[str, Any] = formatted_once(result, "value") if typed else result
    return written


def _size(name: str, value: Any) -> Any:
    if value is None or (isinstance(value, str) and "{value}" in value):
        return value
    if name in ("mem_guarantee", "mem_limit"):
        return memory(value)
    return cpu(value) if name in ("cpu_guarantee", "cpu_limit") else value


def _image_option(option: dict[str, Any]) -> dict[str, Any]:
    unlisted = option.get("unlisted_choice", {})
    if unlisted.get("enabled") is not False:
        unlisted = {**UNLISTED, **unlisted}
    return {
        **option,
        "unlisted_choice": unlisted,
        "dynamic_image_building": option.get("dynamic_image_building", {"enabled": True}),
    }


def _images(profile: Profile) -> dict[str, Any]:
    choices = {}
    for slug, choice in profile.images.items():
        override: dict[str, Any] = {"image": choice.image}
        if choice.default_url:
            override["default_url"] = choice.default_url
        rest = choice.model_dump(
            exclude_none=True, exclude_unset=True, exclude={"image", "default_url", "kubespawner_override"}
        )
        choices[slug] = {"display_name": choice.image, **rest, "kubespawner_override": override}
    return choices


def node_shares(shares: list[NodeShare]) -> dict[str, Any]:
    """Return the choices of size, smallest first. The smallest one is the default unless a share sets another one."""
    choices: list[tuple[float, str, dict[str, Any]]] = []
    for share in shares:
        cpu, memory = _available(share)
        for part in share.shares:
            name, choice = _share(share, memory / part, cpu / part, cpu)
            choices.append((memory / part, name, {**choice, "default": True} if part == share.default else choice))
    result: dict[str, Any] = {}
    for index, (_, name, choice) in enumerate(sorted(choices, key=lambda item: item[0])):
        result[name if name not in result else f"{name}_{index}"] = choice
    if not any(choice.get("default") for choice in result.values()):
        next(iter(result.values()))["default"] = True
    return result


def _available(share: NodeShare) -> tuple[float, float]:
    """Return the cores and bytes that are available on a node."""
    cpu, memory = AVAILABLE.get(share.instance_type, (0.0, 0))
    return (
        cpu * MARGIN if share.cpu is None else share.cpu,
        memory * MARGIN if share.memory is None else memory_bytes(share.memory),
    )


def _share(share: NodeShare, memory: float, cpu: float, whole: float) -> tuple[str, dict[str, Any]]:
    size = f"{memory / 2**30:.0f} GB" if memory >= 2**30 else f"{memory / 2**20:.0f} MB"
    cores = f"~{cpu:.1f}" if cpu < 2 else f"~{cpu:.0f}"
    always = cpu == whole
    choice: dict[str, Any] = {
        "display_name": f"~{size} RAM, {cores} CPUs",
        "description": f"~{whole:.0f} CPUs always available" if always else f"Up to ~{whole:.0f} CPUs when available",
        "kubespawner_override": {
            "mem_guarantee": int(memory),
            "mem_limit": int(memory),
            "cpu_guarantee": cpu,
            "cpu_limit": whole,
            "node_selector": {"node.kubernetes.io/instance-type": share.instance_type},
        },
    }
    if share.allowed_groups is not None:
        choice["allowed_groups"] = share.allowed_groups
    return f"mem_{size.lower().replace(' ', '_')}", choice
