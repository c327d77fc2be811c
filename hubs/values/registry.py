"""One hub's access to the registry, in the three places that need it: BinderHub looks up, build pods push, nodes pull.

Leaving one out means 401s or endless rebuilds (2i2c-org/infrastructure 4315, 4342; binderhub-service 24, 152).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hubs.settings import docker_hub
from hubs.settings.hub import Hub
from hubs.settings.registry import Kind
from hubs.settings.stack import Stack
from hubs.values.provenance import reads

_KEYLESS = Path(__file__).parent / "in_binderhub" / "keyless.py"


@dataclass(frozen=True)
class RegistryAccess:
    """How one hub accesses its registry, the same for every kind of registry. Leaves may be Pulumi outputs."""

    url: str
    """Scheme and host of the registry's API, without a path."""
    image_prefix: str
    """Prefix of the names of built images, including the host. BinderHub appends the repository's name to it."""
    username: Any
    password: Any = field(repr=False)
    pull_secret: bool
    """Whether nodes pull with these credentials."""
    token_url: str | None = None
    """Where BinderHub gets tokens, if not from the address in the registry's WWW-Authenticate header."""
    identity: str | None = None
    """E-mail address of the Google service account that BinderHub's pod uses instead of a password."""

    @property
    def push_server(self) -> str:
        """Key of the credentials in the `config.json` of build pods."""
        return docker_hub.config_key(self._host, self.url)

    @property
    def pull_server(self) -> str:
        """Key of the credentials in the Secret that nodes pull with."""
        return docker_hub.config_key(self._host, self._host)

    @property
    def _host(self) -> str:
        return self.url.split("://", 1)[1]


def registry_access(stack: Stack, hub: Hub, password: Any) -> RegistryAccess:
    """Return how `hub` accesses the stack's registry with `password`."""
    kind: Kind = stack.registry  # mypy reports here what a new kind lacks
    return RegistryAccess(
        url=kind.url,
        image_prefix=kind.image_prefix(stack, hub),
        username=kind.username(stack, hub),
        password=password,
        pull_secret=kind.pull_secret,
        token_url=stack.registry.token_url,
        identity=stack.registry.identity(stack, hub),
    )


@reads("registry", "cluster.name", wires="BinderHub with the registry")
def binderhub_side(access: RegistryAccess) -> dict[str, Any]:
    """Values for looking up and pushing images, without the password."""
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
        "buildPodsRegistryCredentials": {"server": access.push_server, "username": access.username},
    }


@reads("registry", "secrets.registry", wires="BinderHub with the registry")
def binderhub_password(access: RegistryAccess) -> dict[str, Any]:
    """The password, in its two places in the binderhub-service chart."""
    if access.identity:
        return {}
    return {
        "config": {"DockerRegistry": {"password": access.password}},
        "buildPodsRegistryCredentials": {"password": access.password},
    }


@reads("registry", wires="JupyterHub with the registry")
def jupyterhub_side(access: RegistryAccess) -> dict[str, Any]:
    """Values for pulling images: `imagePullSecret`, unless nodes have an identity at the registry."""
    if not access.pull_secret:
        return {}
    return {"imagePullSecret": {"create": True, "registry": access.pull_server, "username": access.username}}


@reads("registry", "secrets.registry", wires="JupyterHub with the registry")
def jupyterhub_password(access: RegistryAccess) -> dict[str, Any]:
    """The password of `imagePullSecret`."""
    return {"imagePullSecret": {"password": access.password}} if access.pull_secret else {}
