"""Who may log in, for each login provider: `auth` of a community or hub.

The names are those of oauthenticator's configuration (https://oauthenticator.readthedocs.io/en/latest/reference/).
`allow` lists who may log in, in the terms of that provider.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from hubs.settings.base import Strict, Url, example, matching
from hubs.settings.touches import Touches, becomes, each, fewer, more, touches


def _user_name(value: Any) -> Any:
    """Refuse what JupyterHub refuses as a user name (`Authenticator.validate_username`)."""
    if not isinstance(value, str):
        return value
    if value == "*":
        raise ValueError("is not a user name; to let everyone log in, set allow_all: true")
    if value.strip() and value != value.strip():
        raise ValueError(f"has spaces at its ends; write {value.strip()!r}")
    if not value or "/" in value or not value.isprintable() or {*value} == {"."} or {*unquote(value)} == {"."}:
        raise ValueError("must be a user name: not empty, without slashes; JupyterHub accepts no other")
    return value


UserName = Annotated[
    str,
    BeforeValidator(_user_name),
    matching(r"[^\s/]([^/]*[^\s/])?", "a user name: not empty, without slashes and spaces at its ends"),
]

Group = Annotated[str, matching(r"\S(.*\S)?", "the name of a group: not empty, without spaces at its ends")]


USER_KEYS = {"github": "github_user", "cilogon": "cilogon_user", "google": "google_user", "oidc": "oauth_user"}
"""Key of the user data in JupyterHub's auth state, by type of `auth` (`user_auth_state_key` of oauthenticator)."""
STATE_KEYS = ("access_token", "id_token", "refresh_token", "scope", "token_response")
"""Other keys of the auth state (`OAuthenticator.build_auth_state_dict`)."""


def _of_user_data(value: str) -> str:
    """Refuse the path of a claim in the auth state: user names are looked up in the user data itself."""
    first, _, rest = value.partition(".")
    if rest and first in USER_KEYS.values():
        raise ValueError(f"is looked up in the user data itself; write {rest}")
    return value


Claim = Annotated[str, matching(r"[^\s.]+(\.[^\s.]+)*", "the name of a claim, such as email, without spaces")]

NameClaim = Annotated[Claim, AfterValidator(_of_user_data)]

_LABEL = r"[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?"
MailDomain = Annotated[
    str,
    matching(
        rf"(?!(.*\.)?[0-9]+$){_LABEL}(\.{_LABEL})+",
        "a domain such as school.example.com",
        lambda value: value.strip().rpartition("@")[2].rpartition("//")[2].rstrip("/"),
    ),
    AfterValidator(str.lower),
]
"""The domain of mail addresses. oauthenticator compares it in lower case."""


def _organization_meant(value: str) -> str:
    _, _, path = value.strip().rpartition("github.com/")
    steps = [step for step in path.lstrip("@").split("/") if step not in ("orgs", "teams", "")]
    return ":".join(steps)


Organization = Annotated[
    str,
    matching(r"[A-Za-z0-9][-A-Za-z0-9]*(:[A-Za-z0-9][-_.A-Za-z0-9]*)?", "org or org:team", _organization_meant),
]
"""An organization or team of GitHub."""


_PROVIDER = touches(
    Touches.LOGIN,
    "everyone may get another user name, so another home directory",
    subject="login provider",
    gained="people log in with {}",
)
_NAMES = touches(Touches.LOGIN, "everyone gets another user name, so another home directory")
_NAMES_THERE = touches(Touches.LOGIN, "everyone there gets another user name, so another home directory")
_SERVER = touches(
    Touches.LOGIN,
    "who runs it decides who people are, and who administers the hub",
    subject="address of the login provider",
)


def administrators(subject: str) -> touches:
    """Return the mark of a list of people who administer hubs."""
    return touches(
        Touches.LOGIN,
        "they see and stop all servers, and open home directories that are mounted for admins",
        restricts=fewer,
        subject=subject,
        gained="{} {is an administrator|are administrators} now",
        lost="{} {is no longer an administrator|are no longer administrators}",
    )


def people_of(subject: str) -> touches:
    """Return the mark of a list of organizations or domains whose people may log in."""
    return touches(
        Touches.LOGIN,
        restricts=fewer,
        subject=subject,
        gained="people of {} may log in now",
        lost="people of {} can't log in any more",
    )


class Auth(Strict):
    """Settings that every login provider has."""

    admins: Annotated[
        list[UserName],
        administrators("administrators"),
        example(["ada", "grace"]),
    ] = []
    """User names of the people who administer the hub. They see and stop all servers, and open all home directories
    that `shared_directories` mounts for admins."""
    users: Annotated[
        list[UserName],
        touches(
            Touches.LOGIN,
            restricts=fewer,
            subject="people who may log in",
            gained="{} may log in now",
            lost="{} may no longer log in",
        ),
        example(["mary"]),
    ] = []
    """User names of individual people who may log in, in addition to those in `allow`."""
    allow_all: Annotated[
        bool,
        touches(
            Touches.LOGIN,
            restricts=becomes(False),
            subject="login for everyone",
            gained="everyone with an account at the login provider may log in",
            lost="an account at the login provider is no longer enough to log in",
        ),
    ] = False
    """Everyone with an account at the login provider may log in."""


class OAuth(Auth):
    """Settings of every OAuth provider. Its client ID and client secret are secrets of the stack."""

    groups_claim: Annotated[
        Claim | None,
        touches(Touches.LOGIN, "other groups decide what people may do", subject="claim with people's groups"),
        example("groups", "realm_access.roles"),
    ] = None
    """Claim with the list of a user's groups, with dots for nesting. Needed by `allow_groups` and `admin_groups`,
    except with GitHub, where teams are groups. `scope` stands for the scopes that the provider granted."""
    allow_groups: Annotated[
        list[Group],
        touches(
            Touches.LOGIN,
            restricts=fewer,
            subject="groups that may log in",
            gained="members of {} may log in now",
            lost="members of {} may no longer log in",
        ),
        example(["hub-user"]),
    ] = []
    """Groups whose members may log in."""
    admin_groups: Annotated[
        list[Group],
        replace(
            administrators("groups of administrators"),
            gained="members of {} are administrators now",
            lost="members of {} are no longer administrators",
        ),
        example(["hub-admin"]),
    ] = []
    """Groups whose members may log in and administer the hub."""
    login_service: Annotated[
        str | None, touches(Touches.APPEARANCE, subject="name on the login button"), example("Astro ID")
    ] = None
    """Name of the provider on the login button. Default: the provider's usual name."""
    logout_redirect_url: Annotated[
        str | None,
        touches(Touches.APPEARANCE, subject="page after the logout"),
        example("https://login.example.net/logout"),
    ] = None
    """Page that people see after they log out. Default: JupyterHub's own page."""

    @model_validator(mode="after")
    def _groups_need_a_claim(self) -> Self:
        if (self.allow_groups or self.admin_groups) and not self.groups_claim and self.type != "github":  # type: ignore[attr-defined]
            raise ValueError("allow_groups and admin_groups need groups_claim: where the provider puts the groups")
        return self

    @property
    def groups_key(self) -> str | None:
        """`groups_claim` as a path in JupyterHub's auth state, where the user data has a key of its own."""
        if self.groups_claim is None:
            return None
        first, _, rest = self.groups_claim.partition(".")
        if first in STATE_KEYS:
            return self.groups_claim
        claim = rest if rest and first in USER_KEYS.values() else self.groups_claim
        return f"{USER_KEYS[self.type]}.{claim}"  # type: ignore[attr-defined]


class GitHub(OAuth):
    """GitHub. Teams become JupyterHub groups named `org:team`, which `allowed_groups` of profiles and `groups` of
    roles can name."""

    type: Annotated[Literal["github"], _PROVIDER]
    """Log in with GitHub."""
    allow: Annotated[
        list[Organization],
        people_of("organizations and teams that may log in"),
        example(["ocean-observatory:hub-users"], ["ocean-observatory"]),
    ] = []
    """Organizations (`org`) and teams (`org:team`, as in the team's address on GitHub) whose members may log in."""
    scope: Annotated[
        list[str],
        touches(
            Touches.LOGIN,
            restricts=fewer,
            subject="rights that the hub asks GitHub for",
            gained="the hub gets further rights to people's accounts at GitHub: {}",
            lost="the hub no longer gets these rights to people's accounts at GitHub: {}",
        ),
        example(["repo"]),
    ] = []
    """OAuth scopes to request in addition to `read:org`."""

    @model_validator(mode="after")
    def _teams_are_groups(self) -> Self:
        for key in ("allow_groups", "admin_groups"):
            for group in getattr(self, key):
                if not is_team(group):
                    meant = _organization_meant(group)
                    hint = f"; write {meant}" if is_team(meant) else ""
                    raise ValueError(f"{key}: {group!r} is not a team of GitHub: teams are org:team{hint}")
        return self


def is_team(group: str) -> bool:
    """Return whether a group can be a team of GitHub: `org:team`."""
    organization, _, team = group.partition(":")
    return bool(organization and team) and not any(c.isspace() or c in "/@" for c in group)


Prefix = Annotated[str, matching(r"[^\s/]+", "a word such as uni, without slashes and spaces")]


class IdentityProvider(Strict):
    """One of CILogon's identity providers."""

    username_claim: Annotated[
        NameClaim,
        replace(_NAMES_THERE, subject="user names"),
        example("eppn"),
    ]
    """Claim that becomes the user name, such as email, eppn or preferred_username. CILogon's `sub` is a URL, which
    can't be a user name."""
    allow_all: Annotated[
        bool,
        touches(
            Touches.LOGIN,
            restricts=becomes(False),
            subject="login for everyone there",
            gained="everyone with an account there may log in",
            lost="an account there is no longer enough to log in",
        ),
    ] = False
    """Everyone with an account at this identity provider may log in."""
    allowed_domains: Annotated[
        list[
            Annotated[
                str,
                matching(
                    r"[^\s@/]+",
                    "a domain such as example.edu, or a pattern such as *.example.edu",
                    lambda value: value.strip().lstrip("@"),
                ),
            ]
        ],
        people_of("domains that may log in"),
        example(["example.edu"], ["*.example.edu"]),
    ] = []
    """Domains whose accounts may log in."""
    allowed_domains_claim: Annotated[
        NameClaim | None,
        touches(Touches.LOGIN, "other people may log in", subject="claim with people's domain"),
        example("email"),
    ] = None
    """Claim whose domain `allowed_domains` is compared with. Default: `username_claim`."""
    strip_domain: Annotated[
        MailDomain | None,
        replace(_NAMES_THERE, subject="domain that user names are without"),
        example("example.edu"),
    ] = None
    """Domain that is removed from user names. Safe only when no other identity provider issues names of this
    domain."""
    prefix: Annotated[
        Prefix | None,
        replace(_NAMES_THERE, subject="prefix of user names"),
        example("uni"),
    ] = None
    """Put before user names, as `prefix:name`, so that two identity providers can't issue the same user name."""
    default: Annotated[bool, touches(Touches.APPEARANCE)] = False
    """Select this identity provider in advance on CILogon's page."""

    @model_validator(mode="after")
    def _one_derivation(self) -> Self:
        if self.strip_domain and self.prefix:
            raise ValueError("strip_domain and prefix exclude each other: remove one (null removes what is set below)")
        return self


# The entity IDs of the four providers that are not institutions. CILogon keeps `http://` in them
# (https://github.com/cilogon/service-lib, src/Service/Util.php, $oauth2idps).
_PUBLIC_PROVIDERS = {
    "google.com": "http://google.com/accounts/o8/id",
    "github.com": "http://github.com/login/oauth/authorize",
    "orcid.org": "http://orcid.org/oauth/authorize",
    "login.microsoftonline.com": "http://login.microsoftonline.com/common/oauth2/v2.0/authorize",
}


def _public_provider(value: str) -> str:
    """Refuse another URL of a provider whose entity ID is known: CILogon never sends it, so nobody could log in."""
    host = value.partition("://")[2].partition("/")[0].lower().removeprefix("www.").removeprefix("accounts.")
    known = _PUBLIC_PROVIDERS.get(host)
    if known is not None and value != known:
        raise ValueError(f"is not the entity ID that CILogon uses for this provider; write {known}")
    return value


EntityId = Annotated[
    str,
    # Some members of InCommon have a URN: urn:mace:incommon:example.edu.
    matching(
        r"(https?://[^\s/]|urn:)[^\s]*", "an entity ID: a URL such as https://idp.example.edu/idp/shibboleth, or a URN"
    ),
    AfterValidator(_public_provider),
]


class CILogon(OAuth):
    """CILogon: logins of universities, ORCID, Google and more."""

    type: Annotated[Literal["cilogon"], _PROVIDER]
    """Log in with CILogon."""
    identity_providers: Annotated[
        dict[EntityId, IdentityProvider],
        each("identity provider {}"),
        touches(
            Touches.LOGIN,
            restricts=fewer,
            gained="{} may say who people are now",
            lost="people can't log in with {} any more",
        ),
        Field(min_length=1),
        example({"https://idp.example.edu/idp/shibboleth": {"username_claim": "eppn", "allow_all": True}}),
    ]
    """The identity providers that people can use, by entity ID (listed at https://cilogon.org/idplist/)."""


class Google(OAuth):
    """Google accounts of one or more domains."""

    type: Annotated[Literal["google"], _PROVIDER]
    """Log in with Google."""
    allow: Annotated[
        list[MailDomain],
        people_of("domains that may log in"),
        example(["school.example.com"]),
    ] = []
    """Google Workspace domains whose accounts may log in. Accounts of other domains can't log in then, not even those
    in `users` and `admins`."""
    strip_domain: Annotated[
        bool | None,
        _NAMES,
        example(False),
    ] = None
    """Whether user names, and so home directories, are named without the domain: rosalind or
    rosalind@school.example.com. A change gives everyone another name. Default with one domain: true. With several, it
    must be set; with true, people of the same name in two domains share one account."""


def _fewer_scopes(old: list[str], new: list[str]) -> bool:
    """Everyone needs all of the scopes. Without any, they let nobody in."""
    return not new or (bool(old) and more(old, new))


class OIDC(OAuth):
    """Any other provider of OAuth 2 or OpenID Connect: Keycloak, Auth0, a university's own."""

    type: Annotated[Literal["oidc"], _PROVIDER]
    """Log in with a provider of OAuth 2 or OpenID Connect."""
    authorize_url: Annotated[
        Url, _SERVER, example("https://login.example.net/realms/astro/protocol/openid-connect/auth")
    ]
    """The provider's authorization endpoint: its login page."""
    token_url: Annotated[Url, _SERVER, example("https://login.example.net/realms/astro/protocol/openid-connect/token")]
    """The provider's token endpoint."""
    userdata_url: Annotated[
        Url | None, _SERVER, example("https://login.example.net/realms/astro/protocol/openid-connect/userinfo")
    ] = None
    """The provider's user info endpoint. Default: user data comes from the ID token."""
    username_claim: Annotated[
        NameClaim,
        _NAMES,
        example("email"),
    ] = "preferred_username"
    """Claim that becomes the user name. A change gives every user another name, and so another home directory."""
    scope: Annotated[
        list[str],
        touches(
            Touches.AVAILABILITY, "logins fail if the provider refuses one of them", subject="OAuth scopes of logins"
        ),
        example(["openid", "profile", "email", "roles"]),
    ] = ["openid", "profile", "email"]
    """OAuth scopes to request."""
    allowed_scopes: Annotated[
        list[str],
        touches(
            Touches.LOGIN,
            "more people may log in",
            restricts=_fewer_scopes,
            otherwise="fewer people may log in",
            subject="scopes that people need to log in",
        ),
        example(["hub-access"]),
    ] = []
    """Users to whom the provider grants all of these scopes may log in."""
    extra_authorize_params: Annotated[
        dict[str, str],
        touches(Touches.AVAILABILITY, "the provider's login page gets them", subject="parameters of the login page"),
        example({"prompt": "login"}),
    ] = {}
    """Further parameters of the request to the authorization endpoint."""

    @model_validator(mode="after")
    def _scopes_are_requested(self) -> Self:
        if missing := [scope for scope in self.allowed_scopes if scope not in self.scope]:
            raise ValueError(f"allowed_scopes: {', '.join(missing)} must be in scope too, to be requested")
        if self.userdata_url is None and "openid" not in " ".join(self.scope).split():
            raise ValueError("scope: needs openid, because user data comes from the ID token; or set userdata_url")
        return self


class SharedPassword(Auth):
    """One password for all users and another for admins, with any user name: for a workshop. Both passwords are
    secrets of the stack. JupyterHub's SharedPasswordAuthenticator."""

    type: Annotated[Literal["shared-password"], _PROVIDER]
    """Log in with any user name and one password for all."""


class Dummy(Auth):
    """Any user name, and one password for all (a secret of the stack). Only for demonstrations."""

    type: Annotated[Literal["dummy"], _PROVIDER]
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
