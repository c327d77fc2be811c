"""What BinderHub, build pods and nodes need to know of a registry: the same from every kind of registry."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from hubs.settings.hub import Hub
from hubs.settings.registry import ArtifactRegistry, Quay
from hubs.settings.stack import Stack


@dataclass(frozen=True)
class RegistryAccess:
    """One hub's place in a registry. Leaves may be Pulumi outputs.

    BinderHub looks images up in `url` with the credentials, build pods push with them, and where `pull_secret` is true
    nodes pull with them.
    """

    url: str
    """Scheme and host of the registry, without a path."""
    image_prefix: str
    """What names of built images start with, host included: BinderHub appends the repository's name to it."""
    username: Any
    password: Any = field(repr=False)
    pull_secret: bool
    token_url: str | None = None
    """Where BinderHub gets tokens. Without one it follows the registry's own WWW-Authenticate
    (binderhub/registry.py, `DockerRegistry.token_url`)."""

    identity: str | None = None
    """E-mail of the Google service account as which BinderHub's pod runs, where there is no password."""

    @property
    def host(self) -> str:
        """The registry's host, with its port if it has one."""
        return self.url.split("://", 1)[1]


def registry_access(stack: Stack, hub: Hub, username: Any, password: Any) -> RegistryAccess:
    """The place of `hub` in the stack's registry. Prefixes name cluster, community and hub: no two hubs share one.

    `username` is for registries whose users have names: for Artifact Registry it is always the same.
    """
    settings = stack.registry
    name = stack.prefix(hub)
    if isinstance(settings, ArtifactRegistry):
        host, project = f"{settings.location}-docker.pkg.dev", settings.project or stack.project
        return RegistryAccess(
            url=f"https://{host}",
            image_prefix=f"{host}/{project}/{name}/",
            username="" if settings.keyless else "_json_key",
            password=password,
            pull_secret=False,  # nodes have an identity that may read
            # Said, since what BinderHub guesses only fits gcr.io (binderhub 1934).
            token_url=f"https://{host}/v2/token?service={host}",
            identity=f"{account_id(name)}@{project}.iam.gserviceaccount.com" if settings.keyless else None,
        )
    if isinstance(settings, Quay):
        return RegistryAccess(
            url="https://quay.io",
            image_prefix=f"quay.io/{settings.organization}/{name}-",
            username=username,
            password=password,
            pull_secret=True,  # quay makes pushed images private
        )
    path = f"{settings.prefix.strip('/')}/" if settings.prefix.strip("/") else ""
    return RegistryAccess(
        url=f"{'http' if settings.insecure else 'https'}://{settings.host}",
        image_prefix=f"{settings.host}/{path}{name}-",
        username=username,
        password=password,
        pull_secret=settings.pull_secret,
    )


def account_id(name: str) -> str:
    """A service account's id (6 to 30 characters) from `name`: cut where needed, with a hash so that it stays unique.

    https://cloud.google.com/iam/docs/service-accounts-create
    """
    suffix = hashlib.sha256(name.encode()).hexdigest()[:6]
    return name if 6 <= len(name) <= 30 else f"{name[:23].rstrip('-')}-{suffix}"
