"""The scopes and role names that JupyterHub accepts. It does not start with others.

As data, because importing JupyterHub takes longer than a plan. A test compares it with the installed JupyterHub.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from hubs.errors import unknown

SCOPES = frozenset(
    {
        "self",
        "inherit",
        "admin-ui",
        "admin:users",
        "users",
        "delete:users",
        "list:users",
        "read:users",
        "read:users:name",
        "read:users:groups",
        "read:users:activity",
        "users:activity",
        "read:roles",
        "read:roles:users",
        "read:roles:services",
        "read:roles:groups",
        "admin:auth_state",
        "admin:servers",
        "admin:server_state",
        "servers",
        "read:servers",
        "start:servers",
        "delete:servers",
        "tokens",
        "read:tokens",
        "admin:groups",
        "groups",
        "list:groups",
        "read:groups",
        "read:groups:name",
        "delete:groups",
        "admin:services",
        "list:services",
        "read:services",
        "read:services:name",
        "read:hub",
        "access:servers",
        "access:services",
        "users:shares",
        "read:users:shares",
        "groups:shares",
        "read:groups:shares",
        "read:shares",
        "shares",
        "proxy",
        "shutdown",
        "read:metrics",
    }
)
"""`jupyterhub.scopes.scope_definitions` of JupyterHub 6.1, without `(no_scope)`, which grants nothing."""

_FILTERS = ("user=", "service=", "group=", "server=")
_FILTERS_EXPECTED = "!user=NAME, !group=NAME, !service=NAME, !server=USER/NAME, !user, !service or !server"
_OWN = ("user", "service", "server")
_ROLE = re.compile(r"[a-z][a-z0-9\-_~.]{1,253}[a-z0-9]")


def scope_problem(scope: str, custom: Collection[str] = ()) -> str | None:
    """Return why JupyterHub refuses a scope, or None. `custom`: scopes that the hub's config defines."""
    name, bang, restriction = scope.partition("!")
    if name not in SCOPES and name not in custom:
        hint = "see https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html"
        if name.startswith("custom:"):
            hint = "define it in values.jupyterhub.hub.config.JupyterHub.custom_scopes"
        elif name == "all":
            hint = "it is now called inherit"
        return unknown(f"JupyterHub has no scope {name!r}", name, sorted(SCOPES), otherwise=hint)
    if bang and restriction not in _OWN and not (restriction.startswith(_FILTERS) and restriction.partition("=")[2]):
        return f"the filter of {scope!r} must be {_FILTERS_EXPECTED}"
    return None


def role_name_problem(name: str) -> str | None:
    """Return why JupyterHub refuses the name of a role, or None."""
    if name == "admin":
        return "JupyterHub's role admin can't be changed: name administrators in auth.admins, or choose another name"
    if not _ROLE.fullmatch(name):
        return "a role's name must be 3 to 255 of a-z, 0-9, -, ., ~ and _, from a letter to a letter or digit"
    return None
