"""A hub in a few lines: how to reach it, who may log in, where files and images are, and which charts it installs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from hubs.settings.auth import CILogon
from hubs.settings.home import Home
from hubs.settings.hub import Hub
from hubs.settings.layers import value_at
from hubs.settings.missing import has_callback
from hubs.settings.stack import Stack

MOST = 4
"""Names that a list shows; of more it says how many there are."""

_PROVIDERS = {"github": "GitHub", "cilogon": "CILogon", "google": "Google"}
_PASSWORDS = {
    "shared-password": "any user name, with the password that everyone shares; admins have another one",
    "dummy": "any user name, with the same password",
}


def paragraph(stack: Stack, hub: Hub, outputs: Mapping[str, Any], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return labels and texts. `outputs` are the hub's in the stack, `values` those of its chart jupyterhub. A text
    without a label is a command, which belongs to the text before."""
    rows = [*address(stack, hub, outputs, values), ("login", "; ".join(login(stack, hub)))]
    if has_callback(hub):
        rows.append(("callback", str(outputs["oauth_callback_url"])))
    rows += [
        ("homes", homes(hub.home)),
        ("pushes to", f"{outputs['image_prefix']}..."),
        ("charts", ", ".join(f"{name} {version}" for name, version in outputs["charts"].items())),
    ]
    undone = [item.what for item in stack.todo if hub.key in item.hubs]
    return [*rows, ("to do", "; ".join(undone))] if undone else rows


def address(stack: Stack, hub: Hub, outputs: Mapping[str, Any], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the hub's URL, or how to reach it if it has no Ingress."""
    if value_at(values, "ingress", "enabled") is True:
        return [("address", str(outputs["url"]))]
    # A demonstration can be deployed to any context.
    context = f" --context {stack.context}" if stack.context and not stack.cluster.demonstration else ""
    command = f"kubectl{context} port-forward -n {hub.namespace} service/proxy-public 8080:80"
    return [("address", "no ingress; once it is deployed, http://localhost:8080/ with"), ("", command)]


def login(stack: Stack, hub: Hub) -> Iterator[str]:
    """Yield who may log in, and who administers the hub. Operators are included."""
    auth, operators = hub.auth, stack.operators(hub)
    if auth.type in _PASSWORDS:
        yield _PASSWORDS[auth.type]
    else:
        provider = _PROVIDERS.get(auth.type) or urlsplit(str(getattr(auth, "authorize_url", ""))).hostname
        allowed = list(_allowed(auth))
        allowed += _names([*getattr(auth, "allow", []), *operators.allow])
        allowed += _names(getattr(auth, "allow_groups", []), "group")
        allowed += _names(getattr(auth, "allowed_scopes", []), "scope")
        yield f"{provider}: {', '.join([*allowed, *_names(auth.users, 'user')]) or 'admins only'}"
    admins = [*_names([*auth.admins, *operators.admins]), *_names(getattr(auth, "admin_groups", []), "group")]
    if admins:
        yield f"admins: {', '.join(admins)}"


def _allowed(auth: Any) -> Iterator[str]:
    if auth.allow_all:
        yield "everyone with an account"
    for entity, provider in auth.identity_providers.items() if isinstance(auth, CILogon) else ():
        at = urlsplit(entity).hostname or entity
        if provider.allow_all:
            yield f"everyone at {at}"
        elif provider.allowed_domains:
            yield f"{', '.join(_names(provider.allowed_domains))} at {at}"


def _names(names: Sequence[str], what: str = "") -> list[str]:
    """Return the first names and the number of others, with what they are before the first one."""
    if not names:
        return []
    before = f"{what}{'s' if len(names) > 1 else ''} " if what else ""
    shown = [f"{before}{names[0]}", *names[1:MOST]]
    return shown if len(names) <= MOST else [*shown, f"and {len(names) - MOST} more"]


def homes(home: Home) -> str:
    """Return where people's files are."""
    if home.nfs is not None:
        return f"NFS share {home.nfs.server}:{home.nfs.path}"
    if home.disk is not None:
        quota = f", {home.disk.quota} GiB for each user" if home.disk.quota else ""
        return f"disk {home.disk.volume_id}{quota}"
    if home.none:
        return "none: files are deleted when a server stops"
    return f"a volume of {home.volume.size} for each user" if home.volume is not None else "a volume for each user"
