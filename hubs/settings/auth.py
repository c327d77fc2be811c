"""Who may log in, by authenticator. `auth` of a community or hub.

Names are those of oauthenticator's configuration (https://oauthenticator.readthedocs.io/en/latest/reference/).
`allow` is the one list that says who, in the provider's own words.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from hubs.settings.base import Strict, Url, matching


class Auth(Strict):
    """What every authenticator has."""

    admins: list[str] = []
    """User names that administrate the hub: they see all servers and, where mounted, all home directories."""
    users: list[str] = []
    """Single users that may log in beside those whom `allow` names."""
    allow_all: bool = False
    """Everyone with an account at the provider may log in."""


class OAuth(Auth):
    """What every authenticator over OAuth has. Its client id and secret are secrets of the stack."""

    groups_claim: str | None = None
    """Key of the auth state, with dots for nesting, whose value is the list of the user's groups."""
    allow_groups: list[str] = []
    """Groups whose members may log in."""
    admin_groups: list[str] = []
    """Groups whose members administrate the hub."""
    login_service: str | None = None
    """The name on the login button."""
    logout_redirect_url: str | None = None

    @model_validator(mode="after")
    def _groups_need_a_claim(self) -> Self:
        if (self.allow_groups or self.admin_groups) and not self.groups_claim and self.type != "github":  # type: ignore[attr-defined]
            raise ValueError("allow_groups and admin_groups need groups_claim: where the provider puts the groups")
        return self


class GitHub(OAuth):
    """GitHub. Teams become JupyterHub groups `org:team`, for profiles' `allowed_groups` and for roles."""

    type: Literal["github"]
    allow: list[
        Annotated[str, matching(r"[A-Za-z0-9][-A-Za-z0-9]*(:[A-Za-z0-9][-_.A-Za-z0-9]*)?", "org or org:team")]
    ] = []
    """Organizations (`org`) and teams (`org:team`) whose members may log in."""
    scope: list[str] = []
    """Scopes to ask for beside `read:org`."""


class IdentityProvider(Strict):
    """One of CILogon's identity providers, by its entity id (https://cilogon.org/idplist/)."""

    username_claim: str
    """Claim that becomes the user name, such as email, eppn or sub."""
    allow_all: bool = False
    allowed_domains: list[str] = []
    allowed_domains_claim: str | None = None
    strip_domain: str | None = None
    """Domain that is cut from user names. Only safe when one provider alone issues it."""
    prefix: str | None = None
    """Put before user names, as `prefix:name`, so that two providers can't name the same user."""
    default: bool = False
    """Preselected on CILogon's page."""


class CILogon(OAuth):
    """CILogon: universities' logins, ORCID, Google and more."""

    type: Literal["cilogon"]
    identity_providers: Annotated[dict[str, IdentityProvider], Field(min_length=1)]


class Google(OAuth):
    """Google accounts of a domain."""

    type: Literal["google"]
    allow: list[str] = []
    """Google Workspace domains whose accounts may log in."""


class OIDC(OAuth):
    """Any provider that speaks OAuth 2 or OpenID Connect: Keycloak, Auth0, a university's own."""

    type: Literal["oidc"]
    authorize_url: Url
    token_url: Url
    userdata_url: Url | None = None
    """Default: user data comes from the id token."""
    username_claim: str = "preferred_username"
    scope: list[str] = ["openid", "profile", "email"]
    allowed_scopes: list[str] = []
    """Whoever is granted all of these by the provider may log in."""
    extra_authorize_params: dict[str, str] = {}


class SharedPassword(Auth):
    """One password for all and another for admins (secrets of the stack), with any user name: for a workshop.
    JupyterHub's SharedPasswordAuthenticator."""

    type: Literal["shared-password"]


class Dummy(Auth):
    """Any user name, and one password for all (a secret of the stack). For demonstrations."""

    type: Literal["dummy"]


AnyAuth = Annotated[GitHub | CILogon | Google | OIDC | SharedPassword | Dummy, Field(discriminator="type")]


def lets_someone_in(auth: Any) -> bool:
    """Whether anyone but admins could log in."""
    return bool(
        auth.allow_all
        or auth.users
        or getattr(auth, "allow", None)
        or getattr(auth, "allow_groups", None)
        or getattr(auth, "admin_groups", None)
        or getattr(auth, "allowed_scopes", None)
        or any(p.allow_all or p.allowed_domains for p in getattr(auth, "identity_providers", {}).values())
        or auth.type in ("dummy", "shared-password")
    )
