"""The chart jupyterhub (Zero to JupyterHub): all of its values, put together."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from hubs.settings.auth import OAuth
from hubs.settings.hub import Hub
from hubs.settings.stack import Stack
from hubs.values import binder_service, cluster, home, placement, registry, server
from hubs.values.authentication import authentication, callback, credentials, operators_allowed, people
from hubs.values.branding import branding
from hubs.values.building import images
from hubs.values.defaults import defaults
from hubs.values.nulls import without_list_nulls
from hubs.values.profile_order import written_order
from hubs.values.profiles import profiles
from hubs.values.provenance import Layer, layer, reads
from hubs.values.release import HubChart, Inputs, Restart
from hubs.values.roles import roles
from hubs.values.server_isolation import isolated
from hubs.values.tokens import jupyterhub_tokens

_SNIPPETS = Path(__file__).parent / "in_the_hub"


def _layers(inputs: Inputs) -> list[Layer]:
    stack, hub, access = inputs.stack, inputs.hub, inputs.access
    return [
        layer(defaults),
        layer(extra_config, stack, hub),
        layer(cluster.cloud_metadata, stack, hub),
        layer(cluster.database, stack),
        layer(cluster.ingress, stack, hub),
        layer(placement.core_pods, stack),
        layer(placement.user_pods, stack, hub),
        layer(binder_service.jupyterhub_side, hub),
        layer(registry.jupyterhub_side, access),
        layer(authentication, hub),
        layer(callback, hub),
        layer(operators_allowed, stack, hub),
        layer(people, stack, hub),
        layer(home.storage, stack, hub),
        layer(home.mounts, hub),
        layer(home.working_directory, hub),
        layer(roles, stack, hub),
        layer(server.hub_image, hub),
        layer(server.image, hub),
        layer(server.resources, hub),
        layer(server.default_url, hub),
        layer(server.environment, hub),
        layer(server.service_account, hub),
        layer(server.files, hub),
        layer(profiles, hub, images(stack, hub)),
        layer(server.named_servers, hub),
        layer(server.cull, hub),
        layer(branding, hub),
    ]


def _secrets(inputs: Inputs) -> list[Layer]:
    return [
        layer(credentials, inputs.hub),
        layer(registry.jupyterhub_password, inputs.access),
        layer(server.secret_environment, inputs.hub),
        layer(jupyterhub_tokens, inputs.tokens),
    ]


@reads("auth.groups_claim", "auth.type", "cluster.ingress")
def extra_config(stack: Stack, hub: Hub) -> dict[str, Any]:
    """`hub.extraConfig`: Python that the hub runs, in the order of the names."""
    snippets = {
        "enable-fancy-profiles": "fancy_profiles",
        "imagebuilding-kept": "kept",
        "imagebuilding-profiles": "profiles",
        "imagebuilding-pods": "pods",
    }
    if hub.auth.type == "github" or (isinstance(hub.auth, OAuth) and hub.auth.groups_claim):
        snippets["imagebuilding-groups"] = "groups"
    ingress = stack.cluster.ingress
    if ingress is not None and (ingress.cluster_issuer or ingress.tls):
        snippets["imagebuilding-hsts"] = "hsts"
    return {"hub": {"extraConfig": {name: _snippet(file) for name, file in snippets.items()}}}


@functools.cache
def _snippet(name: str) -> str:
    return (_SNIPPETS / f"{name}.py").read_text(encoding="utf-8")


_PROFILES = ("singleuser", "profileList")


def _finish(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values for Helm: with the network restrictions of servers, and without nulls inside lists, where
    Kubernetes treats null and a missing key alike.

    Nulls in profiles and the order of choices are passed to the hub in `custom` (in_the_hub/profiles.py).
    """
    values, nulls = without_list_nulls(isolated(values))
    found = (values.get("singleuser") or {}).get("profileList") or []
    for name, data in (
        ("profile_nulls", [list(path[len(_PROFILES) :]) for path in nulls if path[: len(_PROFILES)] == _PROFILES]),
        ("profile_order", written_order(found)),
    ):
        if data:
            custom = values.get("custom") or {}
            values["custom"] = {**custom, "imagebuilding": {**(custom.get("imagebuilding") or {}), name: data}}
    return values


CHART = HubChart(
    key="jupyterhub",
    component="imagebuilding:hub:JupyterHub",
    name=lambda hub: hub.slug,
    layers=_layers,
    secrets=_secrets,
    finish=_finish,
    restarts={
        "hub": Restart("hub restarts (about a minute, running servers go on)"),
        "proxy": Restart("proxy restarts (open connections drop once)", disturbs=True),
    },
)
