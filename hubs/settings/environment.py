"""Environment variables of people's servers: names that can be used, and values."""

from __future__ import annotations

import re
from typing import Any

from hubs.settings.kubespawner import SECTIONS
from hubs.settings.layers import Found, Node, Path

NAME = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")
"""Names that every version of Kubernetes accepts (apimachinery, `IsEnvVarName`)."""

OF_JUPYTERHUB = frozenset(
    f"JUPYTERHUB_{name}"
    for name in (
        *("ACTIVITY_URL", "ADMIN_ACCESS", "API_TOKEN", "API_URL", "BASE_URL", "CLIENT_ID", "HOST", "PUBLIC_HUB_URL"),
        *("COOKIE_HOST_PREFIX_ENABLED", "COOKIE_OPTIONS", "OAUTH_ACCESS_SCOPES", "OAUTH_CALLBACK_URL", "OAUTH_SCOPES"),
        *("OAUTH_CLIENT_ALLOWED_SCOPES", "PUBLIC_URL", "SERVER_NAME", "SERVICE_PREFIX", "SERVICE_URL", "USER"),
        *("SSL_CERTFILE", "SSL_CLIENT_CA", "SSL_KEYFILE"),
    )
) | {"JPY_API_TOKEN"}
"""Variables with which JupyterHub connects a server to the hub. A setting would replace them, and the server would not
start or would not be reached (`Spawner.get_env`, jupyterhub/spawner.py)."""

_TRAITS = ("kubespawner_override", *SECTIONS)
"""Mappings of KubeSpawner's traits."""
_PLACES = (("profiles",), ("values", "jupyterhub", "singleuser"), ("values", "jupyterhub", "hub", "config"))

_OF_KUBERNETES = ("KUBERNETES_SERVICE_", "KUBERNETES_PORT")


def name_problem(name: str) -> str | None:
    """Return what is wrong with the name of a variable, or None."""
    if not NAME.fullmatch(name):
        return "is not the name of a variable: use letters, digits, '_', '-' and '.', and no digit at the start"
    if name in OF_JUPYTERHUB:
        return "is set by JupyterHub, for each server: remove it"
    if name.startswith(_OF_KUBERNETES):
        return "is set by Kubernetes: remove it"
    return None


def names_in(tree: Node) -> Found:
    """Yield path and problem of each name that can't be used, in profiles and in the jupyterhub chart's own values.

    `tree` has the settings of a hub.
    """
    for place in _PLACES:
        node = tree.at(*place)
        if node is not None and isinstance(node.value, (dict, list)):
            yield from _names_below(node, place)


def _names_below(node: Node, path: Path) -> Found:
    items = node.value.items() if isinstance(node.value, dict) else enumerate(node.value)
    for key, child in items:
        variables = (path[-1] in _TRAITS and key == "environment") or key == "extraEnv"
        if variables and child.is_mapping:
            for name in child.value:
                problem = name_problem(name)
                if problem:
                    yield (*path, key, name), f"{name!r} {problem}"
        elif isinstance(child.value, (dict, list)):
            yield from _names_below(child, (*path, key))


def check_names(value: dict[str, Any]) -> dict[str, Any]:
    """Return the variables. Raises ValueError for a name that can't be used."""
    for name in value:
        problem = name_problem(name)
        if problem:
            raise ValueError(f"{name!r} {problem}")
    return value
