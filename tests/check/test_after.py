"""Checks of a deployment: the hub, BinderHub and its token, docker-api, and the credentials in the cluster."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from hubs.check import after
from hubs.check.findings import Finding, Status
from hubs.check.run import run
from hubs.clients.http import Http
from hubs.clients.kubernetes import Cluster
from hubs.settings.stack import Stack
from tests.doubles.kubernetes import KubernetesDouble
from tests.doubles.registry import Account, RegistryDouble
from tests.doubles.server import Double, Reply, Request

Make = Callable[..., Stack]
TOKEN, PASSWORD = "MARKER-hub-token-4", "MARKER-password-1"
DEPLOYMENTS = "/apis/apps/v1/deployments"
ENVIRONMENT = {
    "name": "JUPYTERHUB_API_TOKEN",
    "valueFrom": {"secretKeyRef": {"name": "hub", "key": "hub.services.binder.apiToken"}},
}


class HubDouble(Double):
    """A stand-in for JupyterHub with BinderHub that answers the requests of the checks."""

    def __init__(self) -> None:
        super().__init__()
        self.token = TOKEN
        self.health = {
            "ok": True,
            "checks": [{"service": s, "ok": True} for s in ("Docker registry", "JupyterHub API", "Pod quota")],
        }
        self.replies: dict[str, Reply] = {}

    def answer(self, request: Request) -> Reply:
        if request.path in self.replies:
            return self.replies[request.path]
        if request.path == "/hub/health":
            return Reply(200, b"")
        if request.path == "/services/binder/health":
            return Reply(200 if self.health["ok"] else 503, self.health)
        known = request.headers.get("authorization") == f"token {self.token}"
        if request.path == "/hub/api/user":
            return Reply(200, {"kind": "service", "name": "binder"}) if known else Reply(403, {"status": 403})
        assert request.path == "/services/binder/build/preflight/none", "nothing may be built"
        if not known:
            return Reply(302, b"", {"Location": "/hub/api/oauth2/authorize"})
        return Reply(200, b'data: {"phase": "failed"}\n\n', {"Content-Type": "text/event-stream"})


class ByDomain(httpx.BaseTransport):
    """Sends requests for the hub's domain to the stand-in."""

    def __init__(self, hub: HubDouble) -> None:
        self._hub = hub
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "ocean.example.org":
            assert request.url.scheme == "https" or "authorization" not in request.headers, "a token in the open"
            request.url = httpx.URL(f"{self._hub.url}{request.url.raw_path.decode()}")
        return self._inner.handle_request(request)


@dataclass
class World:
    """A cluster with the hub's objects, the hub itself, and the registry."""

    cluster: KubernetesDouble
    hub: HubDouble
    registry: RegistryDouble
    http: Http
    settings: dict[str, Any] = field(default_factory=dict)

    def look(self, make_stack: Make, **changes: Any) -> dict[str, list[Finding]]:
        stack = make_stack(**{**self.settings, **changes})
        found: dict[str, list[Finding]] = {}
        cluster = Cluster("rig", self.cluster.kubeconfig())
        for finding in run(after.checks(stack, cluster, self.http), set(), lambda _: None):
            found.setdefault(finding.subject.partition(": ")[2], []).append(finding)
        assert "MARKER" not in str(found)
        return found

    def secret(self, name: str, **data: str) -> None:
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        self.cluster.create("/api/v1/secrets", {"metadata": {"name": name, "namespace": "ocean-prod"}, "data": encoded})

    def logins(self, password: str) -> str:
        auth = base64.b64encode(f"ocean+builder:{password}".encode()).decode()
        return json.dumps({"auths": {self.registry.url: {"auth": auth}}})

    def pod(self, node: str, ready: str = "True") -> None:
        metadata = {
            "name": f"docker-api-{node}",
            "namespace": "ocean-prod",
            "labels": {"app.kubernetes.io/component": "docker-api"},
        }
        status = {"conditions": [{"type": "Ready", "status": ready}]}
        self.cluster.create("/api/v1/pods", {"metadata": metadata, "spec": {"nodeName": node}, "status": status})

    def deployment(self, *environment: dict[str, Any]) -> None:
        spec = {"template": {"spec": {"containers": [{"name": "binderhub", "env": list(environment)}]}}}
        self.cluster.create(DEPLOYMENTS, {"metadata": {"name": "binderhub", "namespace": "ocean-prod"}, "spec": spec})


@pytest.fixture
def world() -> Iterator[World]:
    with (
        KubernetesDouble() as cluster,
        HubDouble() as hub,
        RegistryDouble() as registry,
        httpx.Client(transport=ByDomain(hub), timeout=2) as client,
    ):
        own = {"type": "oci", "host": registry.host, "prefix": "ocean", "insecure": True}
        settings = {"registry": own, "cluster": {"ingress": {"class_name": "nginx"}}}
        world = World(cluster, hub, registry, Http(client), settings)
        registry.organizations.add("ocean")
        registry.accounts["ocean+builder"] = Account(PASSWORD, push=["ocean/"])
        for name in ("user-1", "user-2"):
            labels = {"hub.jupyter.org/node-purpose": "user"}
            cluster.create("/api/v1/nodes", {"metadata": {"name": name, "labels": labels}})
            world.pod(name)
        world.deployment(ENVIRONMENT)
        world.secret("hub", **{"hub.services.binder.apiToken": TOKEN})
        world.secret("image-pull-secret", **{".dockerconfigjson": world.logins(PASSWORD)})
        world.secret("build-pods-docker-config", **{"config.json": world.logins(PASSWORD)})
        yield world


def test_all_is_well(world: World, make_stack: Make) -> None:
    found = world.look(make_stack)
    assert {f.status for findings in found.values() for f in findings} == {Status.OK}, found
    names = {"hub", "BinderHub", "BinderHub's token", "docker-api", "credentials to push", "credentials to pull"}
    assert set(found) == names
    assert {r.method for double in (world.hub, world.cluster, world.registry) for r in double.requests} == {"GET"}


@pytest.mark.parametrize(
    ("path", "reply", "subject", "says"),
    [
        ("/hub/health", Reply(503, b""), "hub", "/hub/health answers 503"),
        ("/services/binder/health", Reply(404, b""), "BinderHub", "the hub has no service at /services/binder"),
        (
            "/services/binder/health",
            Reply(503, b"<html>Service Unavailable"),
            "BinderHub",
            "not with a health report of BinderHub",
        ),
        ("/services/binder/health", Reply(200, b'{"checks": 7}'), "BinderHub", "not with a health report of BinderHub"),
        ("/services/binder/build/preflight/none", Reply(500, b""), "BinderHub's token", "answers 500"),
        (
            "/hub/api/user",
            Reply(200, {"kind": "user", "name": "ada"}),
            "BinderHub's token",
            "does not accept the token",
        ),
    ],
)
def test_a_part_that_does_not_work(
    world: World, make_stack: Make, slept: list[float], path: str, reply: Reply, subject: str, says: str
) -> None:
    world.hub.replies[path] = reply
    found = world.look(make_stack)
    failures = [f for findings in found.values() for f in findings if f.status is Status.FAILED]
    assert [(f.subject, says in f.message) for f in failures] == [(f"ocean/prod: {subject}", True)]


def test_binderhub_tells_what_it_does_not_reach(world: World, make_stack: Make, slept: list[float]) -> None:
    world.hub.health = {"ok": False, "checks": [{"service": "Docker registry", "ok": False}]}
    finding = world.look(make_stack)["BinderHub"][0]
    assert (finding.status, finding.message) == (Status.FAILED, "does not reach: Docker registry")


@pytest.mark.parametrize("healthy", [True, False])
def test_what_binderhub_does_not_count_is_no_failure(
    world: World, make_stack: Make, slept: list[float], healthy: bool
) -> None:
    """BinderHub marks the quota of pods this way, and answers 200 if only that is exceeded."""
    quota = {"service": "Pod quota", "ok": False, "_ignore_failure": True}
    world.hub.health = {"ok": healthy, "checks": [quota, {"service": "JupyterHub API", "ok": healthy}]}
    found = world.look(make_stack)["BinderHub"]
    assert [f.status for f in found] == [Status.WARNING, Status.OK if healthy else Status.FAILED]


def test_another_token_than_the_hubs(world: World, make_stack: Make) -> None:
    world.hub.token = "other"
    found = world.look(make_stack)["BinderHub's token"]
    assert [f.status for f in found] == [Status.OK, Status.FAILED, Status.FAILED]
    assert "redirects to a login" in found[2].message


def test_a_token_that_is_not_taken_from_the_hub(world: World, make_stack: Make) -> None:
    world.deployment({"name": "JUPYTERHUB_API_TOKEN", "value": TOKEN})
    assert world.look(make_stack)["BinderHub's token"][0].status is Status.FAILED
    world.secret("hub")
    assert "has no key hub.services.binder.apiToken" in world.look(make_stack)["BinderHub's token"][0].message


def test_a_node_without_docker(world: World, make_stack: Make) -> None:
    world.pod("user-2", ready="False")
    finding = world.look(make_stack)["docker-api"][0]
    assert (finding.status, "on 1 of 2 nodes for builds: user-2" in finding.message) == (Status.FAILED, True)


def test_only_nodes_where_builds_run_need_docker(world: World, make_stack: Make) -> None:
    selector = {"node_selector": {"size": "large"}}
    finding = world.look(make_stack, community={"build": selector})["docker-api"][0]
    assert finding.status is Status.WARNING


def test_credentials_that_the_registry_refuses(world: World, make_stack: Make) -> None:
    world.secret("image-pull-secret", **{".dockerconfigjson": world.logins("MARKER-old")})
    world.secret("build-pods-docker-config", **{"config.json": world.logins("MARKER-old")})
    found = world.look(make_stack)
    assert found["credentials to pull"][0].status is Status.FAILED
    assert "wrong password" in found["credentials to push"][-1].message


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"auths": {"https://x": {"auth": "%%%"}}}', '{"auths": []}'])
def test_credentials_that_are_none(world: World, make_stack: Make, content: str) -> None:
    world.secret("build-pods-docker-config", **{"config.json": content})
    assert "contains no credentials" in world.look(make_stack)["credentials to push"][0].message


def test_nodes_that_need_no_pull_secret(world: World, make_stack: Make) -> None:
    own = {**world.settings["registry"], "pull_secret": False}
    assert world.look(make_stack, registry=own)["credentials to pull"][0].message == "nodes pull without credentials"


def test_nothing_deployed_yet(world: World, make_stack: Make) -> None:
    world.cluster.objects.clear()
    found = world.look(make_stack)
    assert found["BinderHub's token"][0].status is Status.FAILED
    assert "the namespace ocean-prod has no Secret hub" in found["BinderHub's token"][0].message
    assert found["hub"][0].status is Status.OK


def test_without_an_ingress_the_hub_is_asked_through_the_api_server(world: World, make_stack: Make) -> None:
    found = world.look(make_stack, cluster={})
    inside = "/api/v1/namespaces/ocean-prod/services/proxy-public:http/proxy"
    asked = {request.path for request in world.cluster.asked("proxy-public")}
    assert asked == {f"{inside}/hub/health", f"{inside}/services/binder/health"}
    assert found["BinderHub's token"][-1].status is Status.UNCHECKED
    assert world.hub.requests == []


def test_a_hub_that_is_not_there(world: World, make_stack: Make, slept: list[float]) -> None:
    issuer = {"ingress": {"class_name": "nginx", "cluster_issuer": "letsencrypt"}}
    world.http = Http(httpx.Client(transport=httpx.MockTransport(refuse)))
    found = world.look(make_stack, cluster=issuer)
    assert found["hub"][0].status is Status.FAILED
    assert found["BinderHub"][0].status is Status.UNCHECKED
    assert found["docker-api"][0].status is Status.OK


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("certificate verify failed", request=request)
