"""`hub.loadRoles`: permissions of users, and who may build images."""

from __future__ import annotations

from typing import Any

from hubs.settings.hub import Hub
from hubs.values.binder_service import NAME
from hubs.values.provenance import reads

BUILD_SCOPE = f"access:services!service={NAME}"

# A role in loadRoles replaces the scopes of a default role of the same name, so the default scopes must be included
# (https://jupyterhub.readthedocs.io/en/stable/rbac/roles.html#default-roles).
_DEFAULTS = {"user": ["self"], "server": ["users:activity!user", "access:servers!server"]}


@reads("roles", "build.groups")
def roles(hub: Hub) -> dict[str, Any]:
    """Return `{"hub": {"loadRoles": ...}}`."""
    load: dict[str, dict[str, Any]] = {"user": {"scopes": list(_DEFAULTS["user"])}}
    if hub.build.groups is None:
        load["user"]["scopes"].append(BUILD_SCOPE)
    else:
        load["imagebuilding"] = {"scopes": [BUILD_SCOPE], "groups": hub.build.groups}
    for name, role in hub.roles.items():
        known = load.get(name, {}).get("scopes") or _DEFAULTS.get(name, [])
        scopes = [*known, *(scope for scope in role.scopes if scope not in known)]
        who = {key: value for key in ("users", "groups", "services") if (value := getattr(role, key))}
        load[name] = {**load.get(name, {}), "scopes": scopes, **who}
    return {"hub": {"loadRoles": load}}
