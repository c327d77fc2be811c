"""Secrets that are not set yet: a preview uses placeholders, and its warnings explain how to set them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hubs.settings.checks import auth_secrets
from hubs.settings.errors import Problem
from hubs.settings.hub import Hub
from hubs.settings.layers import find
from hubs.settings.secrets import how_to_set
from hubs.settings.stack import Stack

REGISTER = {
    "github": "https://github.com/settings/applications/new",
    "cilogon": "https://cilogon.org/oauth2/register",
    "google": "https://console.cloud.google.com/apis/credentials",
}
"""Where to register an OAuth client, by type of `auth`."""


def with_placeholders(stack: Stack, placeholder: Callable[[str], Any]) -> Stack:
    """Return the stack with a placeholder and a warning for each required secret that is not set.

    `placeholder` creates one from the path of the secret in the stack's file.
    """
    hubs, todo, registry = [], [], dict[str, list[str]]()
    for hub in stack.hubs:
        auth = {
            key: placeholder(_place(hub, key))
            for key in auth_secrets(hub.auth.type)
            if getattr(hub.secrets.auth, key) is None
        }
        credentials = {
            key: placeholder(f"imagebuilding:secrets.registry.{key}")
            for key in stack.registry.secrets_needed
            if getattr(hub.secrets.registry, key) is None
        }
        for key in credentials:
            registry.setdefault(key, []).append(hub.key)
        if auth:
            todo.append(Problem(find(stack.trees[hub.key], ()), hub.key, _auth_message(stack, hub, list(auth))))
        if auth or credentials:
            secrets = hub.secrets
            update = {
                "auth": secrets.auth.model_copy(update=auth),
                "registry": secrets.registry.model_copy(update=credentials),
            }
            hubs.append(hub.model_copy(update={"secrets": secrets.model_copy(update=update)}))
        else:
            hubs.append(hub)
    for key, lacking in registry.items():
        path = f"imagebuilding:secrets.registry.{key}"
        message = f"is not set yet for {', '.join(lacking)}: run {_commands(stack, [path])}"
        todo.append(Problem(find(stack.tree, ("registry",)), path, message))
    return replace(stack, hubs=hubs, warnings=[*stack.warnings, *todo])


def how_to_register(hub: Hub) -> str:
    """Return how to get the secrets of `auth` from the login provider. Empty if the provider has no clients."""
    if "client_id" not in auth_secrets(hub.auth.type):
        return ""
    where = REGISTER.get(hub.auth.type, "your login provider")
    return f"register a client with the callback URL {hub.oauth_callback_url} at {where}"


def _auth_message(stack: Stack, hub: Hub, keys: Sequence[str]) -> str:
    names = " and ".join(f"auth.{key}" for key in keys) + (" is" if len(keys) == 1 else " are")
    register = how_to_register(hub)
    then = f"{register}, then run" if register else "run"
    return f"{names} not set yet: {then} {_commands(stack, [_place(hub, key) for key in keys])}"


def _place(hub: Hub, key: str) -> str:
    return f"imagebuilding:secrets.{hub.community}.{hub.name}.auth.{key}"


def _commands(stack: Stack, paths: Sequence[str]) -> str:
    return " and ".join(f"`{how_to_set(stack.name, path)}`" for path in paths)
