"""Checks of builds: amounts that contradict each other, private repositories that others could read, settings that
today's BinderHub and repo2docker don't have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hubs.settings import docker_hub
from hubs.settings.build import PodResources
from hubs.settings.hub import Hub
from hubs.settings.layers import Found, mapping, value_at
from hubs.settings.sizes import amount
from hubs.settings.stack import Stack

_CHART = "binderhub-service"
_GONE = ("memory_limit", "build_memory_limit")
"""Limits of `docker build`, which BuildKit does not have: with them repo2docker refuses its arguments."""


def build_problems(stack: Stack, hub: Hub) -> Found:
    """Yield settings of builds that can't work, or that would give images to too many people."""
    for name in ("docker_resources", "pod_resources"):
        written: PodResources = getattr(hub.build, name)
        requests, limits = written.requests.model_dump(by_alias=True), written.limits.model_dump(by_alias=True)
        for what, request in requests.items():
            if request is not None and limits[what] is not None and amount(request) > amount(limits[what]):
                path = ("build", name, "requests", what)
                yield path, f"is {request}, more than the limit of {limits[what]}"
    room, cache = hub.build.docker_resources.limits.ephemeral_storage, stack.cluster.build_cache
    if room is not None and cache is not None and amount(room) <= amount(cache):
        path = ("build", "docker_resources", "limits", "ephemeral-storage")
        yield path, f"must be more than cluster.build_cache, {cache}, which counts too"
    if hub.build.private_repositories:
        for message in _private(stack, hub):
            yield ("build", "private_repositories"), message
    for where, values in (("values",), hub.values), (("secrets", "values"), hub.secrets.values):
        for place in _memory_limits(values.get(_CHART)):
            message = (
                "makes builds fail, because BuildKit has no such limit; write build.docker_resources.limits.memory"
                " instead"
            )
            yield (*where, _CHART, *place), message


def _memory_limits(values: Any) -> Iterator[tuple[str, ...]]:
    """Yield the places of the old limit: in BinderHub's `config`, and in code below `extraConfig`."""
    for section, traits in mapping(values, "config").items():
        for trait in _GONE:
            if value_at(traits, trait) is not None:
                yield "config", section, trait
    for name, code in mapping(values, "extraConfig").items():
        if isinstance(code, str) and any(f".{trait}" in code for trait in _GONE):
            yield "extraConfig", name


def _private(stack: Stack, hub: Hub) -> Iterator[str]:
    """Yield why images of private repositories could be read by more people than those who may build them."""
    kind = stack.registry
    if hub.auth.allow_all:
        yield "everyone with an account at the login provider could read them: remove auth.allow_all"
    if hub.build.groups is None:
        yield "everyone who may log in could read them: name who may, with build.groups"
    if not hub.build.allowed_specs:
        yield "everything that the token can read could be built: name the repositories, with build.allowed_specs"
    if not kind.pull_secret:
        yield "images are public, or other hubs can start them: let nodes pull with the hub's own credentials"
    elif docker_hub.is_docker_hub(kind.host):
        yield "new images on Docker Hub are public: use another registry"
    account = kind.pull_account(stack, hub)
    others = [other.key for other in stack.hubs if other is not hub and kind.pull_account(stack, other) == account]
    known = not kind.secrets_needed or stack.trees[hub.key].at("secrets", "registry") is not None
    if kind.pull_secret and others and known:
        yield f"{', '.join(others)} could start their images with the same account: {kind.separate_accounts}"
