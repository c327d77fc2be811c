"""Each password is a secret leaf, and nothing else is secret."""

from __future__ import annotations

import json

import pytest

from hubs.preview.plan import as_json
from hubs.preview.plan_text import show
from tests.components.resources import leaves, resources, secret_paths
from tests.repository import Repository

TOKENS = {
    "hub.config.CryptKeeper.keys[0]",
    "hub.cookieSecret",
    "hub.services.binder.apiToken",
    "proxy.secretToken",
}
GITHUB = {"hub.config.GitHubOAuthenticator.client_id", "hub.config.GitHubOAuthenticator.client_secret"}
PULL = {"imagePullSecret.username", "imagePullSecret.password"}
PASSWORDS = {"config.DockerRegistry.password", "buildPodsRegistryCredentials.password"}
USERNAMES = {"config.DockerRegistry.username", "buildPodsRegistryCredentials.username"}


def test_secrets_of_a_hub_with_images_on_quay(repository: Repository) -> None:
    repository.stack("    ocean: {auth:", '    environment: {TOKEN: {secure: "v1:c"}}\n    ocean: {auth:')
    found = resources(repository)
    assert secret_paths(found.values("ocean-prod")) == {*TOKENS, *GITHUB, *PULL, "singleuser.extraEnv.TOKEN"}
    assert secret_paths(found.values("ocean-prod-binderhub")) == {*PASSWORDS, *USERNAMES}


def test_secrets_of_a_hub_on_google_cloud(repository: Repository) -> None:
    repository.stack("{type: quay, organization: earth}", "{type: artifact-registry, location: us}")
    found = resources(repository)
    assert secret_paths(found.values("ocean-prod")) == {*TOKENS, *GITHUB}
    assert secret_paths(found.values("ocean-prod-binderhub")) == PASSWORDS


def test_nothing_but_releases_has_secrets(repository: Repository) -> None:
    for item in resources(repository).program.resources:
        if not item.type.endswith(":Release"):
            assert secret_paths(item.inputs) == set(), item.name


def test_a_secret_among_the_values(repository: Repository) -> None:
    repository.stack(
        "    ocean: {auth:",
        '    values: {jupyterhub: {hub: {extraEnv: {A: {secure: "v1:c"}}}},\n'
        '      binderhub-service: {extraConfig: {a: {secure: "v1:c"}}}}\n    ocean: {auth:',
    )
    found = resources(repository)
    assert "hub.extraEnv.A" in secret_paths(found.values("ocean-prod"))
    assert "extraConfig.a" in secret_paths(found.values("ocean-prod-binderhub"))


def test_every_secret_is_marked(repository: Repository) -> None:
    """Encrypted values of the stack's file never appear as plain text."""
    repository.stack("    ocean: {auth:", '    environment: {TOKEN: {secure: "v1:c"}}\n    ocean: {auth:')
    found = resources(repository)
    marked = 0
    for item in found.program.resources:
        secrets = secret_paths(item.inputs)
        for path, value in leaves(item.inputs):
            if isinstance(value, str) and "[secret " in value:
                assert path in secrets, f"{item.name}: {path}"
                marked += 1
    assert marked > 20
    assert "[secret" not in json.dumps(found.program.outputs)


def test_a_secret_in_plain_text_is_shown_by_nothing(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repository.stack("{name: earth}", "{name: earth, demonstration: true}")
    repository.stack('password: {secure: "v1:cipher"}', "password: marker-of-a-secret")
    repository.stack('client_secret: {secure: "v1:cipher"}', "client_secret: marker-of-a-secret")
    program = resources(repository).program
    show(program)
    assert "marker" not in f"{as_json(program)}{program!r}{program.outputs}{capsys.readouterr().out}"


def test_secrets_in_json_are_one_word(repository: Repository) -> None:
    plan = json.loads(as_json(resources(repository).program))
    (values,) = [
        item["inputs"]["values"] for item in plan if item["name"] == "ocean-prod" and "values" in item["inputs"]
    ]
    assert values["hub"]["cookieSecret"] == "[secret]"
    assert values["hub"]["config"]["GitHubOAuthenticator"]["client_secret"] == "[secret]"
    assert values["ingress"] == {"enabled": False}
