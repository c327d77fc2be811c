"""What the settings accept lets JupyterHub start, by JupyterHub's and oauthenticator's own classes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hubs.page.dry_start import problems
from hubs.preview.values import load_with_placeholders, placeholder_values
from hubs.settings.stack import Stack
from hubs.stack_files import stack_names
from tests.repository import OCEAN, ROOT, Repository
from tests.settings.test_login import ACCEPTED, AUTH, WARNINGS


def values(stack: Stack, key: str = "ocean/prod") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(placeholder_values(stack, key)["jupyterhub"].data))
    return found


@pytest.mark.parametrize("name", stack_names(ROOT))
def test_every_hub_of_the_repository_starts(name: str) -> None:
    stack = load_with_placeholders(name, ROOT)
    assert {hub.key: problems(values(stack, hub.key)) for hub in stack.hubs} == {hub.key: [] for hub in stack.hubs}


@pytest.mark.parametrize("auth", [*ACCEPTED, *WARNINGS])
def test_what_is_accepted_starts(repository: Repository, auth: str) -> None:
    if "shared-password" in auth:
        secrets = 'password: {secure: "v1:c"}, admin_password: {secure: "v1:c"}'
        repository.stack('client_id: {secure: "v1:cipher"}, client_secret: {secure: "v1:cipher"}', secrets)
    repository.ocean(OCEAN.replace(AUTH, auth))
    assert problems(values(repository.load())) == []


ROLES = """\
build: {groups: ["ocean-org:builders"]}
roles:
  user: ["access:services!service=grader", "shares!user"]
  server: ["custom:a:b"]
  helpers: {scopes: ["admin:servers"], users: [Ada], groups: ["ocean-org:staff"], services: [grader, binder]}
  a-cull: {scopes: ["list:users"], services: [jupyterhub-idle-culler]}
values:
  jupyterhub:
    hub:
      services: {grader: {url: "http://grader"}}
      loadRoles: {admin: {users: [grace]}}
      config: {JupyterHub: {custom_scopes: {"custom:a:b": {description: a}}}}
"""


def test_roles_that_are_accepted_start(repository: Repository) -> None:
    repository.ocean(OCEAN + ROLES)
    found = values(repository.load())
    assert problems(found) == []
    assert problems(found) == [], "a second start finds the same, though JupyterHub keeps custom scopes globally"
    del found["hub"]["config"]["JupyterHub"]["custom_scopes"]
    assert problems(found) == ["ScopeNotFound: Scope 'custom:a:b' for role server does not exist"]


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "scope": ({"loadRoles": {"user": {"scopes": ["read:usrs"]}}}, "ScopeNotFound: Scope 'read:usrs' for role user"),
    "role": ({"loadRoles": {"X y": {"scopes": ["self"]}}}, "InvalidNameError: Invalid role name"),
    "token": ({"loadRoles": {"token": {"scopes": ["list:users"]}}}, "not held by Service binder"),
    "service": ({"loadRoles": {"abc": {"services": ["x"]}}}, "Found undefined service x in role abc"),
    "name": ({"config": {"Authenticator": {"admin_users": ["a/b"]}}}, "username 'a/b' is not valid"),
    "type": ({"config": {"GitHubOAuthenticator": {"auth_refresh_age": "soon"}}}, "TraitError"),
    "spelling": ({"config": {"GitHubOAuthenticator": {"allowed_organisations": ["a"]}}}, "allowed_organizations"),
    "class": ({"config": {"JupyterHub": {"authenticator_class": "nonsense"}}}, "TraitError"),
    "groups": (
        {"config": {"JupyterHub": {"load_groups": {"a": {"users": []}}}}},
        "Group management has been offloaded",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_stops_a_hub_is_found(repository: Repository, name: str) -> None:
    hub, expected = BROKEN[name]
    found = values(repository.load())
    for key, part in hub.items():
        for section, options in part.items():
            found["hub"][key].setdefault(section, {}).update(options)
    (line,) = problems(found)
    assert expected in line and "\n" not in line
