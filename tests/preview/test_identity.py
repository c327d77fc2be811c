"""Changes of who people are. Their names come from oauthenticator's own classes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oauthenticator.cilogon import CILogonOAuthenticator
from oauthenticator.google import GoogleOAuthenticator

from hubs.preview.diff.identity import identity_of
from hubs.preview.diff.judged import Level
from hubs.preview.diff.judged_values import value_judgements
from tests.preview.project import Project
from tests.preview.test_diff import OCEAN, STACK, difference


def sentences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [one.sentence for one in identity_of(old, new).judgements]


AUTH = '{type: github, allow: ["ocean-org:hub-users"], admins: [ada]}'


def values(kind: str, options: dict[str, Any], **sections: Any) -> dict[str, Any]:
    name = {
        "google": "GoogleOAuthenticator",
        "cilogon": "CILogonOAuthenticator",
        "generic-oauth": "GenericOAuthenticator",
    }
    return {"hub": {"config": {"JupyterHub": {"authenticator_class": kind}, name[kind]: options, **sections}}}


def google(domains: list[str], strip: bool | None) -> dict[str, Any]:
    return {"hosted_domain": domains, **({} if strip is None else {"strip_domain": strip})}


DOMAINS = st.lists(st.sampled_from(["a.org", "b.org", "c.org", "A.org"]), max_size=3, unique_by=str.lower)
STRIP = st.sampled_from([None, True, False])


@settings(max_examples=400, deadline=None)
@given(DOMAINS, STRIP, DOMAINS, STRIP)
def test_every_new_name_of_google_is_said(old: list[str], was: bool | None, new: list[str], now: bool | None) -> None:
    before, after = google(old, was), google(new, now)
    found = sentences(values("google", before), values("google", after))
    said = " ".join(line for line in found if "user names change" in line)
    meets = [line for line in found if "without their domain" in line]
    classes = [GoogleOAuthenticator(**options) for options in (before, after)]
    names: list[dict[str, str]] = [{}, {}]
    for domain in ("a.org", "b.org", "c.org"):
        for side, item in zip(names, classes, strict=True):
            if not item.hosted_domain or domain in item.hosted_domain:
                side[domain] = item.user_info_to_username({"email": f"ada@{domain}"})
    for domain in ("a.org", "b.org", "c.org"):
        changed = domain in names[0] and domain in names[1] and names[0][domain] != names[1][domain]
        assert (domain in said.partition("everyone of ")[2]) == changed, domain
        # Somebody who is new gets the name of somebody who was there.
        is_new = domain in names[1] and domain not in names[0]
        assert (is_new and names[1][domain] in names[0].values()) == any(
            domain in line.split("get user")[0] for line in meets
        )


CLAIMS = {"idp": "https://a.org", "email": "ada@a.org", "eppn": "lovelace@b.org", "preferred_username": "al"}
DERIVATION = st.one_of(
    st.fixed_dictionaries({"username_claim": st.sampled_from(["email", "eppn", "preferred_username"])}),
    st.fixed_dictionaries(
        {
            "username_claim": st.sampled_from(["email", "eppn"]),
            "action": st.just("prefix"),
            "prefix": st.sampled_from("ab"),
        }
    ),
    st.fixed_dictionaries(
        {
            "username_claim": st.sampled_from(["email", "eppn"]),
            "action": st.just("strip_idp_domain"),
            "domain": st.sampled_from(["a.org", "B.org"]),
        }
    ),
)


@settings(max_examples=200, deadline=None)
@given(DERIVATION, DERIVATION)
def test_every_new_name_of_cilogon_is_said(old: dict[str, str], new: dict[str, str]) -> None:
    sides = [{"allowed_idps": {"https://a.org": {"username_derivation": dict(rule)}}} for rule in (old, new)]
    was, now = (CILogonOAuthenticator(**side).user_info_to_username(CLAIMS) for side in sides)
    found = sentences(values("cilogon", sides[0]), values("cilogon", sides[1]))
    if was != now:
        assert len(found) == 1 and found[0].startswith("user names change: https://a.org: ")
    if old == new:
        assert found == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {"username_claim": "email"}, "user names change: username_claim: username → email"),
        (
            {"username_claim": "sub"},
            {"username_key": "email"},
            "user names change: username_claim: sub → email",
        ),
        (
            {"token_url": "https://a"},
            {"token_url": "https://b"},
            "another provider says who people are: token_url",
        ),
        ({}, {"username_map": {"a": "b"}}, "user names change: username_map"),
        (
            {"auth_state_groups_key": "oauth_user.a"},
            {"auth_state_groups_key": "oauth_user.b"},
            "other groups decide what people may do: auth_state_groups_key: oauth_user.a → oauth_user.b",
        ),
        ({}, {"allow_all": False}, None),
        ({}, {"username_claim": "username"}, None),
    ],
)
def test_other_providers(old: dict[str, Any], new: dict[str, Any], expected: str | None) -> None:
    found = sentences(values("generic-oauth", old), values("generic-oauth", new))
    assert len(found) == (expected is not None)
    assert expected is None or found[0].startswith(expected)


def test_a_class_by_its_path_is_the_same_class() -> None:
    new = values("generic-oauth", {})
    new["hub"]["config"]["JupyterHub"]["authenticator_class"] = "oauthenticator.generic.GenericOAuthenticator"
    assert sentences(values("generic-oauth", {}), new) == []


def test_settings_of_parent_classes_count() -> None:
    new = values("generic-oauth", {}, OAuthenticator={"username_claim": "email"})
    assert len(sentences(values("generic-oauth", {}), new)) == 1


@pytest.mark.parametrize(
    ("trait", "old", "new", "is_danger"),
    [
        ("allowed_scopes", ["a", "b"], ["a"], True),
        ("allowed_scopes", ["a"], ["a", "b"], False),
        ("allowed_scopes", None, ["a"], True),
        ("allowed_users", ["a"], ["a", "b"], True),
        ("allowed_users", ["a", "b"], ["a"], False),
        ("allowed_groups", ["a"], ["a", "b"], True),
        ("blocked_users", ["a", "b"], ["a"], True),
        ("blocked_users", ["a"], ["a", "b"], False),
        ("allowed_scopes", ["a"], None, False),
        ("blocked_users", ["a"], None, True),
        ("admin_groups", ["a"], ["a", "b"], True),
    ],
)
def test_who_may_log_in(trait: str, old: Any, new: Any, is_danger: bool) -> None:
    before, after = ({} if side is None else {trait: side} for side in (old, new))
    found = value_judgements("jupyterhub", values("generic-oauth", before), values("generic-oauth", after))
    assert any(one.level is Level.DANGEROUS for one in found) == is_danger


def dangers(project: Project) -> list[str]:
    """Return the dangers of the working tree, without hubs and twice-named ones."""
    found = difference(project, "--base", "HEAD")["dangers"]
    return list(dict.fromkeys(line.partition(": ")[2] for line in found))


GOOGLE = "{type: google, allow: [school.example.com]}"
KEEP = "{strip_domain: false}"
LATER: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "a second domain, names stay": (
        OCEAN,
        GOOGLE,
        "{type: google, allow: [school.example.com, partner.example.org], strip_domain: true}",
        (
            "people of partner.example.org get user names without",
            "people of partner.example.org may log in now",
        ),
    ),
    "a second domain, names change": (
        OCEAN,
        GOOGLE,
        "{type: google, allow: [school.example.com, partner.example.org], strip_domain: false}",
        ("user names change: ada → ada@school.example.com", "people of partner.example.org may log in now"),
    ),
    "in the chart's values": (
        OCEAN,
        f"auth: {GOOGLE}",
        f"auth: {GOOGLE}\nvalues: {{jupyterhub: {{hub: {{config: {{GoogleOAuthenticator: {KEEP}}}}}}}}}",
        ("user names change: ada → ada@school.example.com",),
    ),
    "an operators' domain": (
        STACK,
        "{name: earth, ",
        "{name: earth, operators: {google: {allow: [ops.org]}}, ",
        ("people of ops.org get user names without",),
    ),
    "no restriction any more": (
        OCEAN,
        GOOGLE,
        "{type: google, allow_all: true}",
        ("user names change: ada → ada@school.example.com", "everyone with an account at the login provider"),
    ),
    "an identity provider": (
        OCEAN,
        "{type: cilogon, identity_providers: {'https://a.org': {username_claim: email, allow_all: true}}}",
        "{type: cilogon, identity_providers: {'https://a.org': {username_claim: email, prefix: a, allow_all: true}, "
        "'https://b.org': {username_claim: email}}}",
        (
            "identity provider https://a.org: prefix of user names: none → a: everyone there gets another user name",
            "identity provider https://b.org may say who people are now",
        ),
    ),
    "a hub's own login": (
        OCEAN,
        "prod: {domain: ocean.example.org}",
        f"prod: {{domain: ocean.example.org, auth: {GOOGLE}}}",
        ("login provider: github → google: everyone may get another user name",),
    ),
}


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("name", LATER)
def test_dangers_of_a_change(project: Project, name: str) -> None:
    file, old, new, expected = LATER[name]
    auth = old.removeprefix("auth: ") if old.removeprefix("auth: ").startswith("{type") else AUTH
    strip = "strip_domain: true" if file == STACK else ""
    if file == STACK:
        auth = GOOGLE.replace("}", f", {strip}}}")
    project.replace(OCEAN, AUTH, auth)
    project.commit()
    project.replace(file, old, new)
    found = dangers(project)
    for words in expected:
        assert any(line.startswith(words) for line in found), found


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("new", [GOOGLE.replace("}", ", strip_domain: true}"), GOOGLE.replace("}", ", users: []}")])
def test_the_same_names_are_no_danger(project: Project, new: str) -> None:
    project.replace(OCEAN, AUTH, GOOGLE)
    project.commit()
    project.replace(OCEAN, GOOGLE, new)
    assert dangers(project) == []
