"""Check that a deployed hub works: the hub itself, BinderHub, Docker on the build nodes, and registry credentials."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any

from hubs.check.cluster import CORE
from hubs.check.findings import CannotCheckError, Check, Result, failed, ok, unchecked, warning
from hubs.check.nodes import selects
from hubs.check.registry import Account, account_of, may_push
from hubs.clients.errors import ClientError
from hubs.clients.http import Http, HttpError
from hubs.clients.kubernetes import Cluster
from hubs.clients.oci import RefusedError, RegistryError
from hubs.settings import docker_hub
from hubs.settings.hub import Hub
from hubs.settings.stack import Stack
from hubs.values.binder_service import BASE_URL, NAME

AREA = "deployed"
APPS = "/apis/apps/v1"
# Names of the two charts' objects, with `fullnameOverride: ""`.
HUB_SECRET, TOKEN_KEY = "hub", f"hub.services.{NAME}.apiToken"
PULL_SECRET, PUSH_SECRET = "image-pull-secret", "build-pods-docker-config"
REDIRECTS = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND)
LARGEST = 1_000_000
"""Maximum number of bytes that are read from an answer."""
# A build from a provider that BinderHub does not have, so that it answers without building anything.
NO_BUILD = f"{BASE_URL}/build/preflight/none?build_only=true"


def checks(stack: Stack, cluster: Cluster, http: Http) -> list[Check]:
    """Return the checks of each hub."""
    found = []
    for hub in stack.hubs:
        client = HubClient(stack, hub, cluster, http)
        functions: dict[str, Callable[[], Iterable[Result]]] = {
            "hub": partial(_hub, client),
            "BinderHub": partial(_binder, client),
            "BinderHub's token": partial(_token, client, cluster, hub),
            "docker-api": partial(_docker_api, stack, cluster, hub),
            "credentials to push": partial(_push, stack, cluster, hub, http),
            "credentials to pull": partial(_pull, stack, cluster, hub, http),
        }
        found += [Check(AREA, f"{hub.key}: {name}", partial(_deployed, check)) for name, check in functions.items()]
    return found


def _deployed(check: Callable[[], Iterable[Result]]) -> Iterator[Result]:
    try:
        yield from check()
    except _MissingError as error:
        yield failed(str(error), "check that the last `pulumi up` succeeded")


class HubClient:
    """Sends requests to a hub at its domain, or through the API server's proxy if the cluster has no ingress."""

    def __init__(self, stack: Stack, hub: Hub, cluster: Cluster, http: Http) -> None:
        self._cluster = cluster
        self._http = http
        ingress = stack.cluster.ingress
        self._urls = []
        if ingress is not None:
            # Without an issuer the ingress has no certificate, but a proxy in front of it may have one.
            self._urls = [
                f"{scheme}://{hub.domain}" for scheme in ("https", "http")[: 1 if ingress.cluster_issuer else 2]
            ]
        self._inside = f"{CORE}/namespaces/{hub.namespace}/services/proxy-public:http/proxy"

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body. Raises CannotCheckError if there is no answer."""
        if not self._urls:
            return self._cluster.send(f"{self._inside}{path}")
        for url in self._urls[:-1]:
            try:
                return self._send(url, path)
            except HttpError:
                continue
        return self._send(self._urls[-1], path)

    def get_as(self, token: str, path: str) -> tuple[int, bytes]:
        """Return status and body of a request with `token`."""
        if not self._urls:
            # The API server uses the header itself and does not pass it on.
            raise CannotCheckError("the token can't be sent through the API server's proxy, and there is no ingress")
        return self._send(self._urls[0], path, {"Authorization": f"token {token}"})  # over HTTPS only

    def _send(self, url: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        try:
            answer = self._http.send("GET", f"{url}{path}", headers=headers, largest=LARGEST)
        except HttpError as error:
            raise HttpError(f"{url} can't be reached: {error}") from None
        return answer.status, answer.content


def _hub(client: HubClient) -> Iterable[Result]:
    try:
        status, _ = client.get("/hub/health")
    except ClientError as error:
        return [failed(str(error), "check the ingress, its certificate, and the pods `proxy` and `hub`")]
    if status == HTTPStatus.OK:
        return [ok("/hub/health answers 200")]
    return [failed(f"/hub/health answers {status}", "check the pods `proxy` and `hub` and their logs")]


def _binder(client: HubClient) -> Iterator[Result]:
    """Check BinderHub's own health report, which covers the hub and, with its credentials, the registry.

    A part with `_ignore_failure`, such as the number of pods, does not count in BinderHub's own judgement (`ok`).
    """
    status, body = client.get(f"{BASE_URL}/health")
    if status == HTTPStatus.NOT_FOUND:
        yield failed(f"the hub has no service at {BASE_URL}", "check `hub.services` in the hub's values")
        return
    try:
        health = json.loads(body)
        healthy = health["ok"] is True
        parts = [
            (str(part["service"]), bool(part["ok"]), healthy or bool(part.get("_ignore_failure")))
            for part in health["checks"]
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        todo = "check the pod `binderhub` and its log"
        yield failed(f"{BASE_URL}/health answers {status}, but not with a health report of BinderHub", todo)
        return
    for part, reachable, counts_not in parts:
        if reachable:
            yield ok(f"reaches: {part}")
        elif counts_not:
            yield warning(
                f"reports a problem that does not stop builds: {part}", "check the log of the pod `binderhub`"
            )
        else:
            yield failed(f"does not reach: {part}", "check the log of the pod `binderhub`")


def _token(client: HubClient, cluster: Cluster, hub: Hub) -> Iterator[Result]:
    """Check that BinderHub uses the token of its service at the hub, and that BinderHub accepts tokens of the hub."""
    token = _text(_secret(cluster, hub, HUB_SECRET), TOKEN_KEY)
    if not token:
        yield failed(f"the Secret {HUB_SECRET} has no key {TOKEN_KEY}", "check `hub.services` in the hub's values")
        return
    yield _reference(cluster, hub)
    status, body = client.get_as(token, "/hub/api/user")
    try:
        user = json.loads(body)
    except ValueError:
        user = None
    if status == HTTPStatus.OK and isinstance(user, dict) and (user.get("kind"), user.get("name")) == ("service", NAME):
        yield ok(f"the hub accepts the token as that of the service {NAME}")
    elif status in (HTTPStatus.OK, HTTPStatus.FORBIDDEN):
        yield failed("the hub does not accept the token", "restart the hub: it runs with another configuration")
    else:
        yield unchecked(f"the hub answers {status} to /hub/api/user")
    status, body = client.get_as(token, NO_BUILD)
    if status in (
        HTTPStatus.OK,
        HTTPStatus.FORBIDDEN,
    ):
        # BinderHub recognizes the token, whether or not its owner may build.
        yield ok("BinderHub validates the token with the hub")
    elif status in REDIRECTS:
        todo = "check `extraEnv` of BinderHub, and its log"
        yield failed("BinderHub does not accept the token and redirects to a login", todo)
    else:
        yield failed(f"BinderHub answers {status} to a request with the token", "check the log of the pod `binderhub`")


def _reference(cluster: Cluster, hub: Hub) -> Result:
    deployment = cluster.get(f"{APPS}/namespaces/{hub.namespace}/deployments/binderhub")
    if deployment is None:
        raise _MissingError(f"the namespace {hub.namespace} has no Deployment binderhub")
    containers = deployment["spec"]["template"]["spec"]["containers"]
    variables = [v for c in containers for v in c.get("env") or [] if v["name"] == "JUPYTERHUB_API_TOKEN"]
    wanted = {"name": HUB_SECRET, "key": TOKEN_KEY}
    references = [(v.get("valueFrom") or {}).get("secretKeyRef") or {} for v in variables]
    if any({key: r.get(key) for key in wanted} == wanted for r in references):
        return ok(f"BinderHub reads the token from the Secret {HUB_SECRET}")
    return failed(
        f"BinderHub does not read the token from the Secret {HUB_SECRET}", "check `extraEnv` in BinderHub's values"
    )


def _docker_api(stack: Stack, cluster: Cluster, hub: Hub) -> Iterable[Result]:
    """Check that each node for builds runs Docker, because a build uses the Docker daemon of its node."""
    selector = {**stack.user_nodes(hub).selector, **hub.build.node_selector}
    names = {n["metadata"]["name"] for n in cluster.list(f"{CORE}/nodes") if selects(selector, n)}
    label = "app.kubernetes.io/component=docker-api"
    pods = cluster.list(f"{CORE}/namespaces/{hub.namespace}/pods", labelSelector=label)
    ready = {pod["spec"].get("nodeName") for pod in pods if _ready(pod)}
    if not names:
        return [warning("the cluster has no node for builds at the moment", "ignore this if nodes scale up on demand")]
    missing = sorted(names - ready)
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        todo = f"see `kubectl -n {hub.namespace} describe daemonset docker-api`"
        return [failed(f"does not run on {len(missing)} of {len(names)} nodes for builds: {shown}", todo)]
    return [ok(f"runs on all {len(names)} nodes for builds")]


def _ready(pod: dict[str, Any]) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _push(stack: Stack, cluster: Cluster, hub: Hub, http: Http) -> Iterable[Result]:
    accounts = _accounts(stack, hub, _secret(cluster, hub, PUSH_SECRET), "config.json")
    if not accounts:
        todo = "check `buildPodsRegistryCredentials` in BinderHub's values"
        return [failed(f"the Secret {PUSH_SECRET} contains no credentials", todo)]
    return [result for account in accounts for result in may_push(account, http)]


def _pull(stack: Stack, cluster: Cluster, hub: Hub, http: Http) -> Iterable[Result]:
    if not stack.registry.pull_secret:
        return [ok("nodes pull without credentials")]
    accounts = _accounts(stack, hub, _secret(cluster, hub, PULL_SECRET), ".dockerconfigjson")
    if not accounts:
        todo = "check `imagePullSecret` in the hub's values"
        return [failed(f"the Secret {PULL_SECRET} contains no credentials", todo)]
    return [_accepted(account, http) for account in accounts]


def _accepted(account: Account, http: Http) -> Result:
    try:
        account.registry(http).log_in()
    except RefusedError as error:
        message = f"{account.host} does not accept the credentials ({error}): nodes can't pull built images"
        return failed(message, "correct the registry's secrets, and run `pulumi up`")
    except RegistryError as error:
        return unchecked(f"the login failed: {error}")
    return ok(f"{account.host} accepts the credentials")


class _MissingError(Exception):
    """An object that `pulumi up` creates is missing."""


def _secret(cluster: Cluster, hub: Hub, name: str) -> dict[str, Any]:
    secret = cluster.get(f"{CORE}/namespaces/{hub.namespace}/secrets/{name}")
    if secret is None:
        raise _MissingError(f"the namespace {hub.namespace} has no Secret {name}")
    return dict(secret.get("data") or {})


def _text(data: dict[str, Any], key: str) -> str:
    try:
        return base64.b64decode(data.get(key) or "").decode()
    except (binascii.Error, ValueError):
        return ""


def _accounts(stack: Stack, hub: Hub, data: dict[str, Any], key: str) -> list[Account]:
    """Return the accounts of a Docker configuration: `{"auths": {"https://host": {"auth": base64(name:password)}}}`."""
    accounts = []
    try:
        for server, login in json.loads(_text(data, key))["auths"].items():
            host = docker_hub.image_host((server.partition("://")[2] or server).partition("/")[0])
            if "auth" in login:
                name, _, password = base64.b64decode(login["auth"], validate=True).decode().partition(":")
            else:
                name, password = login["username"], login["password"]
            here = account_of(stack, hub, name, password)
            accounts.append(here if here.host == host else Account(host, here.prefix, name, password))
    except (ValueError, LookupError, TypeError, AttributeError):
        return []
    return accounts
