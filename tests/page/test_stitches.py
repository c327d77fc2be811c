"""The values that connect the two charts, with the real OAuth flow: changing any one of them must break it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from hubs.page.browser import log_in
from hubs.page.errors import LocalHubError
from hubs.page.run import LocalHub, service_environment
from hubs.page.site import Target
from tests.page import options_page as options
from tests.page.conftest import Builder
from tests.page.example import BUILDERS, DOMAIN, OCEAN

Change = Callable[[Target], None]


def _changed(target: Target, change: Change) -> Target:
    out = copy.deepcopy(target)
    change(out)
    return out


def _variable(name: str, value: str) -> Change:
    def change(target: Target) -> None:
        assert target.binderhub
        entry = next(entry for entry in target.binderhub["extraEnv"] if entry["name"] == name)
        entry.pop("valueFrom", None)
        assert entry.get("value") != value
        entry["value"] = value

    return change


def _binderhub(key: str, value: Any) -> Change:
    def change(target: Target) -> None:
        assert target.binderhub and target.binderhub["config"]["BinderHub"][key] != value
        target.binderhub["config"]["BinderHub"][key] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_variable("JUPYTERHUB_API_TOKEN", "another-token"), id="token"),
        pytest.param(_variable("JUPYTERHUB_CLIENT_ID", "service-binderhub"), id="client-id"),
        pytest.param(
            _variable("JUPYTERHUB_OAUTH_CALLBACK_URL", f"https://{DOMAIN}/services/binder/oauth_callback/"),
            id="callback",
        ),
    ],
)
def test_the_cookie_login_fails_visibly(
    needs_hub: None, builder: Builder, target: Target, page: Any, change: Change
) -> None:
    with LocalHub(_changed(target, change)) as hub:
        log_in(page, hub.url, "ruth", groups=[BUILDERS])
        answer = page.goto(f"{hub.url}/services/binder/")
        assert answer.status >= 400
        assert "knows you" not in page.inner_text("body")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            _variable("JUPYTERHUB_API_URL", "http://hub.another.svc.cluster.local:8081/hub/api"),
            "Failed to connect to Hub API",
            id="hub-not-reached",
        ),
        pytest.param(_binderhub("base_url", "/"), "Failed to connect to event stream: 404", id="base-url"),
    ],
)
def test_a_build_fails_visibly(
    needs_hub: None, builder: Builder, target: Target, page: Any, change: Change, said: str
) -> None:
    with LocalHub(_changed(target, change)) as hub:
        log_in(page, hub.url, "ruth", groups=[BUILDERS])
        science = options.profile(page, "science")
        assert builder.commit not in options.build(page, science, said)


def test_without_the_service_name_everybody_builds(
    needs_hub: None, builder: Builder, target: Target, page: Any
) -> None:
    """Without the value, the hub's library has no scope to check."""
    builder.docker(on=False)
    with LocalHub(_changed(target, _variable("JUPYTERHUB_SERVICE_NAME", ""))) as hub:
        log_in(page, hub.url, "eve", groups=[OCEAN])
        page.wait_for_selector(options.PROFILE)
        assert builder.commit in options.build_without_the_form(page)


@pytest.mark.parametrize("reference", [{"name": "hub", "key": "hub.services.binderhub.apiToken"}, {"name": "hubs"}])
def test_a_token_from_nowhere_is_one_line(target: Target, reference: dict[str, str]) -> None:
    changed = copy.deepcopy(target)
    assert changed.binderhub
    changed.binderhub["extraEnv"][0]["valueFrom"]["secretKeyRef"] = reference
    with pytest.raises(LocalHubError, match=r"JUPYTERHUB_API_TOKEN: the key .* does not exist, so the pod"):
        service_environment(LocalHub(changed).site)
