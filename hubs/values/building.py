"""Which images people may start by name: any image but those of the cluster's other hubs, and always those of builds.

The page posts a built image as the `unlisted_choice` of its option (jupyterhub-fancy-profiles, src/ImageBuilder.tsx),
and KubeSpawner accepts it only if that choice is enabled and its `validation_regex` matches. Here the two agree.
KubeSpawner runs the expression with `re.match`, the page with `new RegExp(...)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from hubs.settings import docker_hub
from hubs.settings.hub import Hub
from hubs.settings.registry import ArtifactRegistry, Kind
from hubs.settings.stack import Stack

_TAG, _DIGEST = r":[A-Za-z0-9_][A-Za-z0-9_.\-]*", "@sha256:[0-9a-f]+"

IMAGE = rf"[^\s:@]+(?::[0-9]+/[^\s:@]+)?(?:{_TAG}(?:{_DIGEST})?|{_DIGEST})"
"""An image with a tag or a digest, roughly: for a message in time, since Kubernetes checks the rest."""

ONLY_BUILT: dict[str, Any] = {
    "enabled": True,
    "display_name": "Image built here",
    "display_name_in_choices": "Image built here before",
    "description_in_choices": "The name of an image that was built on this hub",
    "validation_message": "Must be an image that was built on this hub, of form <image-name>:<tag>",
    "kubespawner_override": {"image": "{value}"},
}
"""What replaces typing an image where only building is offered: the page can't post a built image otherwise."""


@dataclass(frozen=True)
class Images:
    """Regular expressions for names of images, valid in Python and JavaScript. They match from the beginning."""

    own: str
    """An image that was built on the hub, up to the end of its name."""
    foreign: str
    """The beginning of an image that was built on another hub of the cluster, in every spelling of its registry."""
    cluster: str
    """The same of any hub of the cluster."""

    def typed(self, wanted: str, *, building: bool) -> str:
        """Return the expression for an image that people type: as `wanted`, none of other hubs, and if the option
        offers building, any that was built on this hub."""
        own = f"{self.own}$|" if building else ""
        return f"^(?:{own}(?!{self.foreign})(?:{wanted}))"

    @property
    def built(self) -> dict[str, Any]:
        """The `unlisted_choice` of an option that offers building, but no typing of other images."""
        return {**ONLY_BUILT, "validation_regex": f"^(?:{self.own})$"}


def images(stack: Stack, hub: Hub) -> Images:
    """Return the expressions for the images of `hub` and of the cluster's other hubs."""
    kind: Kind = stack.registry
    prefix = kind.image_prefix(stack, hub)
    # `earth-a-b-` begins `earth-a-b-c-` of another hub, too. In names of images that were built on this hub, BinderHub
    # has written the dash after an owner named c as -2d (binderhub/builder.py, escapism).
    longer = [kind.image_prefix(stack, other) for other in stack.hubs if other is not hub]
    others = "".join(
        rf"(?!{_literal(other.removeprefix(prefix))}(?!2d))" for other in longer if other.startswith(prefix)
    )
    own = rf"{_literal(prefix)}{others}[a-z0-9][a-z0-9._\-]*{_TAG}(?:{_DIGEST})?"
    path = prefix.removeprefix(f"{kind.host}/")
    owner = path[: path.rindex(stack.prefix(hub))]
    # A project of Google Cloud has a number, too.
    owners = r"[^\/\s]+/" * owner.count("/") if isinstance(kind, ArtifactRegistry) else _literal(owner)
    cluster = f"{_host(kind.host)}{owners}{_literal(stack.cluster.name)}-"
    return Images(own, f"(?!{_literal(prefix)}{others}){cluster}", cluster)


def _literal(text: str) -> str:
    r"""Return an expression for `text`, which Python and JavaScript read alike, with the flag v too."""
    return re.sub(r"[^A-Za-z0-9_/:-]", lambda found: "\\" + found[0], text)


def _host(host: str) -> str:
    """Return an expression for a host with its slash: in upper or lower case, with or without the usual port."""
    if docker_hub.is_docker_hub(host):
        hosts = "|".join(map(_any_case, docker_hub.SPELLINGS))
        return rf"(?:(?:{hosts})(?::443)?/)?"  # without a host, an image is on Docker Hub
    name, _, port = host.partition(":")
    ports = rf":{port}" if port not in ("", "80", "443") else "(?::(?:80|443))?"
    return rf"{_any_case(name)}{ports}/"


def _any_case(text: str) -> str:
    return "".join(f"[{c}{c.upper()}]" if c.isalpha() else _literal(c) for c in text)


def with_building(profiles: list[dict[str, Any]], found: Images) -> list[dict[str, Any]]:
    """Return KubeSpawner's `profile_list` with options whose `unlisted_choice` accepts what they build, and no image of
    another hub."""
    return [
        {**profile, "profile_options": {name: _option(option, found) for name, option in options.items()}}
        if (options := profile.get("profile_options"))
        else profile
        for profile in profiles
    ]


def _option(option: dict[str, Any], found: Images) -> dict[str, Any]:
    unlisted = option.get("unlisted_choice") or {}
    building = offers_building(option)
    if not unlisted.get("enabled"):
        return {**option, "unlisted_choice": found.built} if building else option
    if (unlisted.get("kubespawner_override") or {}).get("image") != "{value}":
        return option
    expression = found.typed(unlisted.get("validation_regex") or f"{IMAGE}$", building=building)
    return {**option, "unlisted_choice": {**unlisted, "validation_regex": expression}}


def offers_building(option: dict[str, Any]) -> bool:
    """Return whether an option of KubeSpawner's `profile_list` offers to build an image."""
    return bool((option.get("dynamic_image_building") or {}).get("enabled"))
