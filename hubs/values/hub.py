"""All values of a hub's two releases, with the source of each value."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.layers import Node, Source, located, merge, plain
from hubs.settings.stack import Stack
from hubs.values import binder_service, builds, defaults, home, placement, registry
from hubs.values.authentication import authentication, credentials
from hubs.values.branding import branding
from hubs.values.nulls import without_list_nulls
from hubs.values.profile_order import written_order
from hubs.values.registry_access import RegistryAccess
from hubs.values.roles import roles
from hubs.values.tokens import Tokens

PROGRAM = Source("program default")
SECRETS = Source("secrets of the stack")
STITCHED = Source("stitched")

_SNIPPETS = Path(__file__).parent / "in_the_hub"


@dataclass(frozen=True)
class HubValues:
    """The values of the two charts, as Helm reads them from a file. `*_tree` contain the source of each value."""

    jupyterhub: dict[str, Any] = field(repr=False)
    binderhub: dict[str, Any] = field(repr=False)
    jupyterhub_tree: Node = field(repr=False)
    binderhub_tree: Node = field(repr=False)
    replaced: list[str] = field(default_factory=list)
    """Warnings about the program's lists that the community's own `values` replace."""


def hub_values(stack: Stack, hub: Hub, access: RegistryAccess, tokens: Tokens) -> HubValues:
    """Return the values of the releases `jupyterhub` and `binderhub-service` of `hub`.

    Later layers override earlier ones: the program's defaults, the settings, the community's own `values`, the secrets.
    A null in `values` is passed to Helm, where it removes the chart's default.
    """
    origin = functools.partial(_origin, stack, hub)
    jupyterhub = _layers(
        (PROGRAM, defaults.defaults()),
        (PROGRAM, {"hub": {"extraConfig": extra_config(hub)}}),
        (origin("cluster"), defaults.cluster(stack, hub)),
        (origin("cluster", "user_nodes", "node_selector"), placement.jupyterhub_nodes(stack, hub)),
        (STITCHED, binder_service.jupyterhub_side(hub)),
        (Source("stitched: registry"), registry.jupyterhub_side(access)),
        (origin("auth"), authentication(stack, hub)),
        (origin("home", "shared_directories"), home.home(stack, hub)),
        (origin("roles", "build"), roles(hub)),
        (origin("hub_image"), defaults.hub_image(hub)),
        (origin("image", "resources", "environment", "default_url", "files", "service_account"), defaults.server(hub)),
        (origin("profiles"), defaults.profiles(hub)),
        (origin("named_servers"), defaults.named_servers(hub)),
        (origin("cull"), defaults.cull(hub)),
        (origin("branding"), branding(hub)),
        own=(hub.values.jupyterhub, _own(stack, hub, "jupyterhub")),
        secrets=[
            credentials(hub),
            registry.jupyterhub_password(access),
            {"singleuser": {"extraEnv": hub.secrets.environment}} if hub.secrets.environment else {},
            _tokens(tokens),
            hub.secrets.values.get("jupyterhub", {}),
        ],
    )
    binderhub = _layers(
        (Source("stitched: hub"), binder_service.binderhub_side(hub)),
        (origin("cluster", "build"), builds.builds(stack, hub)),
        (origin("cluster", "user_nodes", "build"), placement.binderhub_nodes(stack, hub)),
        (Source("stitched: registry"), registry.binderhub_side(access)),
        own=(hub.values.binderhub_service, _own(stack, hub, "binderhub-service")),
        secrets=[registry.binderhub_password(access), hub.secrets.values.get("binderhub-service", {})],
    )
    replaced = [*_replaced(hub, jupyterhub), *_replaced(hub, binderhub)]
    return HubValues(_final(jupyterhub.tree), _final(binderhub.tree), jupyterhub.tree, binderhub.tree, replaced)


def extra_config(hub: Hub) -> dict[str, str]:
    """Return `hub.extraConfig`: Python code that the hub runs in the order of the names."""
    snippets = {
        "enable-fancy-profiles": "fancy_profiles",
        "imagebuilding-profiles": "profiles",
        "imagebuilding-pods": "pods",
    }
    if hub.auth.type == "github":
        snippets["imagebuilding-github-groups"] = "github_groups"
    return {name: _snippet(file) for name, file in snippets.items()}


@functools.cache
def _snippet(name: str) -> str:
    return (_SNIPPETS / f"{name}.py").read_text(encoding="utf-8")


def _layers(
    *layers: tuple[Source, dict[str, Any]], own: tuple[dict[str, Any], Node | None], secrets: list[dict[str, Any]]
) -> _Merged:
    stitched = Node({}, PROGRAM)
    for source, data in layers:
        stitched = merge(stitched, located(data, source))
    data, tree = own
    written = located(data, Source("values"), tree)
    result = merge(stitched, written)
    for secret in secrets:
        result = merge(result, located(secret, SECRETS))
    return _Merged(stitched, written, result)


@dataclass(frozen=True)
class _Merged:
    stitched: Node
    own: Node
    tree: Node


def _replaced(hub: Hub, merged: _Merged) -> Iterator[str]:
    for path, before, after in _lists(merged.stitched, merged.own, ()):
        written = plain(after)
        missing = [item for item in plain(before) if not isinstance(written, list) or item not in written]
        if missing:
            where = ".".join(path)
            message = (
                f"values replace the list {where} without {len(missing)} of the program's entries; "
                "add them to the list, or use a setting instead"
            )
            yield f"{after.source}: {hub.key}: {message}"


def _lists(lower: Node, upper: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Node, Node]]:
    """Yield the lists of `lower` that `upper` replaces, with their replacements."""
    if isinstance(lower.value, list):
        yield path, lower, upper
    elif isinstance(lower.value, dict) and isinstance(upper.value, dict):
        for key in lower.value.keys() & upper.value.keys():
            yield from _lists(lower.value[key], upper.value[key], (*path, key))


_PROFILES = ("singleuser", "profileList")


def _final(tree: Node) -> dict[str, Any]:
    """Return the values for Helm. Nulls inside lists are removed: Kubernetes treats them like missing keys.

    Nulls of profiles and the order of their choices are passed to the hub in `custom` (in_the_hub/profiles.py).
    """
    values, nulls = without_list_nulls(plain(tree, keep_null=True))
    profiles = (values.get("singleuser") or {}).get("profileList") or []
    for name, data in (
        ("profile_nulls", [list(path[len(_PROFILES) :]) for path in nulls if path[: len(_PROFILES)] == _PROFILES]),
        ("profile_order", written_order(profiles)),
    ):
        if data:
            custom = values["custom"]
            values["custom"] = {**custom, "imagebuilding": {**custom["imagebuilding"], name: data}}
    return values


def _tokens(tokens: Tokens) -> dict[str, Any]:
    return {
        "proxy": {"secretToken": tokens.proxy},
        "hub": {
            "cookieSecret": tokens.cookie,
            "config": {"CryptKeeper": {"keys": [tokens.crypt_key]}},
            "services": {binder_service.NAME: {"apiToken": tokens.binder}},
        },
    }


def _own(stack: Stack, hub: Hub, chart: str) -> Node | None:
    tree = stack.trees[hub.key].get("values")
    return tree.get(chart) if tree is not None else None


def _origin(stack: Stack, hub: Hub, *keys: str) -> Source:
    """Return the source of a layer: file and line of each of its settings, or the program's default."""
    found = []
    for key in keys:
        source = stack.tree.value["cluster"].source if key == "cluster" else stack.source(hub, (key,))
        if source is not None:
            found.append(f"{key} {source}")
    return Source("; ".join(found)) if found else PROGRAM
