"""What is not set: a preview uses placeholders and says what to do, an update refuses it.

Here is the only list of the secrets that a hub needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hubs.settings.hub import Hub
from hubs.settings.layers import find
from hubs.settings.secrets import HubSecrets, how_to_set, property_path
from hubs.settings.stack import Stack
from hubs.settings.todo import Todo

if TYPE_CHECKING:
    from hubs.settings.renames import Rename

_REGISTER = {
    "github": "https://github.com/settings/applications/new",
    "cilogon": "https://cilogon.org/oauth2/register",
    "google": "https://console.cloud.google.com/apis/credentials",
}
_PASSWORDS = {"dummy": ("password",), "shared-password": ("password", "admin_password")}


def auth_secrets(kind: str) -> tuple[str, ...]:
    """Return the keys of `AuthSecrets` that a hub with `auth` of this type must have."""
    return _PASSWORDS.get(kind, ("client_id", "client_secret"))


def lacking(stack: Stack, hub: Hub) -> dict[str, list[str]]:
    """Return the required secrets that are not set: keys by purpose. Purposes that lack nothing are omitted."""
    needed: dict[str, tuple[str, ...]] = {
        "auth": auth_secrets(hub.auth.type),
        "registry": stack.registry.secrets_needed,
        "build": ("github_token",) if hub.build.private_repositories else (),
    }
    found = {
        purpose: [key for key in keys if getattr(getattr(hub.secrets, purpose), key) is None]
        for purpose, keys in needed.items()
    }
    return {purpose: keys for purpose, keys in found.items() if keys}


def with_placeholders(stack: Stack, placeholder: Callable[[str], Any]) -> Stack:
    """Return the stack with a placeholder for each required secret that is not set.

    `placeholder` creates one from the path of the secret in the stack's file.
    """
    hubs = []
    for hub in stack.hubs:
        update: dict[str, Any] = {}
        for purpose, keys in lacking(stack, hub).items():
            values = {key: placeholder(secret_path(hub, purpose, key)) for key in keys}
            update[purpose] = getattr(hub.secrets, purpose).model_copy(update=values)
        secrets: HubSecrets = hub.secrets.model_copy(update=update)
        hubs.append(hub.model_copy(update={"secrets": secrets}) if update else hub)
    return replace(stack, hubs=hubs)


def todo(
    stack: Stack, renamed: Iterable[Rename], *, has_kubeconfig: bool, secrets_known: bool = True
) -> Iterator[Todo]:
    """Yield what has to be set before the stack can be deployed: of the stack first, then of each hub. What was
    `renamed` has its secrets under its old name. If it is not known which secrets are set, none is missed."""
    everyone = tuple(hub.key for hub in stack.hubs)
    if not stack.context and not has_kubeconfig:
        command = f"pulumi config set -s {stack.name} kubernetes:context CONTEXT"
        first = "find the cluster's context with `kubectl config get-contexts`"
        yield Todo(stack.tree.source, "kubernetes:context", everyone, "is not set", first, (command,))
    if not secrets_known:
        return
    shared: dict[tuple[str, ...], list[str]] = {}
    for hub in stack.hubs:
        if keys := lacking(stack, hub).get("registry"):
            shared.setdefault(tuple(keys), []).append(hub.key)
    for names, hubs in shared.items():
        source = find(stack.tree, ("registry",))
        what = f"{_names('registry', names)} not set for {', '.join(hubs)}"
        path = "imagebuilding:secrets.registry"
        commands = tuple(how_to_set(stack.name, f"{path}.{key}") for key in names)
        yield Todo(source, path, tuple(hubs), what, "", commands)
    moved: set[str] = set()
    for rename in renamed:
        yield rename.todo
        moved.update(rename.hubs)
    for hub in stack.hubs:
        for purpose, keys in lacking(stack, hub).items():
            if purpose != "registry" and hub.key not in moved:
                first = how_to_register(hub) if purpose == "auth" else _CREATE_TOKEN
                commands = tuple(how_to_set(stack.name, secret_path(hub, purpose, key)) for key in keys)
                what = f"{_names(purpose, keys)} not set"
                yield Todo(find(stack.trees[hub.key], ()), hub.key, (hub.key,), what, first, commands)


_CREATE_TOKEN = "create an access token that can read the private repositories"  # noqa: S105  (a text)


def where_to_register(kind: str) -> str:
    """Return where to register an OAuth client for this type of `auth`."""
    return _REGISTER.get(kind, "your login provider")


def how_to_register(hub: Hub) -> str:
    """Return how to get the secrets of `auth` from the login provider. Empty if the provider has no clients."""
    if not has_callback(hub):
        return ""
    return f"register a client with the callback URL {hub.oauth_callback_url} at {where_to_register(hub.auth.type)}"


def has_callback(hub: Hub) -> bool:
    """Return whether people log in at a provider that sends them back to the hub's callback URL."""
    return "client_id" in auth_secrets(hub.auth.type)


def secret_path(hub: Hub, purpose: str, key: str) -> str:
    """Return the path of a secret. Credentials of the registry are set for the whole cluster, others for one hub."""
    owner = () if purpose == "registry" else (hub.community, hub.name)
    return property_path("imagebuilding:secrets", *owner, purpose, key)


def _names(purpose: str, keys: list[str] | tuple[str, ...]) -> str:
    return " and ".join(f"{purpose}.{key}" for key in keys) + (" is" if len(keys) == 1 else " are")
