"""One registry access, told to all who need it: BinderHub looks up, build pods push, nodes pull.

Leaving one out means 401s or endless rebuilds (2i2c-org/infrastructure 4315, 4342; binderhub-service 24, 152).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hubs.values.provenance import reads
from hubs.values.registry_access import RegistryAccess

_KEYLESS = Path(__file__).parent / "in_binderhub" / "keyless.py"


@reads("registry", "cluster.name", wires="BinderHub with the registry")
def binderhub_side(access: RegistryAccess) -> dict[str, Any]:
    """Look up and push, without the password."""
    token_url = {"token_url": access.token_url} if access.token_url else {}
    identity: dict[str, Any] = {}
    if access.identity:
        identity = {
            "serviceAccount": {"annotations": {"iam.gke.io/gcp-service-account": access.identity}},
            "extraConfig": {"imagebuilding-keyless": _KEYLESS.read_text(encoding="utf-8")},
        }
    return {
        **identity,
        "config": {
            "BinderHub": {"use_registry": True, "image_prefix": access.image_prefix},
            "DockerRegistry": {"url": access.url, "username": access.username, **token_url},
        },
        "buildPodsRegistryCredentials": {"server": access.url, "username": access.username},
    }


@reads("registry", "secrets.registry", wires="BinderHub with the registry")
def binderhub_password(access: RegistryAccess) -> dict[str, Any]:
    """The password's two places in the binderhub-service chart."""
    if access.identity:
        return {}
    return {
        "config": {"DockerRegistry": {"password": access.password}},
        "buildPodsRegistryCredentials": {"password": access.password},
    }


@reads("registry", wires="JupyterHub with the registry")
def jupyterhub_side(access: RegistryAccess) -> dict[str, Any]:
    """Pull: `imagePullSecret` where nodes have no identity at the registry."""
    if not access.pull_secret:
        return {}
    return {"imagePullSecret": {"create": True, "registry": access.host, "username": access.username}}


@reads("registry", "secrets.registry", wires="JupyterHub with the registry")
def jupyterhub_password(access: RegistryAccess) -> dict[str, Any]:
    """The password of `imagePullSecret`."""
    return {"imagePullSecret": {"password": access.password}} if access.pull_secret else {}
