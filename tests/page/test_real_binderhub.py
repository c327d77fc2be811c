"""The real BinderHub instead of the local build service, if it is installed."""

from __future__ import annotations

import copy
import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from hubs.page.browser import log_in
from hubs.page.run import LocalHub
from hubs.page.site import Target
from tests.page import options_page as options
from tests.page.conftest import Builder
from tests.page.example import BUILDERS, GPU, MARKER

pytestmark = pytest.mark.skipif(importlib.util.find_spec("binderhub") is None, reason="BinderHub is not installed")


class _GitHub(BaseHTTPRequestHandler):
    """Answers requests for the commit of a reference like GitHub, with 40 times c."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"sha": "c" * 40}).encode())

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture(scope="module")
def hub(needs_hub: None, builder: Builder, target: Target) -> Iterator[LocalHub]:
    """Run the example's hub with BinderHub and a stand-in for GitHub."""
    builder.docker(on=False)
    changed = copy.deepcopy(target)
    with ThreadingHTTPServer(("127.0.0.1", 0), _GitHub) as github, pytest.MonkeyPatch.context() as patch:
        threading.Thread(target=github.serve_forever, daemon=True).start()
        assert changed.binderhub
        provider = {"api_base_path": f"http://127.0.0.1:{github.server_port}"}
        changed.binderhub["config"]["GitHubRepoProvider"] = provider
        patch.setattr("hubs.page.run.builder_module", lambda: "hubs.page.real_binderhub")
        with LocalHub(changed) as running:
            yield running
        github.shutdown()


def test_the_page_reaches_it(hub: LocalHub, page: Any) -> None:
    log_in(page, hub.url, "mary", groups=[BUILDERS])
    science = options.profile(page, "science")
    text = options.build(page, science, "The image was not built: Docker is not available on this machine")
    # BinderHub's image name equals that of the local build service.
    assert f"registry.example.org/hubs/earth-ocean-prod-org-2drepo-e61acf:{'c' * 40}" in text


def test_it_lets_in_those_with_the_role(hub: LocalHub, page: Any) -> None:
    log_in(page, hub.url, "eve", groups=[GPU])
    page.wait_for_selector(options.PROFILE)
    answer = options.build_without_the_form(page)
    assert "user eve is not allowed" in answer
    assert "c" * 40 not in answer


def test_its_cookie_login_works(hub: LocalHub, page: Any) -> None:
    log_in(page, hub.url, "ruth", groups=[BUILDERS])
    page.goto(f"{hub.url}/services/binder/")
    assert page.inner_text("body") == "You are logged in as ruth."


def test_it_knows_every_setting_and_tells_no_secret(hub: LocalHub) -> None:
    log = (hub.site.directory / "build-service.log").read_text()
    assert "BinderHub starting" in log
    assert "not recognized" not in log
    assert MARKER not in log
