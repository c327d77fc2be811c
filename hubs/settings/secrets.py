"""Secrets by purpose: `imagebuilding:secrets` of the stack, the only place that holds secrets.

A secret is set for all hubs of the cluster, for a community, or for one hub. The most specific one is used:

    imagebuilding:secrets:
      registry: {username: {secure: ...}, password: {secure: ...}}
      ocean:
        auth: {client_id: {secure: ...}, client_secret: {secure: ...}}
        prod:
          auth: {client_id: {secure: ...}, client_secret: {secure: ...}}

Their values are opaque: text, or in the program a Pulumi output. They are never printed.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema

from hubs.settings.base import Strict
from hubs.settings.environment import check_names
from hubs.settings.touches import Touches, touches

ENCRYPTED: dict[str, Any] = {
    "type": "object",
    "description": "Written by `pulumi config set --secret`.",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}
SECRET: dict[str, Any] = {
    "anyOf": [{"type": ["string", "number", "boolean"]}, ENCRYPTED],
    "examples": [{"secure": "v1:..."}],
}


def _opaque(value: Any) -> Any:
    """Refuse what can't be one text. In the program, a secret is a Pulumi output."""
    if isinstance(value, list) or (isinstance(value, dict) and set(value) != {"secure"}):
        raise ValueError("must be text: {secure: ...}, as `pulumi config set --secret` writes it")
    return value


_Opaque = Annotated[Any, AfterValidator(_opaque), WithJsonSchema(SECRET)]
Secret = Annotated[_Opaque, Field(repr=False)]


class AuthSecrets(Strict):
    """Secrets of the login provider."""

    client_id: Annotated[
        Secret,
        touches(
            Touches.AVAILABILITY, "nobody can log in unless the login provider knows it", subject="client ID of the hub"
        ),
    ] = None
    """Client ID of the OAuth client. It identifies the client and need not be encrypted."""
    client_secret: Annotated[
        Secret,
        touches(
            Touches.AVAILABILITY,
            "nobody can log in unless the login provider knows it",
            subject="client secret of the hub",
        ),
    ] = None
    """Client secret of the OAuth client."""
    password: Annotated[
        Secret, touches(Touches.AVAILABILITY, "people need the new password to log in", subject="password of all users")
    ] = None
    """Password of all users with `auth: {type: dummy}` or `shared-password`."""
    admin_password: Annotated[
        Secret,
        touches(
            Touches.AVAILABILITY, "administrators need the new password to log in", subject="password of administrators"
        ),
    ] = None
    """Password of admins with `auth: {type: shared-password}`."""


class RegistrySecrets(Strict):
    """Credentials of the image registry. Artifact Registry needs none."""

    username: Annotated[
        Secret,
        touches(Touches.AVAILABILITY, "builds fail unless this account may push", subject="user name at the registry"),
    ] = None
    """User name to push and pull with. It need not be encrypted."""
    password: Annotated[
        Secret, touches(Touches.AVAILABILITY, "builds fail unless it is right", subject="password of the registry")
    ] = None
    """Password or token to push and pull with."""
    token: Annotated[
        Secret,
        touches(
            Touches.AVAILABILITY,
            "robot accounts can't be managed unless it is right",
            subject="API token of the registry",
        ),
    ] = None
    """API token of the organization on quay.io, with `robot: managed`."""


class BuildSecrets(Strict):
    """Credentials of builds."""

    github_token: Annotated[
        Secret, touches(Touches.AVAILABILITY, "builds can read what it can read", subject="token for GitHub")
    ] = None
    """Access token for GitHub's API. Without one, GitHub answers 60 look-ups in an hour to all hubs together. It needs
    no permissions, except to read the contents of repositories with `build.private_repositories`."""


class HubSecrets(Strict):
    """All secrets of one hub."""

    auth: AuthSecrets = AuthSecrets()
    """Secrets of the login provider."""
    registry: RegistrySecrets = RegistrySecrets()
    """Credentials of the image registry. Artifact Registry needs none."""
    build: BuildSecrets = BuildSecrets()
    """Credentials of builds."""
    environment: Annotated[
        dict[str, _Opaque],
        touches(
            Touches.AVAILABILITY,
            "servers that start from now on have the new values",
            subject="secret environment variables of servers",
        ),
        AfterValidator(check_names),
        Field(
            repr=False,
            examples=[{"OCEAN_DATA_TOKEN": {"secure": "v1:..."}}],
            json_schema_extra={"additionalProperties": SECRET},
        ),
    ] = {}
    """Environment variables of people's servers, by name. Everyone who uses the hub can read them."""
    values: Annotated[
        dict[str, Any],
        touches(None),
        Field(
            repr=False, examples=[{"jupyterhub": {"hub": {"services": {"grader": {"apiToken": {"secure": "v1:..."}}}}}}]
        ),
    ] = {}
    """Values with secrets, by chart (jupyterhub, binderhub-service). They are merged last, over all other values."""


PURPOSES = frozenset(HubSecrets.model_fields)
"""Names that communities and hubs can't have."""


def property_path(*keys: str) -> str:
    """Return a path as Pulumi's `--path` reads it: keys with other characters than letters, digits, `_`, `-` and `:` in
    brackets (https://www.pulumi.com/docs/iac/concepts/config/#structured-configuration)."""
    first, *rest = keys
    return first + "".join(f".{key}" if re.fullmatch(r"[-\w:]+", key) else f"[{json.dumps(key)}]" for key in rest)


def how_to_set(stack: str, path: str) -> str:
    """Return the command that sets the secret at `path`. It names the stack: Pulumi would use the selected one."""
    return f"pulumi config set -s {stack} --secret --path '{path}'"
