"""People's servers: image, size, variables, files, number, and when they stop. Also the hub's own image."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container
from typing import Any

from hubs.settings.hub import File, Hub
from hubs.settings.image import chart_image
from hubs.values.provenance import reads


@reads("hub_image")
def hub_image(hub: Hub) -> dict[str, Any]:
    """The image of the hub itself."""
    return {"hub": {"image": chart_image(hub.hub_image)}}


@reads("image")
def image(hub: Hub) -> dict[str, Any]:
    """The image of servers whose profile names none."""
    return {"singleuser": {"image": chart_image(hub.image)}}


@reads("resources")
def resources(hub: Hub) -> dict[str, Any]:
    """Memory and CPU of a server."""
    return {"singleuser": {"memory": hub.resources.memory.model_dump(), "cpu": hub.resources.cpu.model_dump()}}


@reads("default_url")
def default_url(hub: Hub) -> dict[str, Any]:
    """The page that opens when a server has started."""
    return {"singleuser": {"defaultUrl": hub.default_url}}


@reads("environment")
def environment(hub: Hub) -> dict[str, Any]:
    """Environment variables that are not secret."""
    return {"singleuser": {"extraEnv": hub.environment}} if hub.environment else {}


@reads("secrets.environment")
def secret_environment(hub: Hub) -> dict[str, Any]:
    """Environment variables that are secret."""
    found = hub.secrets.environment
    return {"singleuser": {"extraEnv": found}} if found else {}


@reads("service_account")
def service_account(hub: Hub) -> dict[str, Any]:
    """The Kubernetes service account, which the program creates, and whether servers get its token.

    KubeSpawner mounts the token of any account that is set, also by `values` or a profile, unless told otherwise.
    """
    account = hub.service_account
    token = account is not None and account.automount_service_account_token
    name = {} if account is None else {"singleuser": {"serviceAccountName": account.name}}
    return {**name, "hub": {"config": {"KubeSpawner": {"automount_service_account_token": token}}}}


@reads("files")
def files(hub: Hub) -> dict[str, Any]:
    """Files by path."""
    found: dict[str, Any] = {}
    for path, file in hub.files.items():
        found[_file_name(path, found)] = _file(path, file)
    return {"singleuser": {"extraFiles": found}} if found else {}


def _file_name(path: str, taken: Container[str]) -> str:
    """Return the key of a file in the chart's Secret: at most 253 characters that Kubernetes accepts, and none of the
    keys that are `taken`, such as that of /a-b for /a/b."""
    name = re.sub(r"[^-._a-zA-Z0-9]", "-", path.strip("/"))
    if name not in taken and len(name) <= 200 and not name.startswith(".."):
        return name
    return f"{name.strip('.')[:200]}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"


def _file(path: str, file: File) -> dict[str, Any]:
    content = {"stringData": file.text} if file.text is not None else {"data": file.data}
    return {"mountPath": path, **content, **({"mode": file.mode} if file.mode is not None else {})}


@reads("named_servers")
def named_servers(hub: Hub) -> dict[str, Any]:
    """Whether a person may have more than one server."""
    if not hub.named_servers.enabled:
        return {}
    limit = {"namedServerLimitPerUser": hub.named_servers.limit} if hub.named_servers.limit else {}
    return {"hub": {"allowNamedServers": True, **limit}}


@reads("cull")
def cull(hub: Hub) -> dict[str, Any]:
    """When idle servers stop."""
    settings = hub.cull
    return {
        "cull": {
            "enabled": settings.enabled,
            "every": settings.every,
            "timeout": settings.timeout,
            "maxAge": settings.max_age,
            "users": settings.users,
        }
    }
