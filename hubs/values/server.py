"""People's servers: image, size, variables, files, number, and when they stop. Also the hub's own image."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Container
from typing import Any

from hubs.settings.hub import File, Hub
from hubs.settings.image import chart_image
from hubs.settings.limits import own_pairs
from hubs.settings.placeholders import escaped
from hubs.values.provenance import reads


@reads("hub_image")
def hub_image(hub: Hub) -> dict[str, Any]:
    """The image of the hub itself."""
    return {"hub": {"image": chart_image(hub.hub_image)}}


@reads("image")
def image(hub: Hub) -> dict[str, Any]:
    """The image of servers whose profile names none."""
    return {"singleuser": {"image": chart_image(hub.image)}}


@reads("resources", "values")
def resources(hub: Hub) -> dict[str, Any]:
    """Memory and CPU of a server."""
    found = {pair.resource: {"guarantee": pair.guarantee.value, "limit": pair.limit.value} for pair in own_pairs(hub)}
    return {"singleuser": {"memory": found["mem"], "cpu": found["cpu"]}}


@reads("default_url")
def default_url(hub: Hub) -> dict[str, Any]:
    """The page that opens when a server has started."""
    return {"singleuser": {"defaultUrl": hub.default_url}}


@reads("environment")
def environment(hub: Hub) -> dict[str, Any]:
    """Environment variables that are not secret."""
    return {"singleuser": {"extraEnv": escaped(hub.environment)}} if hub.environment else {}


@reads("secrets.environment")
def secret_environment(hub: Hub) -> dict[str, Any]:
    """Environment variables that are secret."""
    found = {name: _escaped_secret(value) for name, value in hub.secrets.environment.items()}
    return {"singleuser": {"extraEnv": found}} if found else {}


def _escaped_secret(value: Any) -> Any:
    """Return a secret for KubeSpawner. In the program it is a Pulumi output, which stays one."""
    return value.apply(_escaped_text) if hasattr(value, "apply") else _escaped_text(value)


def _escaped_text(value: Any) -> Any:
    """Return a variable's text for KubeSpawner. Kubernetes accepts no numbers."""
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return escaped(value)


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


_LINE_BREAKS = re.compile("[\x85\u2028\u2029\ufeff]")
"""Characters that the chart's template would write as line breaks, or at the start of a file leave out, in YAML."""


def _file(path: str, file: File) -> dict[str, Any]:
    content: dict[str, Any] = {"data": file.data}
    if file.text is not None and _LINE_BREAKS.search(file.text):
        content = {"binaryData": base64.b64encode(file.text.encode()).decode()}
    elif file.text is not None:
        content = {"stringData": file.text}
    return {"mountPath": escaped(path), **content, **({"mode": file.mode} if file.mode is not None else {})}


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
