"""The code that runs in BinderHub, with BinderHub itself: who gets an answer, and which repositories it knows.

PyPI has only a BinderHub of its first year. To run these tests, put the source code (github.com/jupyterhub/binderhub)
on PYTHONPATH, and install its requirements.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from hubs.preview.values import placeholder_values
from tests.repository import OCEAN, Repository

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("binderhub") is None or importlib.util.find_spec("binderhub.health") is None,
    reason="BinderHub's source is not on PYTHONPATH: its handlers are not asked",
)

USERS = {
    "builder": {"name": "ada", "scopes": ["access:services!service=binder"]},
    "prometheus": {"name": "prometheus", "scopes": ["access:services!service=binder", "read:metrics"]},
}


@pytest.fixture
def binderhub(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """BinderHub, started with the values of a hub, and restored afterwards."""
    import binderhub.app
    from binderhub import base, health, metrics
    from binderhub.build import FakeBuild
    from binderhub.quota import LaunchQuota
    from binderhub.registry import FakeRegistry
    from jupyterhub.services.auth import HubOAuth
    from traitlets.config import Config

    for module, name in ((base, "BaseHandler"), (base, "VersionHandler"), (health, "HealthHandler")):
        for attribute in ("prepare", "get", "check_all"):
            if attribute in vars(getattr(module, name)):
                monkeypatch.setattr(getattr(module, name), attribute, vars(getattr(module, name))[attribute])
    repository.ocean(f"{OCEAN}build: {{repo_providers: [gh, zenodo], banned_specs: [spam]}}\n")
    values = placeholder_values(repository.load(), "ocean/prod")["binderhub-service"].data
    for name, value in {"JUPYTERHUB_API_TOKEN": "token", "JUPYTERHUB_SERVICE_NAME": "binder"}.items():
        monkeypatch.setenv(name, value)
    for item in values["extraEnv"]:
        if "value" in item:
            monkeypatch.setenv(item["name"], item["value"])
    c = Config()
    for section, traits in values["config"].items():
        c[section].update(traits)
    for name, code in sorted(values["extraConfig"].items()):
        if name.startswith("imagebuilding"):
            exec(compile(code, name, "exec"), {"c": c})
    c.BinderHub.update({"builder_required": False, "build_class": FakeBuild, "registry_class": FakeRegistry})
    c.BinderHub.launch_quota_class = LaunchQuota

    class Counting(health.HealthHandler):  # type: ignore[misc]
        def get_checks(self, checks: dict[str, Any]) -> None:
            async def pods() -> dict[str, Any]:
                return {"total_pods": 7, "ok": True, "_ignore_failure": True}

            checks["Pod quota"] = pods()

    c.BinderHub.health_handler_class = Counting
    HubOAuth.clear_instance()
    monkeypatch.setattr(HubOAuth, "user_for_token", lambda _self, token, **_: _answer(USERS.get(token)))
    app = binderhub.app.BinderHub(config=c)
    app.initialize([])
    metrics.REGISTRY.get_sample_value("python_info")
    yield app
    HubOAuth.clear_instance()


def _build_pod(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the pod that BinderHub's own class would create for a build, as it is sent to the API server."""
    import binderhub.app
    from binderhub import build
    from kubernetes.client import ApiClient
    from traitlets.config import Config

    values = placeholder_values(repository.load(), "ocean/prod")["binderhub-service"].data
    c = Config()
    for section, traits in values["config"].items():
        c[section].update(traits)
    for name, code in sorted(values["extraConfig"].items()):
        if name.startswith("imagebuilding") and name != "imagebuilding-access":
            exec(compile(code, name, "exec"), {"c": c})
    sent = []

    class Sent(Exception): ...

    class Api:
        def list_namespaced_pod(self, *_: Any, **__: Any) -> Any:
            return type("Response", (), {"read": lambda _: b'{"items": []}'})()

        def create_namespaced_pod(self, namespace: str, body: Any, **_: Any) -> Any:
            client: Any = ApiClient()
            sent.append(client.sanitize_for_serialization(body))
            raise Sent

    monkeypatch.setattr(build.kubernetes.config, "load_incluster_config", lambda: None)
    monkeypatch.setattr(build.client, "CoreV1Api", Api)

    async def submit() -> None:
        app = binderhub.app.BinderHub(config=c)
        assert issubclass(app.build_class, build.KubernetesBuildExecutor), "so that /health counts pods, too"
        with pytest.raises(Sent):
            app.build_class(parent=app, name="build-1", repo_url="https://x.org", ref="1", image_name="i:1").submit()

    asyncio.run(submit())
    return sent[0]


@pytest.mark.parametrize(
    ("cluster", "hub", "expected"),
    [
        ("tolerations: []", "", []),
        (
            "tolerations: [{key: special, operator: Exists, effect: NoExecute, tolerationSeconds: 60}]",
            "",
            [{"key": "special", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}],
        ),
        ("", "user_nodes: {tolerations: [{key: a, value: b}]}", [{"key": "a", "operator": "Equal", "value": "b"}]),
        ("", "", None),
    ],
)
def test_builds_tolerate_what_their_docker_daemon_tolerates(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, cluster: str, hub: str, expected: Any
) -> None:
    repository.stack("{name: earth}", f"{{name: earth, user_nodes: {{{cluster}}}}}")
    repository.ocean(f"{OCEAN}{hub}\n")
    values = placeholder_values(repository.load(), "ocean/prod")["binderhub-service"].data
    pod = _build_pod(repository, monkeypatch)
    assert pod["spec"]["tolerations"] == values["dockerApi"]["tolerations"]
    assert ("imagebuilding-tolerations" in values["extraConfig"]) is (expected is not None)
    if expected is not None:
        assert len(pod["spec"]["tolerations"]) == len(expected)
    assert pod["spec"]["nodeSelector"] == values["dockerApi"]["nodeSelector"]


async def _answer(value: Any) -> Any:
    return value


def ask(app: Any, path: str, user: str | None = None) -> tuple[int, str]:
    """Return status and body of a request, with the token of a user."""
    from tornado.httpclient import AsyncHTTPClient
    from tornado.httpserver import HTTPServer
    from tornado.testing import bind_unused_port

    async def request() -> tuple[int, str]:
        sock, port = bind_unused_port()
        server = HTTPServer(app.tornado_app)
        server.add_socket(sock)
        headers = {"Authorization": f"token {user}"} if user else {}
        AsyncHTTPClient.configure("tornado.simple_httpclient.SimpleAsyncHTTPClient")
        url = f"http://127.0.0.1:{port}/services/binder{path}"
        answer = await AsyncHTTPClient().fetch(url, headers=headers, raise_error=False, follow_redirects=False)
        server.stop()
        return answer.code, answer.body.decode() if answer.body else ""

    return asyncio.run(request())


def test_strangers_learn_nothing(binderhub: Any) -> None:
    assert ask(binderhub, "/metrics")[0] == 403
    assert ask(binderhub, "/api/repoproviders")[0] == 403
    assert ask(binderhub, "/versions") == (200, "{}"), "the kubelet asks here whether BinderHub has started"
    status, body = ask(binderhub, "/health")
    assert (status, body) == (
        200,
        '{"ok": true, "checks": [{"service": "Pod quota", "ok": true, "_ignore_failure": true}]}',
    )


def test_every_handler_asks_who_it_is(binderhub: Any) -> None:
    """Whatever BinderHub adds: a path that is answered without a login is one of those above."""
    from binderhub.base import BaseHandler

    opened = []
    for rule in binderhub.tornado_app.wildcard_router.rules:
        if isinstance(rule.target, type) and issubclass(rule.target, BaseHandler):
            pattern = rule.matcher.regex.pattern.rstrip("$").removeprefix("/services/binder")
            path = pattern.replace("([^/]+)", "gh").replace("(.+)", "a/b/c")
            if ask(binderhub, path)[0] == 200:
                opened.append(path)
    assert [path for path in opened if not path.startswith("/build/")] == ["/versions", "/health"]


def test_users_and_prometheus(binderhub: Any) -> None:
    assert ask(binderhub, "/metrics", "builder")[0] == 403
    status, body = ask(binderhub, "/metrics", "prometheus")
    assert status == 200
    assert "binderhub_build_count" in body
    assert "builder_info" in ask(binderhub, "/versions", "builder")[1]
    assert "total_pods" in ask(binderhub, "/health", "builder")[1]
    assert ask(binderhub, "/metrics", "nobody")[0] == 403


def test_its_health_report_asks_the_hub_where_the_hub_is(binderhub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `hubs check --after` reads: BinderHub's own handler, with everything but the network."""
    from types import SimpleNamespace

    from binderhub import health

    asked = []

    class Client:
        async def fetch(self, url: str, **_: Any) -> Any:
            asked.append(url)
            return SimpleNamespace(code=200)

    monkeypatch.setattr(health, "AsyncHTTPClient", Client)
    (rule,) = [
        r for r in binderhub.tornado_app.wildcard_router.rules if r.matcher.regex.pattern.endswith("binder/health$")
    ]
    url = rule.target_kwargs["hub_url"]
    assert asyncio.run(health.HealthHandler.check_jupyterhub_api(None, url)) is True
    assert asked == ["http://hub.ocean-prod.svc.cluster.local:8081/hub/api/health"]


def test_repositories(binderhub: Any) -> None:
    from binderhub.repoproviders import GitHubRepoProvider, ZenodoProvider

    assert binderhub.repo_providers == {"gh": GitHubRepoProvider, "zenodo": ZenodoProvider}
    for spec, banned in (("spam/x/HEAD", True), ("sp%61m/x/HEAD", True), ("ada/x/HEAD", False)):
        provider = GitHubRepoProvider(config=binderhub.config, spec=spec)
        assert provider.is_banned() is banned
        assert provider.git_credentials == ""
    assert binderhub.concurrent_build_limit == 8
    assert "binderhub" in sys.modules
