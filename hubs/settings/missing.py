"""Secrets that are not set yet: a preview uses placeholders, and its warnings explain how to set them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hubs.settings.checks import auth_secrets
from hubs.settings.errors import Problem
from hubs.settings.hub import Hub
from hubs.settings.layers import find
from hubs.settings.secrets import auth_path, how_to_set
from hubs.settings.stack import Stack

_REGISTER = {
    "github": "https://github.com/settings/applications/new",
    "cilogon": "https://cilogon.org/oauth2/register",
    "google": "https://console.cloud.google.com/apis/credentials",
}


def with_placeholders(stack: Stack, placeholder: Callable[[str], Any]) -> Stack:
    """Return the stack with a placeholder and a warning for each required secret that is not set.

    `placeholder` creates one from the path of the secret in the stack's file.
    """
    hubs, todo, registry = [], [], dict[str, list[str]]()
    for hub in stack.hubs:
        auth = {
            key: placeholder(auth_path(hub.community, hub.name, key))
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


def where_to_register(kind: str) -> str:
    """Return where to register an OAuth client for this type of `auth`."""
    return _REGISTER.get(kind, "your login provider")


def how_to_register(hub: Hub) -> str:
    """Return how to get the secrets of `auth` from the login provider. Empty if the provider has no clients."""
    if "client_id" not in auth_secrets(hub.auth.type):
        return ""
    return f"register a client with the callback URL {hub.oauth_callback_url} at {where_to_register(hub.auth.type)}"


def _auth_message(stack: Stack, hub: Hub, keys: Sequence[str]) -> str:
    names = " and ".join(f"auth.{key}" for key in keys) + (" is" if len(keys) == 1 else " are")
    register = how_to_register(hub)
    then = f"{register}, then run" if register else "run"
    return f"{names} not set yet: {then} {_commands(stack, [auth_path(hub.community, hub.name, key) for key in keys])}"


def _commands(stack: Stack, paths: Sequence[str]) -> str:
    return " and ".join(f"`{how_to_set(stack.name, path)}`" for path in paths)
