"""What is not set yet: a to-do for previews, an error for updates and checks."""

from __future__ import annotations

import re

import pytest
import yaml

from hubs.preview.configuration import configuration
from hubs.settings.errors import SettingsError
from hubs.settings.loader import load
from tests.repository import OCEAN, Repository
from tests.values.test_schemas import AUTH, REGISTRY

COMMUNITY, STACK = "stacks/earth/ocean.yaml", "stacks/Pulumi.earth.yaml"
QUAY = "{type: quay, organization: earth}"
GITHUB = '{type: github, allow: ["ocean-org:hub-users"], admins: [ada]}'
REGISTRIES = REGISTRY | {"managed robots": "{type: quay, organization: earth, robot: managed}"}
_PATH = re.compile(r"--path '(\S+)'")


def without_secrets(repository: Repository, auth: str, registry: str) -> None:
    """Write a stack without a secret, nor a context."""
    text = (repository.root / STACK).read_text().partition("  imagebuilding:secrets:")[0]
    text = text.replace("  kubernetes:context: earth\n", "")
    repository.write(STACK, text.replace("{name: earth}", "{name: earth, demonstration: true}"))
    repository.stack(QUAY, registry)
    repository.ocean(OCEAN.replace(GITHUB, auth))


def update_errors(repository: Repository) -> list[str]:
    """Return the error lines of an update."""
    try:
        load("earth", configuration("earth", repository.root), root=repository.root)
    except SettingsError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("registry", REGISTRIES)
@pytest.mark.parametrize("auth", AUTH)
def test_whoever_does_what_it_says_can_update(repository: Repository, auth: str, registry: str) -> None:
    without_secrets(repository, AUTH[auth], REGISTRIES[registry])
    todo = repository.load().todo
    assert {*map(str, todo)} == {*update_errors(repository)}, "an update refuses what a preview wants done"
    for command in (command for item in todo for command in item.commands):
        assert command.startswith("pulumi config set -s earth ")
        if path := _PATH.search(command):
            set_secret(repository, path[1].split(".")[1:])
    text = (repository.root / STACK).read_text()
    repository.write(STACK, text.replace("config:\n", "config:\n  kubernetes:context: earth\n"))
    assert repository.load().todo == []
    assert update_errors(repository) == []


def set_secret(repository: Repository, path: list[str]) -> None:
    """Set a secret, as Pulumi writes it into the file."""
    content = yaml.safe_load((repository.root / STACK).read_text())
    below = content["config"]
    for key in ("imagebuilding:secrets", *path[:-1]):
        below[key] = below.get(key) or {}
        below = below[key]
    below[path[-1]] = {"secure": "v1:cipher"}
    repository.write(STACK, yaml.safe_dump(content, sort_keys=False))


def test_one_key_of_one_hub_is_asked_for(repository: Repository) -> None:
    repository.stack(
        'ocean: {auth: {client_id: {secure: "v1:cipher"}',
        'ocean: {prod: {auth: {client_id: {secure: "v1:cipher"}}}, auth: {client_id: null',
    )
    (todo,) = repository.load().todo
    assert (todo.path, todo.hubs) == ("ocean/staging", ("ocean/staging",))
    assert todo.what == "auth.client_id is not set"
    assert todo.commands == (
        "pulumi config set -s earth --secret --path 'imagebuilding:secrets.ocean.staging.auth.client_id'",
    )


def test_a_moved_line_is_the_same_thing_to_do(repository: Repository) -> None:
    repository.stack("registry: {username: earth+robot, password", "registry: {password")
    before = repository.load().todo
    repository.stack("config:\n", "# A comment.\nconfig:\n")
    after = repository.load().todo
    assert before == after
    assert str(before[0]) != str(after[0])


PRIVATE = """\
build: {private_repositories: true, groups: [builders], allowed_specs: ["https://github.com/ocean-org/.*"]}
hubs:
  prod: {domain: ocean.example.org}
"""


@pytest.mark.parametrize("robot", ["given", "managed"])
def test_the_token_for_private_repositories(repository: Repository, robot: str) -> None:
    without_secrets(repository, GITHUB, QUAY.replace("}", f", robot: {robot}}}"))
    repository.ocean(f"{OCEAN.partition('hubs:')[0]}{PRIVATE}")
    (todo,) = [item for item in repository.load().todo if "github_token" in item.what]
    assert todo.message == (
        "build.github_token is not set: create an access token that can read the private repositories, then run "
        "`pulumi config set -s earth --secret --path 'imagebuilding:secrets.ocean.prod.build.github_token'`"
    )
    assert [line for line in update_errors(repository) if line.endswith(todo.message)], "an update refuses it"


def test_whose_account_a_missing_one_will_be_is_not_known(repository: Repository) -> None:
    without_secrets(repository, GITHUB, QUAY)
    repository.ocean(f"{OCEAN.partition('hubs:')[0]}{PRIVATE}  staging: {{domain: staging.ocean.example.org}}\n")
    assert repository.errors() == []
    assert "registry.username and registry.password are not set" in str(repository.load().todo[1])


def test_secrets_that_are_encrypted_as_one_text_are_not_missed(repository: Repository) -> None:
    text = (repository.root / STACK).read_text().partition("  imagebuilding:secrets:")[0]
    repository.write(STACK, f"{text}  imagebuilding:secrets: {{secure: 'v1:cipher'}}\n")
    assert repository.errors() == []
    assert repository.load().todo == []
    assert update_errors(repository) == [], "Pulumi decrypts them for the update"
