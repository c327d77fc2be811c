"""Who may log in on the local page: as on the deployed hub, decided by its own authenticator class."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("oauthenticator")

from jupyterhub.auth import DummyAuthenticator
from oauthenticator.cilogon import CILogonOAuthenticator
from oauthenticator.generic import GenericOAuthenticator
from oauthenticator.github import GitHubOAuthenticator
from oauthenticator.google import GoogleOAuthenticator
from traitlets.config import Config

from hubs.page.rules import RefusedError, Rules
from tests.page import example

CLASSES = {
    "github": GitHubOAuthenticator,
    "google": GoogleOAuthenticator,
    "cilogon": CILogonOAuthenticator,
    "generic-oauth": GenericOAuthenticator,
    "dummy": DummyAuthenticator,
}
IDPS = """{
  "https://idp.example.edu": {username_claim: eppn, allowed_domains: ["*.example.edu"]},
  "http://github.com/login/oauth/authorize": {username_claim: preferred_username, prefix: github, allow_all: false}}"""
GITHUB = '{type: github, allow: [Ocean, "lab:team"], users: [Grace], admins: [Ada], admin_groups: ["lab:admins"]}'
GOOGLE = "{type: google, allow: [example.edu], admins: [ada], strip_domain: true}"
CILOGON = f'{{type: cilogon, identity_providers: {IDPS}, users: ["github:octocat"], admins: ["ada@x.example.edu"]}}'
OIDC = """{type: oidc, authorize_url: "https://login.example.org/a", token_url: "https://login.example.org/t",
  username_claim: preferred_username, groups_claim: groups, allow_groups: [hub-user, hub-admin],
  admin_groups: [hub-admin]}"""


def rules(tmp_path: Path, auth: str) -> Rules:
    community = re.sub(r"^auth: .*$", f"auth: {auth}".replace("\n", "\n  "), example.COMMUNITY, flags=re.MULTILINE)
    config = example.target(tmp_path, community).jupyterhub["hub"]["config"]
    own = CLASSES[config["JupyterHub"]["authenticator_class"]]
    sections = {name: dict(section) for name, section in config.items() if name in own.section_names()}
    return Rules(own, Config(sections))


def logged_in(rules: Rules, name: str, groups: list[str], provider: str = "") -> dict[str, Any]:
    async def log_in() -> dict[str, Any]:
        user = rules.account(name, groups, provider)
        await rules.check(user)
        return user

    return asyncio.run(log_in())


@pytest.mark.parametrize(
    ("auth", "name", "groups", "provider", "expected"),
    [
        (GITHUB, "Stranger", ["ocean"], "", "stranger"),
        (GITHUB, "stranger", ["ocean:anything"], "", "stranger"),
        (GITHUB, "stranger", ["lab:team"], "", "stranger"),
        (GITHUB, "grace", [], "", "grace"),
        (GITHUB, "ADA", [], "", "ada"),
        (GITHUB, "boss", ["lab:admins"], "", "boss"),
        (GOOGLE, "eve", [], "", "eve"),
        (GOOGLE, "eve@example.edu", [], "", "eve"),
        (CILOGON, "eve@phys.example.edu", [], "https://idp.example.edu", "eve@phys.example.edu"),
        (CILOGON, "octocat", [], "http://github.com/login/oauth/authorize", "github:octocat"),
        (CILOGON, "github:octocat", [], "http://github.com/login/oauth/authorize", "github:octocat"),
        (OIDC, "stranger", ["hub-user"], "", "stranger"),
        ("{type: dummy, allow_all: true}", "anyone", [], "", "anyone"),
    ],
)
def test_who_may_log_in(tmp_path: Path, auth: str, name: str, groups: list[str], provider: str, expected: str) -> None:
    if "dummy" in auth:
        found = Rules(DummyAuthenticator, Config({"Authenticator": {"allow_all": True}}))
    else:
        found = rules(tmp_path, auth)
    assert logged_in(found, name, groups, provider)["name"] == expected


@pytest.mark.parametrize(
    ("auth", "name", "groups", "provider", "said"),
    [
        (
            GITHUB,
            "stranger",
            ["lab:other"],
            "",
            "On the deployed hub, stranger can't log in: no rule allows this name or these groups."
            " Tick Ocean or lab:admins or lab:team, or use the name ada or grace.",
        ),
        (
            GOOGLE,
            "eve@gmail.example",
            [],
            "",
            "On the deployed hub, eve@gmail.example can't log in: only accounts of example.edu can."
            " Use an account of example.edu, or use the name ada.",
        ),
        (
            CILOGON,
            "eve@evil.example",
            [],
            "https://idp.example.edu",
            "On the deployed hub, eve@evil.example can't log in: no rule allows this name or this"
            " domain. Use an account of *.example.edu, or use the name ada@x.example.edu or github:octocat",
        ),
        (
            CILOGON,
            "mallory",
            [],
            "http://github.com/login/oauth/authorize",
            "On the deployed hub, github:mallory can't log in: ",
        ),
        (
            OIDC,
            "stranger",
            [],
            "",
            "On the deployed hub, stranger can't log in: no rule allows this name or these groups."
            " Tick hub-admin or hub-user.",
        ),
    ],
)
def test_who_may_not_is_told_why(
    tmp_path: Path, auth: str, name: str, groups: list[str], provider: str, said: str
) -> None:
    with pytest.raises(RefusedError) as raised:
        logged_in(rules(tmp_path, auth), name, groups, provider)
    assert str(raised.value).startswith(said)


def test_blocked_users_stay_out() -> None:
    config = Config({"Authenticator": {"allow_all": True, "blocked_users": {"mallory"}}})
    with pytest.raises(RefusedError, match="mallory can't log in: the name is blocked"):
        logged_in(Rules(GitHubOAuthenticator, config), "Mallory", [])


def test_admins_of_the_login_are_admins(tmp_path: Path) -> None:
    assert logged_in(rules(tmp_path, OIDC), "boss", ["hub-admin"])["admin"] is True
    assert logged_in(rules(tmp_path, OIDC), "user", ["hub-user"])["admin"] is None


def test_only_teams_are_groups_of_the_hub(tmp_path: Path) -> None:
    assert logged_in(rules(tmp_path, GITHUB), "eve", ["Ocean", "lab:team"])["groups"] == ["lab:team"]


@pytest.mark.parametrize("auth", [GITHUB, GOOGLE, CILOGON, OIDC])
def test_the_name_that_the_page_suggests_may_log_in(tmp_path: Path, auth: str) -> None:
    found = rules(tmp_path, auth)
    assert logged_in(found, found.usual_name, found.groups)


def test_a_rule_that_asks_the_provider_is_not_decided(capsys: pytest.CaptureFixture[str]) -> None:
    class Asks(GitHubOAuthenticator):  # type: ignore[misc]
        async def check_allowed(self, username: str, auth_model: Any) -> Any:
            return await self.httpfetch("https://api.example.org/marker")

    logged_in(Rules(Asks, Config()), "eve", [])
    assert "whether 'eve' may log in to the deployed hub was not checked" in capsys.readouterr().out
