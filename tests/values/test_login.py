"""Who gets in, and by which name: the values of a hub, read by oauthenticator's own classes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubs.settings.auth import STATE_KEYS, USER_KEYS
from tests.repository import OCEAN, Repository
from tests.values.hub_process import hub_process
from tests.values.login import CLASSES, Login

AUTH = '{type: github, allow: ["ocean-org:hub-users"], admins: [ada]}'
SCHOOL = "school.example.com"
OIDC = "type: oidc, authorize_url: 'https://a.org', token_url: 'https://t.org'"
IDP = "https://idp.example.edu/idp/shibboleth"

# The repository of a test is written anew by each example.
anew = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def login(repository: Repository, auth: str, more: str = "") -> Login:
    repository.ocean(OCEAN.replace(AUTH, auth) + more)
    return Login(repository.load())


def google(mail: str, domain: str | None = None) -> dict[str, Any]:
    return {"email": mail, "hd": domain or mail.rpartition("@")[2].lower(), "verified_email": True}


@pytest.mark.parametrize("written", ["rosalind", f"rosalind@{SCHOOL}", f"Rosalind@{SCHOOL.title()}"])
@pytest.mark.parametrize("more", ["", ", strip_domain: true"])
def test_an_admin_of_one_domain_by_mail_or_by_name(repository: Repository, written: str, more: str) -> None:
    hub = login(repository, f"{{type: google, allow: [{SCHOOL}], admins: ['{written}']{more}}}")
    assert hub.user(google(f"rosalind@{SCHOOL}")) == {"name": "rosalind", "admin": True, "groups": []}
    assert hub.user(google(f"mary@{SCHOOL}")) == {"name": "mary", "admin": False, "groups": []}
    assert hub.user(google("rosalind@elsewhere.org")) is None


def test_whole_addresses_if_asked_for(repository: Repository) -> None:
    hub = login(repository, f"{{type: google, allow: [{SCHOOL}], strip_domain: false, admins: ['Rosalind@{SCHOOL}']}}")
    assert hub.user(google(f"rosalind@{SCHOOL}")) == {"name": f"rosalind@{SCHOOL}", "admin": True, "groups": []}


def test_without_domains_names_are_addresses(repository: Repository) -> None:
    hub = login(repository, "{type: google, users: [guest@gmail.com], admins: [Rosalind@b.org]}")
    assert hub.user(google("guest@gmail.com")) == {"name": "guest@gmail.com", "admin": False, "groups": []}
    assert hub.user(google("rosalind@b.org")) == {"name": "rosalind@b.org", "admin": True, "groups": []}
    assert hub.user(google("mary@gmail.com")) is None


LABEL = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
DOMAINS = st.lists(st.tuples(LABEL, LABEL).map(".".join), min_size=1, max_size=3, unique=True)


@anew
@given(DOMAINS, st.booleans(), LABEL, st.booleans(), st.booleans(), st.booleans())
def test_the_word_decides_about_names_whatever_the_number_of_domains(
    repository: Repository, domains: list[str], strip: bool, person: str, capitals: bool, whole: bool, operators: bool
) -> None:
    """Administrators are found as they are written, where that can be: with and without domain, in capitals."""
    mail = f"{person}@{domains[-1]}"
    written = mail if whole or not strip else person
    own = domains[:-1] if operators and len(domains) > 1 else domains
    extra = f", operators: {{google: {{allow: [{domains[-1]}]}}}}" if own != domains else ""
    stack = repository.root / "stacks/Pulumi.earth.yaml"
    before = stack.read_text()
    try:
        repository.stack("{name: earth}", f"{{name: earth{extra}}}")
        listed = ", ".join(domain.upper() if capitals else domain for domain in own)
        hub = login(
            repository,
            f"{{type: google, allow: [{listed}], strip_domain: {str(strip).lower()},"
            f" admins: ['{written.upper() if capitals else written}']}}",
        )
    finally:
        stack.write_text(before)
    assert hub.user(google(mail)) == {"name": person if strip else mail, "admin": True, "groups": []}


@pytest.mark.parametrize("operators", ["{google: {admins: [kim@ops.org], allow: [ops.org]}}"])
def test_operators_domain_changes_no_names(repository: Repository, operators: str) -> None:
    repository.stack("{name: earth}", f"{{name: earth, operators: {operators}}}")
    hub = login(repository, f"{{type: google, allow: [{SCHOOL}], strip_domain: true}}")
    assert hub.user(google(f"rosalind@{SCHOOL}")) == {"name": "rosalind", "admin": False, "groups": []}
    assert hub.user(google("kim@ops.org")) == {"name": "kim", "admin": True, "groups": []}


def test_members_of_roles_are_found_by_mail(repository: Repository) -> None:
    auth = f"{{type: google, allow: [{SCHOOL}]}}"
    repository.ocean(
        OCEAN.replace(AUTH, auth) + f"roles: {{helpers: {{scopes: [list:users], users: [rosalind@{SCHOOL}, mary]}}}}\n"
    )
    (role,) = [role for name, role in hub_values(repository)["hub"]["loadRoles"].items() if name == "helpers"]
    assert role["users"] == ["rosalind", "mary"]


def hub_values(repository: Repository) -> dict[str, Any]:
    from hubs.preview.values import placeholder_values

    found: dict[str, Any] = placeholder_values(repository.load(), "ocean/prod")["jupyterhub"].data
    return found


def test_an_admin_whose_domain_cilogon_strips(repository: Repository) -> None:
    providers = f"{{'{IDP}': {{username_claim: email, strip_domain: example.edu, allow_all: true}}}}"
    hub = login(repository, f"{{type: cilogon, identity_providers: {providers}, admins: [Mary@Example.EDU]}}")
    assert hub.user({"idp": IDP, "email": "mary@example.edu"}) == {"name": "mary", "admin": True, "groups": []}


def test_an_address_that_another_identity_provider_may_issue_stays(repository: Repository) -> None:
    """Stripped, it would name whoever is called mary at the other one too."""
    github = "http://github.com/login/oauth/authorize"
    providers = (
        f"{{'{IDP}': {{username_claim: email, strip_domain: example.edu, allow_all: true}}, "
        f"'{github}': {{username_claim: preferred_username, allow_all: true}}}}"
    )
    hub = login(repository, f"{{type: cilogon, identity_providers: {providers}, admins: [mary@example.edu]}}")
    mary = hub.user({"idp": github, "preferred_username": "mary"})
    assert mary is not None and not mary["admin"]


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("groups", {"groups": ["hub-users", "other"]}),
        ("oauth_user.groups", {"groups": ["hub-users", "other"]}),
        ("cilogon_user.groups", {"groups": ["hub-users", "other"]}),
        ("realm_access.roles", {"realm_access": {"roles": ["hub-users", "other"]}}),
        ("oauth_user.realm_access.roles", {"realm_access": {"roles": ["hub-users", "other"]}}),
        ("resource_access.hub.example.org.roles", {"resource_access": {"hub.example.org": {"roles": ["hub-users"]}}}),
        ("https://hub.example.org/groups", {"https://hub.example.org/groups": ["hub-users"]}),
        ("groups", {"groups": ["/hub-users", "/other"]}),
        ("group", {"group": "hub-users"}),
    ],
)
def test_groups_are_where_the_provider_puts_them(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, claim: str, claims: dict[str, Any]
) -> None:
    auth = f"{{{OIDC}, groups_claim: '{claim}', allow_groups: [hub-users]}}"
    repository.ocean(OCEAN.replace(AUTH, auth))
    hub = Login(repository.load(), config=hub_process(repository, monkeypatch).config)
    user = hub.user({"preferred_username": "Ada", **claims})
    assert user is not None and user["name"] == "ada" and "hub-users" in user["groups"]
    assert hub.user({"preferred_username": "bob", "groups": ["hub-user", "h"], "email": "bob@a.org"}) is None


@pytest.mark.parametrize("claim", ["groups", "realm_access.roles", "oauth_user.groups"])
def test_plain_claims_work_without_our_code(repository: Repository, claim: str) -> None:
    hub = login(repository, f"{{{OIDC}, groups_claim: '{claim}', allow_groups: [hub-users]}}")
    found = ["hub-users"]
    claims = {"preferred_username": "ada", "groups": found, "realm_access": {"roles": found}}
    assert hub.user(claims) == {"name": "ada", "admin": False, "groups": found}


def test_granted_scopes_can_be_groups(repository: Repository) -> None:
    hub = login(repository, f"{{{OIDC}, groups_claim: scope, allow_groups: [openid]}}")
    assert hub.user({"preferred_username": "ada"}) == {"name": "ada", "admin": False, "groups": ["openid"]}


def test_a_slash_is_not_added(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without full paths, `staff` may be a group below another one: not the group /staff."""
    repository.ocean(OCEAN.replace(AUTH, f"{{{OIDC}, groups_claim: groups, allow_groups: [/staff]}}"))
    hub = Login(repository.load(), config=hub_process(repository, monkeypatch).config)
    assert hub.user({"preferred_username": "ada", "groups": ["staff"]}) is None
    assert hub.user({"preferred_username": "ada", "groups": ["/staff"]}) is not None


TEAM = {"organization": {"login": "Ocean-Org"}, "slug": "hub-users"}


@pytest.mark.parametrize("written", ["ocean-org:hub-users", "Ocean-Org:Hub-Users", "OCEAN-ORG:hub-users"])
def test_teams_in_any_case(repository: Repository, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    auth = f"{{type: github, allow_groups: ['{written}'], admin_groups: ['{written}']}}"
    repository.ocean(OCEAN.replace(AUTH, auth) + f"build: {{groups: ['{written}']}}\n")
    hub = Login(repository.load(), config=hub_process(repository, monkeypatch).config)
    claims = {"login": "Ada", "email": "ada@example.org"}
    user = hub.user(claims, teams=[TEAM])
    assert user is not None and user["admin"]
    assert written in user["groups"] and "Ocean-Org:hub-users" in user["groups"]
    assert hub.user(claims, teams=[{**TEAM, "slug": "others"}]) is None


def test_groups_of_roles_are_spelled_as_the_hub_names_them(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.ocean(OCEAN + "build: {groups: ['ocean-org:builders']}\n")
    groups = hub_process(repository, monkeypatch).config.GitHubOAuthenticator.auth_state_groups_key
    team = {"organization": {"login": "Ocean-Org"}, "slug": "builders"}
    assert groups({"teams": [team]}) == ["Ocean-Org:builders", "ocean-org:builders"]


def test_keys_of_the_auth_state() -> None:
    names = {"oidc": "generic-oauth"}
    for kind, key in USER_KEYS.items():
        assert CLASSES[names.get(kind, kind)].user_auth_state_key == key
    state = CLASSES["generic-oauth"]().build_auth_state_dict({"access_token": "a"}, {})
    assert {*state} == {*STATE_KEYS, "oauth_user"}
