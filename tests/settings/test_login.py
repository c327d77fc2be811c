"""Mistakes of `auth` and `roles` that would lock people out or stop the hub, and blocks that must stay accepted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyterhub.auth import Authenticator
from jupyterhub.roles import InvalidNameError, _validate_role_name
from jupyterhub.scopes import ScopeNotFound, _check_scopes_exist, scope_definitions
from oauthenticator.cilogon import CILogonOAuthenticator
from pydantic import TypeAdapter, ValidationError

from hubs.settings.auth import EntityId, IdentityProvider, UserName
from hubs.settings.base import Domain
from hubs.settings.login import SERVICES
from hubs.settings.scopes import SCOPES, role_name_problem, scope_problem
from hubs.values.authentication import _identity_provider
from hubs.values.binder_service import NAME
from tests.repository import OCEAN, Repository

AUTH = '{type: github, allow: ["ocean-org:hub-users"], admins: [ada]}'
IDP = "https://idp.example.edu/idp/shibboleth"
OIDC = "type: oidc, authorize_url: 'https://a.org', token_url: 'https://t.org', users: [ada]"
STACK, COMMUNITY = "stacks/Pulumi.earth.yaml", "stacks/earth/ocean.yaml"


def errors(repository: Repository, auth: str = AUTH, more: str = "") -> list[str]:
    """Return the messages, each once, without file and hub."""
    repository.ocean(OCEAN.replace(AUTH, auth) + more)
    return list(dict.fromkeys(_bare(line) for line in repository.errors()))


def warnings(repository: Repository, auth: str = AUTH, more: str = "") -> list[str]:
    repository.ocean(OCEAN.replace(AUTH, auth) + more)
    found = [str(warning) for warning in repository.load().warnings if not warning.path.endswith(": hub_image")]
    return list(dict.fromkeys(map(_bare, found)))


def _bare(line: str) -> str:
    assert ".yaml:" in line, f"{line} names no line"
    return line.partition(": ")[2].removeprefix("ocean/staging: ").removeprefix("ocean/prod: ")


def cilogon(provider: str, more: str = "") -> str:
    return f"{{type: cilogon, identity_providers: {{{provider}}}{more}}}"


MISTAKES = {
    "a second domain without the word": (
        "{type: google, allow: [a.org, b.org]}",
        "auth.allow: with several domains (a.org, b.org, operators' included), set strip_domain: true keeps the user"
        " names of a hub that had one domain (ada), false those of a hub that had several (ada@a.org); other names have"
        " other home directories",
    ),
    "a word without domains": (
        "{type: google, strip_domain: true, users: [ada@a.org]}",
        "auth.strip_domain: has no effect without allow: user names are whole mail addresses",
    ),
    "a name where names are addresses": (
        "{type: google, allow: [a.org], strip_domain: false, admins: [ada]}",
        "auth.admins.0: 'ada' matches no user: user names of this hub are mail addresses; write ada@DOMAIN",
    ),
    "an account of no organization": (
        "{type: google, allow: [a.org], users: [ada@gmail.com]}",
        "auth.users.0: 'ada@gmail.com' can't log in, because allow restricts logins to accounts of a.org",
    ),
    "a domain with @": (
        "{type: google, allow: ['@a.org']}",
        "auth.allow.0: must be a domain such as school.example.com; write a.org",
    ),
    "a domain as a URL": (
        "{type: google, allow: ['https://a.org/']}",
        "auth.allow.0: must be a domain such as school.example.com; write a.org",
    ),
    "a domain with a space": (
        "{type: google, allow: ['a.org ']}",
        "auth.allow.0: must be a domain such as school.example.com; write a.org",
    ),
    "an address as a domain": (
        "{type: google, allow: [10.0.0.1]}",
        "auth.allow.0: must be a domain such as school.example.com",
    ),
    "an organization as a URL": (
        "{type: github, allow: ['https://github.com/ocean-org']}",
        "auth.allow.0: must be org or org:team; write ocean-org",
    ),
    "a team as a URL": (
        "{type: github, allow: ['https://github.com/orgs/ocean-org/teams/hub-users']}",
        "auth.allow.0: must be org or org:team; write ocean-org:hub-users",
    ),
    "a team as GitHub mentions it": (
        "{type: github, allow: ['@ocean-org/hub-users']}",
        "auth.allow.0: must be org or org:team; write ocean-org:hub-users",
    ),
    "an organization with a space": (
        "{type: github, allow: ['ocean-org ']}",
        "auth.allow.0: must be org or org:team; write ocean-org",
    ),
    "a group that is no team": (
        "{type: github, allow_groups: [hub-users]}",
        "auth: allow_groups: 'hub-users' is not a team of GitHub: teams are org:team",
    ),
    "a group as GitHub mentions it": (
        "{type: github, admin_groups: ['@ocean-org/hub-users']}",
        "auth: admin_groups: '@ocean-org/hub-users' is not a team of GitHub: teams are org:team;"
        " write ocean-org:hub-users",
    ),
    "a mail address on GitHub": (
        "{type: github, admins: [ada@a.org]}",
        "auth.admins.0: 'ada@a.org' can't be a user name of GitHub: letters, digits and '-' only",
    ),
    "everybody": (
        "{type: github, users: ['*']}",
        "auth.users.0: is not a user name; to let everyone log in, set allow_all: true",
    ),
    "a space": ("{type: github, admins: ['grace ']}", "auth.admins.0: has spaces at its ends; write 'grace'"),
    "nothing": (
        "{type: github, admins: ['']}",
        "auth.admins.0: must be a user name: not empty, without slashes; JupyterHub accepts no other",
    ),
    "a URL as a name": (
        "{type: github, users: ['http://cilogon.org/serverA/users/42']}",
        "auth.users.0: must be a user name: not empty, without slashes; JupyterHub accepts no other",
    ),
    "no entity id": (
        cilogon("reef.example.edu: {username_claim: email, allow_all: true}"),
        "auth.identity_providers.reef.example.edu: must be an entity ID: a URL such as"
        " https://idp.example.edu/idp/shibboleth, or a URN",
    ),
    "Google's own URL": (
        cilogon("https://accounts.google.com/o/oauth2/auth: {username_claim: email, allow_all: true}"),
        "auth.identity_providers.https://accounts.google.com/o/oauth2/auth: is not the entity ID that CILogon uses for"
        " this provider; write http://google.com/accounts/o8/id",
    ),
    "GitHub's own URL": (
        cilogon("https://github.com/login/oauth/authorize: {username_claim: email, allow_all: true}"),
        "auth.identity_providers.https://github.com/login/oauth/authorize: is not the entity ID that CILogon uses for"
        " this provider; write http://github.com/login/oauth/authorize",
    ),
    "two derivations": (
        cilogon(f"{IDP}: {{username_claim: email, strip_domain: a.org, prefix: a, allow_all: true}}"),
        f"auth.identity_providers.{IDP}: strip_domain and prefix exclude each other: remove one (null removes what is"
        " set below)",
    ),
    "a prefix with a slash": (
        cilogon(f"{IDP}: {{username_claim: email, prefix: a/b, allow_all: true}}"),
        f"auth.identity_providers.{IDP}.prefix: must be a word such as uni, without slashes and spaces",
    ),
    "a domain to strip with @": (
        cilogon(f"{IDP}: {{username_claim: email, strip_domain: '@a.org', allow_all: true}}"),
        f"auth.identity_providers.{IDP}.strip_domain: must be a domain such as school.example.com; write a.org",
    ),
    "an allowed domain with @": (
        cilogon(f"{IDP}: {{username_claim: email, allowed_domains: ['@a.org']}}"),
        f"auth.identity_providers.{IDP}.allowed_domains.0: must be a domain such as example.edu, or a pattern such as"
        " *.example.edu; write a.org",
    ),
    "a scope that is not requested": (
        f"{{{OIDC}, allowed_scopes: [hub]}}",
        "auth: allowed_scopes: hub must be in scope too, to be requested",
    ),
    "no ID token": (
        f"{{{OIDC}, scope: [profile]}}",
        "auth: scope: needs openid, because user data comes from the ID token; or set userdata_url",
    ),
    "an empty claim": (
        f"{{{OIDC}, groups_claim: ''}}",
        "auth.groups_claim: must be the name of a claim, such as email, without spaces",
    ),
    "a claim in the auth state": (
        f"{{{OIDC}, username_claim: oauth_user.email}}",
        "auth.username_claim: is looked up in the user data itself; write email",
    ),
    "a domain among people": (
        "{type: google, allow: [a.org], admins: ['@a.org']}",
        "auth.admins.0: '@a.org' is a domain, not a person; name domains in allow",
    ),
    "plain HTTP": (
        "{type: oidc, authorize_url: 'http://a.org', token_url: 'https://t.org', users: [ada]}",
        "auth.authorize_url: must start with https://, so that nobody on the network can read or change logins",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(repository: Repository, name: str) -> None:
    auth, expected = MISTAKES[name]
    assert errors(repository, auth) == [expected]


ROLE_MISTAKES = {
    "roles: {user: ['access:users:servers']}": (
        "roles.user: JupyterHub has no scope 'access:users:servers'; did you mean access:servers?"
    ),
    "roles: {user: ['read:usrs']}": "roles.user: JupyterHub has no scope 'read:usrs'; did you mean read:users?",
    "roles: {user: [xyz]}": (
        "roles.user: JupyterHub has no scope 'xyz'; see https://jupyterhub.readthedocs.io/en/stable/rbac/scopes.html"
    ),
    "roles: {user: ['custom:a:b']}": (
        "roles.user: JupyterHub has no scope 'custom:a:b';"
        " define it in values.jupyterhub.hub.config.JupyterHub.custom_scopes"
    ),
    "roles: {user: ['read:users!usr=ada']}": (
        "roles.user: the filter of 'read:users!usr=ada' must be !user=NAME, !group=NAME, !service=NAME,"
        " !server=USER/NAME, !user, !service or !server"
    ),
    "roles: {admin: [users]}": (
        "roles.admin: JupyterHub's role admin can't be changed: name administrators in auth.admins, or choose another"
        " name"
    ),
    "roles: {token: [inherit, 'list:users']}": (
        "roles.token: tokens can only inherit what their owners may do: give the permissions to the role user"
    ),
    "roles: {Helpers: [users]}": (
        "roles.Helpers: a role's name must be 3 to 255 of a-z, 0-9, -, ., ~ and _, from a letter to a letter or digit"
    ),
    "roles: {x y: [users]}": (
        "roles.x y: a role's name must be 3 to 255 of a-z, 0-9, -, ., ~ and _, from a letter to a letter or digit"
    ),
    "roles: {helpers: {scopes: [users], services: [grader]}}": (
        "roles.helpers: there is no service 'grader': define it in values.jupyterhub.hub.services"
    ),
    "roles: {helpers: {scopes: [users], users: [a/b]}}": (
        "roles.helpers.users.0: must be a user name: not empty, without slashes; JupyterHub accepts no other"
    ),
    "roles: {helpers: {scopes: [users], groups: ['a ']}}": (
        "roles.helpers.groups.0: must be the name of a group: not empty, without spaces at its ends; write a"
    ),
    "values: {jupyterhub: {hub: {loadRoles: {user: {scopes: [self, 'read:usrs']}}}}}": (
        "values.jupyterhub.hub.loadRoles.user: JupyterHub has no scope 'read:usrs'; did you mean read:users?"
    ),
}


@pytest.mark.parametrize("text", ROLE_MISTAKES)
def test_roles_that_stop_the_hub(repository: Repository, text: str) -> None:
    assert errors(repository, more=f"{text}\n") == [ROLE_MISTAKES[text]]


def test_an_image_of_ones_own_may_have_new_scopes(repository: Repository) -> None:
    more = "roles: {user: ['read:planets']}\nhub_image: quay.io/ocean/hub:1\n"
    assert errors(repository, more=more) == []
    (line,) = [line for line in warnings(repository, more=more) if line.startswith("roles")]
    assert line.endswith("(or it is new in hub_image)")


@pytest.mark.parametrize(
    "text",
    [
        "roles: {user: ['access:services!service=dask-gateway', 'read:users:name!user']}",
        "roles: {server: ['access:servers!server', 'shares!user', 'access:servers!server=ada/']}",
        "roles: {helpers: {scopes: ['admin:servers', 'list:users'], groups: ['a:b'], services: [grader]}}\n"
        "values: {jupyterhub: {hub: {services: {grader: {}}}}}",
        "roles: {user: ['custom:a:b']}\n"
        "values: {jupyterhub: {hub: {config: {JupyterHub: {custom_scopes: {'custom:a:b': {description: a}}}}}}}",
        "roles: {user: ['custom:a:b']}\nvalues: {jupyterhub: {hub: {extraConfig: {a: c.A.b = 1}}}}",
        "values: {jupyterhub: {hub: {loadRoles: {admin: {users: [ada]}}}}}",
        "roles: {token: [inherit]}",
    ],
)
def test_roles_that_work(repository: Repository, text: str) -> None:
    assert errors(repository, more=f"{text}\n") == []


WARNINGS = {
    "{type: github, allow: [a], groups_claim: groups}": (
        "auth.groups_claim: has no effect with GitHub, where teams are groups named org:team"
    ),
    "{type: google, allow: [a.org, b.org], strip_domain: true}": (
        "auth: strip_domain with the domains a.org, b.org: people of the same name in two of them share one account and"
        " one home directory"
    ),
    "{type: google, allow: [a.org], users: [ada@c.org]}": (
        "auth.users.0: 'ada@c.org' can log in only if Google counts the account as one of a.org (see allow)"
    ),
    cilogon(f"{IDP}: {{username_claim: sub, allow_all: true}}"): (
        f"auth.identity_providers.{IDP}.username_claim: is a URL at CILogon, which can't be a user name: nobody could"
        " log in; use email, eppn or another"
    ),
    cilogon(f"{IDP}: {{username_claim: email, prefix: uni, allow_all: true}}", ", admins: [ada@a.org]"): (
        "auth.admins.0: 'ada@a.org' matches no user: user names of this hub begin with uni:"
    ),
    cilogon(f"{IDP}: {{username_claim: email, allow_all: true}}", ", admins: [ada]"): (
        "auth.admins.0: 'ada' probably matches no user: user names of this hub are mail addresses (username_claim)"
    ),
    cilogon(
        f"{IDP}: {{username_claim: email, strip_domain: a.org, allow_all: true}}, "
        "http://github.com/login/oauth/authorize: {username_claim: preferred_username}"
    ): (
        "auth: identity providers issue user names without a domain: people of the same name share one account; set"
        " prefix"
    ),
    "{type: github, admins: [ada]}": (
        "auth: only administrators can log in: no other setting, such as allow or users, lets anyone else in"
    ),
    f"{{{OIDC}, username_claim: profile.name}}": (
        "auth.username_claim: is not looked up inside another claim: the provider must name a claim like this"
    ),
    f"{{{OIDC}, username_claim: email}}": (
        "auth.users.0: 'ada' probably matches no user: user names of this hub are mail addresses (username_claim)"
    ),
}


@pytest.mark.parametrize("auth", WARNINGS)
def test_warnings(repository: Repository, auth: str) -> None:
    assert warnings(repository, auth) == [WARNINGS[auth]]


def test_groups_that_are_no_teams(repository: Repository) -> None:
    more = "build: {groups: [builders]}\nprofiles: [{display_name: A, allowed_groups: ['a:b', gpu]}]\n"
    assert [line for line in warnings(repository, more=more) if "team" in line] == [
        "profiles.0: 'gpu' is not a team of GitHub: teams are org:team",
        "build.groups: 'builders' is not a team of GitHub: teams are org:team",
    ]


def test_allow_all_and_domains(repository: Repository) -> None:
    found = warnings(repository, "{type: google, allow: [a.org], allow_all: true}")
    assert "auth.allow_all: has no effect: allow and the operators' domains restrict logins to a.org" in found


def test_an_empty_list_of_groups_is_no_restriction_that_anybody_wants(repository: Repository) -> None:
    assert errors(repository, more="profiles: [{display_name: A, allowed_groups: []}]\n") == [
        "profiles.0.allowed_groups: must name a group: with an empty list, nobody sees this; without the key, everyone"
        " does"
    ]


def test_plain_http_on_a_demonstration_cluster(repository: Repository) -> None:
    auth = "{type: oidc, authorize_url: 'http://a.org', token_url: 'http://t.org', users: [ada]}"
    assert len(errors(repository, auth)) == 2
    repository.stack("{name: earth}", "{name: earth, demonstration: true}")
    assert errors(repository, auth) == []


def test_plain_http_in_the_charts_values(repository: Repository) -> None:
    more = (
        "values: {jupyterhub: {hub: {config: {GenericOAuthenticator: {token_url: 'http://keycloak.login/token'}}}}}\n"
    )
    assert warnings(repository, more=more) == [
        "values.jupyterhub.hub.config.GenericOAuthenticator.token_url: is not encrypted (http://): anyone on the"
        " network can read and change logins"
    ]


@pytest.mark.parametrize(
    ("operators", "expected"),
    [
        (
            "{google: {allow: ['@ops.org']}}",
            "imagebuilding:cluster.operators.google.allow.0: must be a domain such as school.example.com;"
            " write ops.org",
        ),
        (
            "{github: {allow: ['ops/admins']}}",
            "imagebuilding:cluster.operators.github.allow.0: must be org or org:team; write ops:admins",
        ),
        (
            "{oidc: {allow: [ops]}}",
            "imagebuilding:cluster.operators.oidc.allow: has no effect with oidc: name people in admins",
        ),
        (
            "{github: {admins: ['kim ']}}",
            "cluster.operators.github.admins.0: has spaces at its ends; write 'kim'",
        ),
    ],
)
def test_mistakes_of_operators(repository: Repository, operators: str, expected: str) -> None:
    repository.stack("{name: earth}", f"{{name: earth, operators: {operators}}}")
    assert errors(repository) == [expected]


def test_an_operators_domain_asks_for_the_word(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, operators: {google: {allow: [ops.org]}}}")
    (line,) = errors(repository, "{type: google, allow: [a.org]}")
    assert line.startswith("auth.allow: with several domains (a.org, ops.org, operators' included)")
    assert errors(repository, "{type: google, allow: [a.org], strip_domain: true}") == []


ACCEPTED = [
    "{type: github, allow: [2i2c-org, 'NASA-IMPACT:veda-analytics-access'], admins: [Ada-Lovelace, kim_corp]}",
    "{type: github, allow: ['ocean-org:hub_users.2'], allow_groups: ['Ocean-Org:Hub-Users'], scope: [repo]}",
    "{type: google, allow: [School.Example.COM], admins: [rosalind@school.example.com, mary]}",
    "{type: google, allow: [a.org, b.org], strip_domain: false, admins: [rosalind@a.org]}",
    cilogon(
        f"{IDP}: {{username_claim: eppn, allow_all: true, default: true}}, "
        "http://google.com/accounts/o8/id: {username_claim: email, allowed_domains: [2i2c.org, '*.example.edu']}",
        ", admins: [ada@example.edu], users: [guest@gmail.com]",
    ),
    cilogon("urn:mace:incommon:uiuc.edu: {username_claim: eppn, strip_domain: uiuc.edu, allow_all: true}"),
    cilogon(
        "http://github.com/login/oauth/authorize: {username_claim: preferred_username}, "
        "http://orcid.org/oauth/authorize: {username_claim: email}, "
        "https://login.example.org/common/oauth2: {username_claim: email}",
        ", users: [octocat]",
    ),
    f"{{{OIDC}, groups_claim: oauth_user.groups, "
    "allow_groups: ['urn:mace:egi.eu:group:vo.pangeo.eu:role=member#aai.egi.eu']}",
    f"{{{OIDC}, groups_claim: scope, scope: [openid, group-0], allowed_scopes: [group-0], allow_groups: [group-0]}}",
    f"{{{OIDC}, username_claim: 'https://hub.example.org/name', groups_claim: 'https://hub.example.org/groups'}}",
    f"{{{OIDC}, userdata_url: 'https://u.org', scope: [earthdata]}}",
    f"{{{OIDC}, scope: [openid profile email]}}",
    "{type: shared-password, admins: [teacher]}",
]


@pytest.mark.parametrize("auth", ACCEPTED)
def test_what_communities_write_is_accepted(repository: Repository, auth: str) -> None:
    repository.stack("client_id:", 'password: {secure: "v1:c"}, admin_password: {secure: "v1:c"}, client_id:')
    assert errors(repository, auth) == []
    assert [line for line in warnings(repository, auth) if "matches no user" in line or "nobody" in line] == []


def test_our_own_service_has_the_name_that_the_values_have() -> None:
    assert NAME in SERVICES


def test_scopes_are_jupyterhubs() -> None:
    assert {scope for scope in scope_definitions if not scope.startswith("custom:")} - {"(no_scope)"} == SCOPES


def raises(kind: type[Exception], function: Any, *args: Any) -> bool:
    try:
        function(*args)
    except kind:
        return True
    return False


PARTS = st.sampled_from(
    [*sorted(SCOPES), "", "user", "!", "!user", "!user=a", "!server=", "=", "!group=a!b", "x", "all"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=3).map("".join))
def test_no_scope_is_accepted_that_jupyterhub_refuses(scope: str) -> None:
    if scope_problem(scope) is None:
        _check_scopes_exist([scope])
    elif not scope.endswith(("=", "!")):  # without a name, JupyterHub starts, but the filter does nothing
        assert raises(ScopeNotFound, _check_scopes_exist, [scope])


@settings(max_examples=300, deadline=None)
@given(st.text("abAZ09-_~. é", max_size=6) | st.text(max_size=6))
def test_names_of_roles_are_jupyterhubs(name: str) -> None:
    refused = raises(InvalidNameError, _validate_role_name, name)
    assert (role_name_problem(name) is None) == (not refused and name not in ("admin",)) or name.endswith("\n")


@settings(max_examples=500, deadline=None)
@given(st.text("ab/. @*:%2eE\u00a0é\t", max_size=6) | st.text(max_size=6))
def test_user_names_are_jupyterhubs(name: str) -> None:
    accepted = not raises(ValidationError, TypeAdapter(UserName).validate_python, name)
    authenticator = Authenticator(allow_all=True)
    valid = authenticator.validate_username(authenticator.normalize_username(name))
    if accepted:
        assert valid
    elif name.isprintable() and name != "*":
        assert not valid


WORDS = st.sampled_from(["a.org", "@a.org", "uni", "a/b", "A.Org", "*", "", " a", "email", "sub", None])


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["https://a.org", "urn:a", "a.org", "http:/a", "ftp://a.org", "https:// a"]),
    st.fixed_dictionaries(
        {"username_claim": st.sampled_from(["email", "eppn", "", "a b"])},
        optional={"strip_domain": WORDS, "prefix": WORDS, "allowed_domains": st.lists(WORDS, max_size=2)},
    ),
)
def test_cilogon_takes_what_is_accepted(entity_id: str, data: dict[str, Any]) -> None:
    try:
        TypeAdapter(EntityId).validate_python(entity_id)
        item = IdentityProvider.model_validate(data)
    except ValidationError:
        return
    made = CILogonOAuthenticator(allowed_idps={entity_id: _identity_provider(item)})
    claims = {"idp": entity_id, "email": "ada@a.org", "eppn": "ada@a.org"}
    assert made.validate_username(made.user_info_to_username(claims))


@pytest.mark.parametrize(
    "domain", ["10.0.0.1", "1", "a.1", "HUB.example.org", "https://hub.example.org", "a_b.org", "::1"]
)
def test_what_is_no_domain_of_a_hub(domain: str) -> None:
    with pytest.raises(ValidationError, match="no IP address"):
        TypeAdapter(Domain).validate_python(domain)


@pytest.mark.parametrize("domain", ["hub.example.org", "localhost", "10.0.0.1.nip.io", "1.example.org", "x.1a"])
def test_domains_of_hubs(domain: str) -> None:
    assert TypeAdapter(Domain).validate_python(domain) == domain
