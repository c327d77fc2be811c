"""Who may log in, for each login provider: `auth` of a community or hub.

The names are those of oauthenticator's configuration (https://oauthenticator.readthedocs.io/en/latest/reference/).
`allow` lists who may log in, in the terms of that provider.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from hubs.settings.base import Strict, Url, example, matching


class Auth(Strict):
    """Settings that every login provider has."""

    admins: Annotated[list[str], example(["ada", "grace"])] = []
    """User names of the people who administer the hub. They see and stop all servers, and open all home directories
    that `shared_directories` mounts for admins."""
    users: Annotated[list[str], example(["mary"])] = []
    """User names of individual people who may log in, in addition to those in `allow`."""
    allow_all: bool = False
    """Everyone with an account at the login provider may log in."""


class OAuth(Auth):
    """Settings of every OAuth provider. Its client ID and client secret are secrets of the stack."""

    groups_claim: Annotated[str | None, example("oauth_user.roles")] = None
    """Where the provider puts the list of a user's groups: a key of JupyterHub's auth state, with dots for nesting.
    Needed by `allow_groups` and `admin_groups`, except with GitHub, where teams are groups."""
    allow_groups: Annotated[list[str], example(["hub-user"])] = []
    """Groups whose members may log in."""
    admin_groups: Annotated[list[str], example(["hub-admin"])] = []
    """Groups whose members may log in and administer the hub."""
    login_service: Annotated[str | None, example("Astro ID")] = None
    """Name of the provider on the login button. Default: the provider's usual name."""
    logout_redirect_url: Annotated[str | None, example("https://login.example.net/logout")] = None
    """Page that people see after they log out. Default: JupyterHub's own page."""

    @model_validator(mode="after")
    def _groups_need_a_claim(self) -> Self:
        if (self.allow_groups or self.admin_groups) and not self.groups_claim and self.type != "github":  # type: ignore[attr-defined]
            raise ValueError("allow_groups and admin_groups need groups_claim: where the provider puts the groups")
        return self


class GitHub(OAuth):
    """GitHub. Teams become JupyterHub groups named `org:team`, which `allowed_groups` of profiles and `groups` of
    roles can name."""

    type: Literal["github"]
    """Log in with GitHub."""
    allow: Annotated[
        list[Annotated[str, matching(r"[A-Za-z0-9][-A-Za-z0-9]*(:[A-Za-z0-9][-_.A-Za-z0-9]*)?", "org or org:team")]],
        example(["ocean-observatory:hub-users"], ["ocean-observatory"]),
    ] = []
    """Organizations (`org`) and teams (`org:team`, as in the team's address on GitHub) whose members may log in."""
    scope: Annotated[list[str], example(["repo"])] = []
    """OAuth scopes to request in addition to `read:org`."""


class IdentityProvider(Strict):
    """One of CILogon's identity providers."""

    username_claim: Annotated[str, example("eppn")]
    """Claim that becomes the user name, such as email, eppn or sub."""
    allow_all: bool = False
    """Everyone with an account at this identity provider may log in."""
    allowed_domains: Annotated[list[str], example(["example.edu"])] = []
    """Domains whose accounts may log in."""
    allowed_domains_claim: Annotated[str | None, example("email")] = None
    """Claim whose domain `allowed_domains` is compared with. Default: `username_claim`."""
    strip_domain: Annotated[str | None, example("example.edu")] = None
    """Domain that is removed from user names. Safe only when no other identity provider issues names of this
    domain."""
    prefix: Annotated[str | None, example("uni")] = None
    """Put before user names, as `prefix:name`, so that two identity providers can't issue the same user name."""
    default: bool = False
    """Select this identity provider in advance on CILogon's page."""


EntityId = Annotated[
    str,
    # Some members of InCommon have a URN: urn:mace:incommon:example.edu.
    matching(r"(https?://|urn:)[^\s]+", "an entity ID: a URL such as https://idp.example.edu/idp/shibboleth, or a URN"),
]


class CILogon(OAuth):
    """CILogon: logins of universities, ORCID, Google and more."""

    type: Literal["cilogon"]
    """Log in with CILogon."""
    identity_providers: Annotated[
        dict[EntityId, IdentityProvider],
        Field(min_length=1),
        example({"https://idp.example.edu/idp/shibboleth": {"username_claim": "eppn", "allow_all": True}}),
    ]
    """The identity providers that people can use, by entity ID (listed at https://cilogon.org/idplist/)."""


class Google(OAuth):
    """Google accounts of one or more domains."""

    type: Literal["google"]
    """Log in with Google."""
    allow: Annotated[
        list[
            Annotated[
                str,
                matching(
                    r"[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)+",
                    "a domain such as school.example.com",
                ),
            ]
        ],
        example(["school.example.com"]),
    ] = []
    """Google Workspace domains whose accounts may log in."""


class OIDC(OAuth):
    """Any other provider of OAuth 2 or OpenID Connect: Keycloak, Auth0, a university's own."""

    type: Literal["oidc"]
    """Log in with a provider of OAuth 2 or OpenID Connect."""
    authorize_url: Annotated[Url, example("https://login.example.net/realms/astro/protocol/openid-connect/auth")]
    """The provider's authorization endpoint: its login page."""
    token_url: Annotated[Url, example("https://login.example.net/realms/astro/protocol/openid-connect/token")]
    """The provider's token endpoint."""
    userdata_url: Annotated[
        Url | None, example("https://login.example.net/realms/astro/protocol/openid-connect/userinfo")
    ] = None
    """The provider's user info endpoint. Default: user data comes from the ID token."""
    username_claim: Annotated[str, example("email")] = "preferred_username"
    """Claim that becomes the user name. A change gives every user another name, and so another home directory."""
    scope: Annotated[list[str], example(["openid", "profile", "email", "roles"])] = ["openid", "profile", "email"]
    """OAuth scopes to request."""
    allowed_scopes: Annotated[list[str], example(["hub-access"])] = []
    """Users to whom the provider grants all of these scopes may log in."""
    extra_authorize_params: Annotated[dict[str, str], example({"prompt": "login"})] = {}
    """Further parameters of the request to the authorization endpoint."""


class SharedPassword(Auth):
    """One password for all users and another for admins, with any user name: for a workshop. Both passwords are
    secrets of the stack. JupyterHub's SharedPasswordAuthenticator."""

    type: Literal["shared-password"]
    """Log in with any user name and one password for all."""


class Dummy(Auth):
    """Any user name, and one password for all (a secret of the stack). Only for demonstrations."""

    type: Literal["dummy"]
    """Log in with any user name, for demonstrations."""


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
