"""Secrets by purpose: `imagebuilding:secrets` of the stack, which alone holds secrets.

Written for all hubs of the cluster, for a community, or for one hub; the nearer one counts:

    imagebuilding:secrets:
      registry: {username: {secure: ...}, password: {secure: ...}}
      ocean:
        auth: {client_id: {secure: ...}, client_secret: {secure: ...}}
        prod:
          auth: {client_id: {secure: ...}, client_secret: {secure: ...}}

Values here are opaque: text, or in the program a Pulumi output. Nothing prints them.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from hubs.settings.base import Strict

Secret = Annotated[Any, Field(repr=False)]


class AuthSecrets(Strict):
    """What the authenticator needs: client_id and client_secret of an OAuth client; the password of dummy and of
    shared-password, and the latter's admin_password."""

    client_id: Secret = None
    client_secret: Secret = None
    password: Secret = None
    admin_password: Secret = None


class RegistrySecrets(Strict):
    """Credentials to push and pull, or the API token that makes a quay robot for each hub."""

    username: Secret = None
    password: Secret = None
    token: Secret = None


class HubSecrets(Strict):
    """All secrets of one hub."""

    auth: AuthSecrets = AuthSecrets()
    registry: RegistrySecrets = RegistrySecrets()
    environment: Annotated[dict[str, Any], Field(repr=False)] = {}
    """Environment variables of people's servers."""
    values: Annotated[dict[str, Any], Field(repr=False)] = {}
    """Merged last into the charts' values: {jupyterhub: {...}, binderhub-service: {...}}."""


PURPOSES = frozenset(HubSecrets.model_fields)
"""Words that can't be names of communities or hubs."""


def how_to_set(stack: str, path: str) -> str:
    """The command that sets the secret at `path`. It names the stack, since Pulumi would use the selected one."""
    return f"pulumi config set -s {stack} --secret --path '{path}'"
