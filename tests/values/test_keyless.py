"""The code that BinderHub runs to push with its own cloud identity, with a stand-in for the metadata server."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import types
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import traitlets
from traitlets.config import Config

from hubs.settings.loader import ROOT
from hubs.values.registry import RegistryAccess, registry_access
from tests.repository import Repository

SNIPPET = ROOT / "hubs" / "values" / "in_binderhub" / "keyless.py"
TOKEN = "ya29.marker"


class _Metadata(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked_right = self.headers.get("Metadata-Flavor") == "Google"
        self.send_response(200 if asked_right else 403)
        self.end_headers()
        self.wfile.write(json.dumps({"access_token": TOKEN}).encode())

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def metadata_url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Metadata)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/token"
    server.shutdown()


class DockerRegistry(traitlets.config.LoggingConfigurable):
    """The part of binderhub.registry.DockerRegistry that the snippet uses."""

    url = traitlets.Unicode(config=True)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, metadata_url: str) -> Any:
    module = types.ModuleType("binderhub.registry")
    module.DockerRegistry = DockerRegistry  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "binderhub", types.ModuleType("binderhub"))
    monkeypatch.setitem(sys.modules, "binderhub.registry", module)
    config = Config()
    exec(compile(SNIPPET.read_text(), SNIPPET.name, "exec"), {"c": config})
    config.DockerRegistry.url = "https://us-central1-docker.pkg.dev"
    config.KeylessArtifactRegistry.metadata_url = metadata_url
    return config.BinderHub.registry_class(config=config)


def test_credentials_to_push_are_a_token_of_the_pod(registry: Any) -> None:
    assert asyncio.run(registry.get_credentials("project/image", "tag")) == {
        "registry": "us-central1-docker.pkg.dev",
        "username": "oauth2accesstoken",
        "password": TOKEN,
    }


def test_the_same_token_looks_images_up(registry: Any) -> None:
    from tornado.httpclient import AsyncHTTPClient

    async def token() -> str:
        found: str = await registry._get_token(AsyncHTTPClient(), "https://elsewhere.invalid", "", "")
        return found

    assert asyncio.run(token()) == TOKEN


def test_values_have_an_identity_and_no_password(repository: Repository) -> None:
    from hubs.values.registry import binderhub_password, binderhub_side

    repository.stack(
        "{type: quay, organization: earth}", "{type: artifact-registry, location: us-central1, keyless: true}"
    )
    stack = repository.load()
    access: RegistryAccess = registry_access(stack, stack.hub("ocean/prod"), None)
    values = binderhub_side(access)
    account = values["serviceAccount"]["annotations"]["iam.gke.io/gcp-service-account"]
    assert account == "earth-ocean-prod@earth-hubs.iam.gserviceaccount.com"
    assert "KeylessArtifactRegistry" in values["extraConfig"]["imagebuilding-keyless"]
    assert binderhub_password(access) == {}
