"""`hub.loadRoles`: permissions of users, and who may build images."""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.stack import Stack
from hubs.values.binder_service import NAME
from hubs.values.provenance import reads

BUILD_SCOPE = f"access:services!service={NAME}"

# A role in loadRoles replaces the scopes of a default role of the same name, so the default scopes must be included
# (https://jupyterhub.readthedocs.io/en/stable/rbac/roles.html#default-roles).
_DEFAULTS = {"user": ["self"], "server": ["users:activity!user", "access:servers!server"]}


@reads("roles", "build.groups", "auth", "cluster.operators")
def roles(stack: Stack, hub: Hub) -> dict[str, Any]:
    """Return `{"hub": {"loadRoles": ...}}`."""
    load: dict[str, dict[str, Any]] = {"user": {"scopes": list(_DEFAULTS["user"])}}
    if hub.build.groups is None:
        load["user"]["scopes"].append(BUILD_SCOPE)
    else:
        load["imagebuilding"] = {"scopes": [BUILD_SCOPE], "groups": hub.build.groups}
    names = stack.user_names(hub)
    for name, role in hub.roles.items():
        known = load.get(name, {}).get("scopes") or _DEFAULTS.get(name, [])
        scopes = [*known, *(scope for scope in role.scopes if scope not in known)]
        people = {"users": names.all(role.users), "groups": role.groups, "services": role.services}
        who = {key: value for key, value in people.items() if value}
        load[name] = {**load.get(name, {}), "scopes": scopes, **who}
    return {"hub": {"loadRoles": load}}
