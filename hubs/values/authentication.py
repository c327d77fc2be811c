"""`hub.config`: who may log in, as oauthenticator's settings."""

from __future__ import annotations

from typing import Any

from hubs.settings.auth import OIDC, CILogon, Dummy, GitHub, IdentityProvider, OAuth, SharedPassword
from hubs.settings.hub import Hub
from hubs.settings.stack import Stack
from hubs.values.provenance import reads

CLASSES = {
    "github": ("github", "GitHubOAuthenticator"),
    "cilogon": ("cilogon", "CILogonOAuthenticator"),
    "google": ("google", "GoogleOAuthenticator"),
    "oidc": ("generic-oauth", "GenericOAuthenticator"),
    "shared-password": ("shared-password", "SharedPasswordAuthenticator"),
    "dummy": ("dummy", "DummyAuthenticator"),
}
"""The registered name and the class of each type of `auth`."""


@reads("auth")
def authentication(hub: Hub) -> dict[str, Any]:
    """The authenticator, and who may log in: `hub.config` without administrators, callback URL and credentials."""
    auth = hub.auth
    entry_point, class_name = CLASSES[auth.type]
    options: dict[str, Any] = {}
    if isinstance(auth, OAuth):
        options = _oauth(auth)
    if isinstance(auth, GitHub):
        options |= _github(auth)
    elif isinstance(auth, CILogon):
        options["allowed_idps"] = {idp: _identity_provider(item) for idp, item in auth.identity_providers.items()}
    elif isinstance(auth, OIDC):
        options |= _oidc(auth)
    everyone = auth.allow_all or isinstance(auth, Dummy | SharedPassword)
    authenticator = {"allow_all": True} if everyone else {}
    config: dict[str, Any] = {"JupyterHub": {"authenticator_class": entry_point}, "Authenticator": authenticator}
    if options:
        config[class_name] = options
    return {"hub": {"config": config}}


@reads("auth.type", "domain")
def callback(hub: Hub) -> dict[str, Any]:
    """The URL that the login provider redirects people to."""
    if not isinstance(hub.auth, OAuth):
        return {}
    return {"hub": {"config": {CLASSES[hub.auth.type][1]: {"oauth_callback_url": hub.oauth_callback_url}}}}


@reads("auth.allow", "auth.strip_domain", "auth.type", "cluster.operators")
def operators_allowed(stack: Stack, hub: Hub) -> dict[str, Any]:
    """Who may log in by organization or domain: those of the community, and those of the cluster's operators."""
    auth, operators = hub.auth, stack.operators(hub)
    options: dict[str, Any] = {}
    if isinstance(auth, GitHub):
        options = {"allowed_organizations": [*auth.allow, *operators.allow]}
    elif (names := stack.user_names(hub)).domains:
        # hosted_domain only excludes other accounts. Its own accounts must be allowed as well (oauthenticator 16).
        # Without strip_domain, user names would depend on the number of domains.
        domains = list(dict.fromkeys(names.domains))
        options = {"hosted_domain": domains, "allow_all": True, "strip_domain": names.strips}
    return {"hub": {"config": {CLASSES[auth.type][1]: options}}} if options else {}


@reads("auth", "cluster.operators")
def people(stack: Stack, hub: Hub) -> dict[str, Any]:
    """Administrators (those of the community, and the cluster's operators), and individual users."""
    names = stack.user_names(hub)
    users = names.all(hub.auth.users)
    return {
        "hub": {
            "config": {
                "Authenticator": {
                    "admin_users": names.all([*hub.auth.admins, *stack.operators(hub).admins]),
                    **({"allowed_users": users} if users else {}),
                }
            }
        }
    }


@reads("auth.type", "secrets.auth")
def credentials(hub: Hub) -> dict[str, Any]:
    """Return the authenticator's secrets as values."""
    class_name = CLASSES[hub.auth.type][1]
    secrets = hub.secrets.auth
    password = "user_password" if isinstance(hub.auth, SharedPassword) else "password"
    found = {
        "client_id": secrets.client_id,
        "client_secret": secrets.client_secret,
        password: secrets.password,
        "admin_password": secrets.admin_password,
    }
    return {"hub": {"config": {class_name: {key: value for key, value in found.items() if value is not None}}}}


def _oauth(auth: OAuth) -> dict[str, Any]:
    options: dict[str, Any] = {
        # Groups for roles and profiles come from the provider's answer at login, which CryptKeeper stores encrypted.
        "enable_auth_state": True,
        # Refreshing logins while people work locks them out if the provider is down (2i2c-org/infrastructure).
        "auth_refresh_age": 0,
    }
    if auth.groups_key:
        options |= {"manage_groups": True, "auth_state_groups_key": auth.groups_key}
    for name, value in (
        ("allowed_groups", auth.allow_groups),
        ("admin_groups", auth.admin_groups),
        ("login_service", auth.login_service),
        ("logout_redirect_url", auth.logout_redirect_url),
    ):
        if value:
            options[name] = value
    return options


def _github(auth: GitHub) -> dict[str, Any]:
    return {
        # Without read:org, GitHub lists public members only.
        "scope": ["read:org", *(scope for scope in auth.scope if scope != "read:org")],
        "populate_teams_in_auth_state": True,
        "manage_groups": True,
    }


def _identity_provider(item: IdentityProvider) -> dict[str, Any]:
    derivation: dict[str, Any] = {"username_claim": item.username_claim}
    if item.strip_domain:
        derivation |= {"action": "strip_idp_domain", "domain": item.strip_domain}
    elif item.prefix:
        derivation |= {"action": "prefix", "prefix": item.prefix}
    result: dict[str, Any] = {"username_derivation": derivation}
    for name in ("allow_all", "allowed_domains", "allowed_domains_claim", "default"):
        if value := getattr(item, name):
            result[name] = value
    return result


def _oidc(auth: OIDC) -> dict[str, Any]:
    options: dict[str, Any] = {
        "authorize_url": auth.authorize_url,
        "token_url": auth.token_url,
        "username_claim": auth.username_claim,
        "scope": auth.scope,
    }
    options |= {"userdata_url": auth.userdata_url} if auth.userdata_url else {"userdata_from_id_token": True}
    if auth.allowed_scopes:
        options["allowed_scopes"] = auth.allowed_scopes
    if auth.extra_authorize_params:
        options["extra_authorize_params"] = auth.extra_authorize_params
    return options
