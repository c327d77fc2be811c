"""Does what was deployed work? Asked of the hub, of BinderHub behind it, of the cluster, and of the registry."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any

from hubs.check.cluster import CORE, selects
from hubs.check.findings import CannotCheckError, Check, Result, failed, ok, unchecked, warning
from hubs.check.registry import Account, account_of, may_push
from hubs.clients.errors import ClientError
from hubs.clients.http import Http, HttpError
from hubs.clients.kubernetes import Cluster
from hubs.clients.oci import RefusedError, RegistryError
from hubs.settings.hub import Hub
from hubs.settings.stack import Stack
from hubs.values.binder_service import BASE_URL, NAME

AREA = "deployed"
APPS = "/apis/apps/v1"
# Names that the two charts give, with `fullnameOverride: ""`.
HUB_SECRET, TOKEN_KEY = "hub", f"hub.services.{NAME}.apiToken"
PULL_SECRET, PUSH_SECRET = "image-pull-secret", "build-pods-docker-config"
REDIRECTS = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND)
LARGEST = 1_000_000
"""Bytes of an answer that are read."""
# A repository of no kind that BinderHub knows: it answers, and builds nothing.
NO_BUILD = f"{BASE_URL}/build/preflight/none?build_only=true"


def checks(stack: Stack, cluster: Cluster, http: Http) -> list[Check]:
    """Of each hub."""
    found = []
    for hub in stack.hubs:
        front = Front(stack, hub, cluster, http)
        looks: dict[str, Callable[[], Iterable[Result]]] = {
            "hub": partial(_hub, front),
            "BinderHub": partial(_binder, front),
            "BinderHub's token": partial(_token, front, cluster, hub),
            "docker-api": partial(_docker_api, stack, cluster, hub),
            "credentials to push": partial(_push, stack, cluster, hub, http),
            "credentials to pull": partial(_pull, stack, cluster, hub, http),
        }
        found += [Check(AREA, f"{hub.key}: {what}", partial(_deployed, look)) for what, look in looks.items()]
    return found


def _deployed(look: Callable[[], Iterable[Result]]) -> Iterator[Result]:
    try:
        yield from look()
    except _MissingError as error:
        yield failed(str(error), "see whether `pulumi up` went through")


class Front:
    """A hub as people reach it: by its domain, or where the cluster has no ingress by the API server's proxy."""

    def __init__(self, stack: Stack, hub: Hub, cluster: Cluster, http: Http) -> None:
        self._cluster = cluster
        self._http = http
        ingress = stack.cluster.ingress
        self._urls = []
        if ingress is not None:
            # Without an issuer the ingress has no certificate of its own, though something before it may have one.
            self._urls = [
                f"{scheme}://{hub.domain}" for scheme in ("https", "http")[: 1 if ingress.cluster_issuer else 2]
            ]
        self._inside = f"{CORE}/namespaces/{hub.namespace}/services/proxy-public:http/proxy"

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body. Raises ClientError if there is no answer."""
        if not self._urls:
            return self._cluster.send(f"{self._inside}{path}")
        for url in self._urls[:-1]:
            try:
                return self._send(url, path)
            except HttpError:
                continue
        return self._send(self._urls[-1], path)

    def get_as(self, token: str, path: str) -> tuple[int, bytes]:
        """The same, as who has `token`."""
        if not self._urls:
            # The API server takes the header for itself.
            raise CannotCheckError("without an ingress there is no way to the hub that leaves a token alone")
        return self._send(self._urls[0], path, {"Authorization": f"token {token}"})  # encrypted, or not at all

    def _send(self, url: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        try:
            answer = self._http.send("GET", f"{url}{path}", headers=headers, largest=LARGEST)
        except HttpError as error:
            raise HttpError(f"{url} can't be reached: {error}") from None
        return answer.status, answer.content


def _hub(front: Front) -> Iterable[Result]:
    try:
        status, _ = front.get("/hub/health")
    except ClientError as error:
        return [failed(str(error), "look at the ingress, its certificate, and the pods `proxy` and `hub`")]
    if status == HTTPStatus.OK:
        return [ok("answers /hub/health")]
    return [failed(f"answers {status} to /hub/health", "look at the pods `proxy` and `hub` and their logs")]


def _binder(front: Front) -> Iterator[Result]:
    """BinderHub's own health: it says itself whether it reaches the hub and, with its credentials, the registry."""
    status, body = front.get(f"{BASE_URL}/health")
    if status == HTTPStatus.NOT_FOUND:
        yield failed(f"the hub knows no {BASE_URL}", "look at `hub.services` in the hub's values")
        return
    try:
        health = json.loads(body)
        parts = [(str(part["service"]), bool(part["ok"])) for part in health["checks"]]
    except (ValueError, LookupError, TypeError):
        todo = "look at the pod `binderhub` and its log"
        yield failed(f"answers {status} to {BASE_URL}/health, and not as BinderHub does", todo)
        return
    for part, well in parts:
        if well:
            yield ok(f"reaches: {part}")
        else:
            yield failed(f"does not reach: {part}", "look at the log of the pod `binderhub`")


def _token(front: Front, cluster: Cluster, hub: Hub) -> Iterator[Result]:
    """Is the token that BinderHub was given the one that the hub knows it by, and does BinderHub ask the hub?"""
    token = _text(_secret(cluster, hub, HUB_SECRET), TOKEN_KEY)
    if not token:
        yield failed(f"the Secret {HUB_SECRET} has no {TOKEN_KEY}", "look at `hub.services` in the hub's values")
        return
    yield _reference(cluster, hub)
    status, body = front.get_as(token, "/hub/api/user")
    try:
        who = json.loads(body)
    except ValueError:
        who = None
    if status == HTTPStatus.OK and isinstance(who, dict) and (who.get("kind"), who.get("name")) == ("service", NAME):
        yield ok(f"the hub knows it as that of the service {NAME}")
    elif status in (HTTPStatus.OK, HTTPStatus.FORBIDDEN):
        yield failed("the hub does not know it", "restart the hub: it runs with another configuration")
    else:
        yield unchecked(f"the hub answers {status} to /hub/api/user")
    status, body = front.get_as(token, NO_BUILD)
    if status in (HTTPStatus.OK, HTTPStatus.FORBIDDEN):  # it knows the token, and may or may not let it build
        yield ok("BinderHub asks the hub whom it belongs to")
    elif status in REDIRECTS:
        yield failed("BinderHub does not know it: it asks for a login", "look at BinderHub's `extraEnv`, and its log")
    else:
        yield failed(f"BinderHub answers {status} to a request with it", "look at the log of the pod `binderhub`")


def _reference(cluster: Cluster, hub: Hub) -> Result:
    deployment = cluster.get(f"{APPS}/namespaces/{hub.namespace}/deployments/binderhub")
    if deployment is None:
        raise _MissingError(f"there is no Deployment binderhub in {hub.namespace}")
    containers = deployment["spec"]["template"]["spec"]["containers"]
    variables = [v for c in containers for v in c.get("env") or [] if v["name"] == "JUPYTERHUB_API_TOKEN"]
    wanted = {"name": HUB_SECRET, "key": TOKEN_KEY}
    references = [(v.get("valueFrom") or {}).get("secretKeyRef") or {} for v in variables]
    if any({key: r.get(key) for key in wanted} == wanted for r in references):
        return ok(f"BinderHub takes it from the Secret {HUB_SECRET}")
    return failed(
        f"BinderHub does not take it from the Secret {HUB_SECRET}", "look at `extraEnv` in BinderHub's values"
    )


def _docker_api(stack: Stack, cluster: Cluster, hub: Hub) -> Iterable[Result]:
    """Builds use the Docker of their own node, so each node where builds run needs one."""
    selector = {**stack.user_nodes(hub).selector, **hub.build.node_selector}
    names = {n["metadata"]["name"] for n in cluster.list(f"{CORE}/nodes") if selects(selector, n)}
    label = "app.kubernetes.io/component=docker-api"
    pods = cluster.list(f"{CORE}/namespaces/{hub.namespace}/pods", labelSelector=label)
    ready = {pod["spec"].get("nodeName") for pod in pods if _ready(pod)}
    if not names:
        return [warning("there is no node for builds at the moment", "fine if nodes are made when needed")]
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
        return [
            failed(f"the Secret {PUSH_SECRET} has none", "look at `buildPodsRegistryCredentials` in BinderHub's values")
        ]
    return [result for account in accounts for result in may_push(account, http)]


def _pull(stack: Stack, cluster: Cluster, hub: Hub, http: Http) -> Iterable[Result]:
    if not stack.registry.pull_secret:
        return [ok("nodes pull without")]
    accounts = _accounts(stack, hub, _secret(cluster, hub, PULL_SECRET), ".dockerconfigjson")
    if not accounts:
        return [failed(f"the Secret {PULL_SECRET} has none", "look at `imagePullSecret` in the hub's values")]
    return [_accepted(account, http) for account in accounts]


def _accepted(account: Account, http: Http) -> Result:
    try:
        account.registry(http).log_in()
    except RefusedError as error:
        message = f"{account.host} does not accept them ({error}): nodes can't pull what was built"
        return failed(message, "correct the registry's secrets, and run `pulumi up`")
    except RegistryError as error:
        return unchecked(f"logging in: {error}")
    return ok(f"{account.host} accepts them")


class _MissingError(Exception):
    """What `pulumi up` makes is not there."""


def _secret(cluster: Cluster, hub: Hub, name: str) -> dict[str, Any]:
    secret = cluster.get(f"{CORE}/namespaces/{hub.namespace}/secrets/{name}")
    if secret is None:
        raise _MissingError(f"there is no Secret {name} in {hub.namespace}")
    return dict(secret.get("data") or {})


def _text(data: dict[str, Any], key: str) -> str:
    try:
        return base64.b64decode(data.get(key) or "").decode()
    except (binascii.Error, ValueError):
        return ""


def _accounts(stack: Stack, hub: Hub, data: dict[str, Any], key: str) -> list[Account]:
    """The logins of a Docker configuration (`{"auths": {"https://host": {"auth": base64 of name:password}}}`)."""
    accounts = []
    try:
        for server, login in json.loads(_text(data, key))["auths"].items():
            host = (server.partition("://")[2] or server).partition("/")[0]
            if "auth" in login:
                name, _, password = base64.b64decode(login["auth"], validate=True).decode().partition(":")
            else:
                name, password = login["username"], login["password"]
            here = account_of(stack, hub, name, password)
            accounts.append(here if here.host == host else Account(host, here.prefix, name, password))
    except (ValueError, LookupError, TypeError, AttributeError):
        return []
    return accounts
