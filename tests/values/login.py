"""Log people in with oauthenticator's own classes, configured as the chart configures them, without a provider."""

from __future__ import annotations

import asyncio
from typing import Any

from oauthenticator.cilogon import CILogonOAuthenticator
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.github import GitHubOAuthenticator
from oauthenticator.google import GoogleOAuthenticator
from traitlets.config import Config

from hubs.preview.secrets import masked
from hubs.preview.values import placeholder_values
from hubs.settings.stack import Stack

CLASSES = {
    "cilogon": CILogonOAuthenticator,
    "generic-oauth": GenericOAuthenticator,
    "github": GitHubOAuthenticator,
    "google": GoogleOAuthenticator,
}


class Login:
    """The authenticator of a hub. `config`: in place of that of the hub's values, as `hub.extraConfig` left it."""

    def __init__(self, stack: Stack, key: str = "ocean/prod", config: Config | None = None) -> None:
        values = masked(placeholder_values(stack, key)["jupyterhub"].data)
        self.config: dict[str, Any] = values["hub"]["config"]
        sections = {name: dict(section) for name, section in self.config.items() if name != "CryptKeeper"}
        kind = CLASSES[self.config["JupyterHub"]["authenticator_class"]]
        self.authenticator = kind(config=config or Config(sections), enable_auth_state=False)
        normalized = self.authenticator.normalize_username
        # As JupyterHub does when it starts (`JupyterHub.init_users`).
        for trait in ("admin_users", "allowed_users"):
            setattr(self.authenticator, trait, {normalized(name) for name in getattr(self.authenticator, trait)})

    def user(self, claims: dict[str, Any], teams: list[dict[str, Any]] | None = None) -> dict[str, Any] | None:
        """Return name, admin and groups of who has these claims at the provider, or None if they may not log in."""

        async def token_to_user(_: Any) -> dict[str, Any]:
            return dict(claims)

        async def fetch_teams(*_: Any) -> list[dict[str, Any]]:
            return teams or []

        async def is_no_member(*_: Any) -> bool:
            return False

        self.authenticator.token_to_user = token_to_user
        self.authenticator._paginated_fetch = fetch_teams
        self.authenticator._check_membership_allowed_organizations = is_no_member

        async def log_in() -> dict[str, Any] | None:
            token = {"access_token": "a", "token_type": "bearer", "scope": "openid"}
            model = await self.authenticator._token_to_auth_model(token)
            name = model["name"]
            valid = self.authenticator.validate_username(name)
            allowed = self.authenticator.check_blocked_users(name, model) and (
                self.authenticator.allow_all or await self.authenticator.check_allowed(name, model)
            )
            if not (valid and allowed):
                return None
            return {"name": name, "admin": bool(model["admin"]), "groups": model.get("groups", [])}

        return asyncio.run(log_in())
