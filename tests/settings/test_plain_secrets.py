"""A secret in a community's file is refused, with the place where it belongs, and is never printed."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hubs.settings.plain_secrets import is_secret_key
from tests.repository import Repository

MARKER = "hunter2-marker-secret"
SET = "set it in the stack with pulumi config set -s earth --secret --path "
ELSEWHERE = "write it as a variable below imagebuilding:secrets.environment, or below imagebuilding:secrets.values"
CREATED = "remove it, because the program creates this secret"


def hub(text: str) -> str:
    return f"values: {{jupyterhub: {{hub: {text}}}}}"


@pytest.mark.parametrize(
    ("written", "path", "advice"),
    [
        (
            hub(f"{{db: {{password: {MARKER}}}}}"),
            "values.jupyterhub.hub.db.password",
            "values.jupyterhub.hub.db.password",
        ),
        (
            hub(f"{{config: {{GitHubOAuthenticator: {{client_secret: {MARKER}}}}}}}"),
            "client_secret",
            "auth.client_secret",
        ),
        (hub(f"{{config: {{DummyAuthenticator: {{password: {MARKER}}}}}}}"), "DummyAuthenticator.password", "values."),
        (
            hub(f"{{services: {{grader: {{apiToken: {MARKER}}}}}}}"),
            "grader.apiToken",
            "values.jupyterhub.hub.services.",
        ),
        (
            hub(f"{{services: {{grader: {{api_token: {MARKER}}}}}}}"),
            "grader.api_token",
            "values.jupyterhub.hub.services.",
        ),
        (hub(f"{{cookieSecret: {MARKER}}}"), "cookieSecret", CREATED),
        (hub(f"{{config: {{CryptKeeper: {{keys: [{MARKER}]}}}}}}"), "CryptKeeper.keys", CREATED),
        (hub(f"{{config: {{JupyterHub: {{api_tokens: {{{MARKER}: ada}}}}}}}}"), "api_tokens", "values.jupyterhub."),
        (hub(f"{{extraEnv: {{SMTP_PASSWORD: {MARKER}}}}}"), "SMTP_PASSWORD", "values.jupyterhub.hub.extraEnv.SMTP_"),
        (
            hub(f"{{extraEnv: [{{name: A_TOKEN, value: {MARKER}}}]}}"),
            "extraEnv.0.value",
            "values.jupyterhub.hub.extraEnv'",
        ),
        (
            hub(f"{{db: {{url: 'postgresql://reef:{MARKER}@db.example.org/reef'}}}}"),
            "db.url",
            "values.jupyterhub.hub.db.url",
        ),
        (
            hub(f"{{extraConfig: {{x: 'c.GitHubOAuthenticator.client_secret = \"{MARKER}\"'}}}}"),
            "extraConfig.x",
            "values.",
        ),
        (f"values: {{jupyterhub: {{proxy: {{secretToken: {MARKER}}}}}}}", "secretToken", CREATED),
        (
            f"values: {{jupyterhub: {{imagePullSecret: {{password: {MARKER}}}}}}}",
            "imagePullSecret.password",
            "registry.password",
        ),
        (
            f"values: {{jupyterhub: {{proxy: {{https: {{manual: {{key: {MARKER}}}}}}}}}}}",
            "manual.key",
            "values.jupyterhub.proxy.https.manual.key",
        ),
        (
            f"values: {{binderhub-service: {{config: {{DockerRegistry: {{password: {MARKER}}}}}}}}}",
            "DockerRegistry.password",
            "registry.password",
        ),
        (
            f"values: {{binderhub-service: {{config: {{GitHubRepoProvider: {{access_token: {MARKER}}}}}}}}}",
            "access_token",
            "values.binderhub-service.config.GitHubRepoProvider.access_token",
        ),
        (f"auth: {{type: github, allow: [a], client_secret: {MARKER}}}", "auth.client_secret", "auth.client_secret"),
        (f"environment: {{DB_PASSWORD: {MARKER}}}", "environment.DB_PASSWORD", "environment.DB_PASSWORD"),
        (f"environment: {{APP_SECRET: {MARKER}}}", "environment.APP_SECRET", "environment.APP_SECRET"),
        (f"environment: {{WEBHOOK_SECRET: {MARKER}, X: y}}", "WEBHOOK_SECRET", "environment.WEBHOOK_SECRET"),
        (f"environment: {{DATABASE: 'mysql://a:{MARKER}@b/c'}}", "environment.DATABASE", "environment.DATABASE"),
        (f"files: {{/etc/x.json: {{data: {{a: {{password: {MARKER}}}}}}}}}", "data.a.password", ELSEWHERE),
        (f"files: {{/etc/key: '-----BEGIN RSA PRIVATE KEY-----{MARKER}'}}", "files./etc/key", ELSEWHERE),
        ("branding: {announcement: ghp_0123456789abcdefghijABCDEFGHIJ012345}", "announcement", ELSEWHERE),
        (
            f"profiles: [{{display_name: A, kubespawner_override: {{environment: {{A_TOKEN: {MARKER}}}}}}}]",
            "environment.A_TOKEN",
            "environment.A_TOKEN",
        ),
    ],
)
@pytest.mark.parametrize("place", ["community", "hub", "defaults"])
def test_refused_with_its_place(repository: Repository, written: str, path: str, advice: str, place: str) -> None:
    key = written.partition(":")[0]
    file = "stacks/earth/ocean.yaml"
    match place:
        case "community":
            text = (repository.root / file).read_text()
            if key == "auth":
                text = re.sub(r"(?m)^auth:.*\n", "", text)
            repository.ocean(f"{text}{written}\n")
            line, owner = len(text.splitlines()) + 1, ".ocean"
        case "hub":
            repository.replace(file, "prod: {", f"prod: {{{written}, ")
            line, owner = 5, ".ocean.prod"
        case _:
            repository.stack(
                "  imagebuilding:secrets:", f"  imagebuilding:defaults: {{{written}}}\n  imagebuilding:secrets:"
            )
            file, line, owner = "stacks/Pulumi.earth.yaml", 6, ""
    found = [error for error in repository.errors() if "is missing" not in error]
    assert len(found) == 1, found
    assert found[0].startswith(f"{file}:{line}: ")
    assert path in found[0]
    expected = advice if " " in advice else f"{SET}'imagebuilding:secrets{owner}.{advice}"
    assert expected in found[0]
    assert MARKER not in found[0]
    assert "ghp_" not in found[0]


NO_SECRETS = r"""
values: {jupyterhub: {hub: {existingSecret: my-secret}}}
values: {jupyterhub: {hub: {extraEnv: {A: {valueFrom: {secretKeyRef: {name: a, key: password}}}}}}}
values: {jupyterhub: {hub: {db: {type: postgres, url: 'postgresql://reef@db.example.org/reef', password: null}}}}
values: {jupyterhub: {hub: {db: {url: 'postgresql://reef:$(DB_PASSWORD)@db.example.org/reef'}}}}
values: {jupyterhub: {hub: {config: {GenericOAuthenticator: {token_url: 'https://a.example.org/t'}}}}}
values: {jupyterhub: {hub: {config: {JupyterHub: {oauth_token_expires_in: 3600, cookie_max_age_days: 1}}}}}
values: {jupyterhub: {hub: {extraVolumes: [{name: s, secret: {secretName: s}}]}}}
values: {jupyterhub: {imagePullSecrets: [other], proxy: {https: {secret: {name: tls, key: tls.key}}}}}
values: {binderhub-service: {config: {BinderHub: {push_secret: other}}}}
values: {jupyterhub: {hub: {extraConfig: {x: 'c.GitHubOAuthenticator.client_secret = os.environ["SECRET"]'}}}}
environment: {GH_SCOPED_CREDS_CLIENT_ID: Iv1.0123456789abcdef, GH_SCOPED_CREDS_APP_URL: 'https://github.com/apps/x'}
environment: {AWS_WEB_IDENTITY_TOKEN_FILE: /var/run/token, API_TOKEN: $(OTHER)}
environment: {MAX_TOKEN: '4096', USE_TOKEN: 'true', TOKEN: '', MAPBOX_ACCESS_TOKEN: pk.abcdefgh}
environment: {PROXY: 'http://proxy.example.org:3128'}
files: {/etc/x.json: {data: {ServerApp: {token: '', password: ''}}}}
profiles: [{display_name: Secret, slug: token}]
profiles: [{display_name: A, profile_options: {password: {display_name: A, choices: {b: {display_name: B}}}}}]
"""


@pytest.mark.parametrize("written", NO_SECRETS.strip().splitlines())
def test_what_is_no_secret(repository: Repository, written: str) -> None:
    repository.ocean(f"{(repository.root / 'stacks/earth/ocean.yaml').read_text()}{written}\n")
    assert repository.errors() == []


def test_keys_with_dots_are_quoted(repository: Repository) -> None:
    repository.replace(
        "stacks/earth/ocean.yaml", "hubs:", f"{hub('{extraFiles: {a.json: {data: {token: x}}}}')}\nhubs:"
    )
    assert """.hub.extraFiles["a.json"].data.token'""" in repository.errors()[0]


def test_a_demonstration_may_have_plain_secrets(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, demonstration: true}")
    repository.replace("stacks/earth/ocean.yaml", "hubs:", f"{hub('{db: {password: x}}')}\nhubs:")
    assert repository.errors() == []


SECRETS = {
    *("ConfigurableHTTPProxy.auth_token", "DummyAuthenticator.password", "GitHubOAuthenticator.github_client_secret"),
    *("GoogleOAuthenticator.google_service_account_keys", "CryptKeeper.keys", "HubAuth.api_token"),
    *("JupyterHub.cookie_secret", "JupyterHub.proxy_auth_token", "OAuthenticator.client_secret"),
    *("SharedPasswordAuthenticator.admin_password", "SharedPasswordAuthenticator.user_password"),
}


def traits() -> Iterator[tuple[str, str]]:
    """Yield the class and name of each setting of the hub's packages that is more than yes or no."""
    from traitlets import Bool
    from traitlets.config import Configurable

    for package in ("jupyterhub", "oauthenticator", "kubespawner"):
        path = importlib.import_module(package).__path__
        for found in pkgutil.walk_packages(path, f"{package}."):
            if any(part in found.name for part in ("tests", "alembic", "__main__", "singleuser")):
                continue
            try:
                module = importlib.import_module(found.name)
            except ImportError:
                continue
            for kind in vars(module).values():
                if inspect.isclass(kind) and issubclass(kind, Configurable):
                    for name, trait in kind.class_own_traits(config=True).items():
                        if not isinstance(trait, Bool):
                            yield kind.__name__, name


def test_every_secret_of_the_real_classes_is_recognised() -> None:
    pytest.importorskip("oauthenticator")
    found = {f"{kind}.{name}" for kind, name in traits() if is_secret_key(name, kind)}
    assert found == SECRETS


@pytest.mark.parametrize(
    ("chart", "expected"),
    [
        (
            "jupyterhub-4.x",
            {
                *("hub.cookieSecret", "hub.db.password", "hub.services.api_token", "hub.services.apiToken"),
                *("proxy.secretToken", "proxy.https.manual.key"),
            },
        ),
        (
            "binderhub-service-336",
            {"buildPodsRegistryCredentials.password", "extraCredentials.googleServiceAccountKey"},
        ),
    ],
)
def test_every_secret_of_the_charts_schemas_is_recognised(chart_data: Path, chart: str, expected: set[str]) -> None:
    schema = json.loads((chart_data / chart / "values.schema.json").read_text())
    found = {path for path, section, key in texts(schema, ()) if is_secret_key(key, section)}
    assert found == expected


def texts(schema: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield path, section and key of each text in a chart's schema."""
    for key, below in (schema.get("properties") or {}).items():
        if "string" in (below.get("type") or ["string"]):
            yield ".".join((*path, key)), path[-1] if path else "", key
        yield from texts(below, (*path, key))
    for name, step in (("additionalProperties", "*"), ("items", "0")):
        if isinstance(schema.get(name), dict):
            yield from texts(schema[name], (*path, step))
