"""Limits of builds: what they may use of a node, how many and how long, and from which repositories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hubs.settings.build import PROVIDERS, Amounts, PodResources, expressions
from hubs.settings.hub import Hub
from hubs.settings.sizes import amount
from hubs.settings.stack import Stack
from hubs.values.provenance import reads

_SNIPPETS = Path(__file__).parent / "in_binderhub"

_GIB = 2**30
_MARGIN = 2 * _GIB
"""Bytes on the node's disk that the Docker daemon may use besides its cache: its log, and files of its container."""

DOCKER = PodResources.model_validate(
    {
        # The daemon runs on every user node, for every hub: what it reserved, no server could use.
        "requests": {"cpu": "10m", "memory": "32Mi"},
        "limits": {"cpu": "4", "memory": "8Gi"},
    }
)
POD = PodResources.model_validate(
    {
        "requests": {"cpu": "100m", "memory": "512Mi"},
        "limits": {"cpu": "1", "memory": "2Gi", "ephemeral-storage": "2Gi"},
    }
)


@reads("build.docker_resources", "build.pod_resources", "cluster.build_cache")
def resources(stack: Stack, hub: Hub) -> dict[str, Any]:
    """Resources of the Docker daemon and of build pods."""
    docker = pod_resources(hub.build.docker_resources, DOCKER)
    if "ephemeral-storage" not in docker["limits"] and stack.cluster.build_cache is not None:
        # The kubelet counts the cache, an emptyDir, too.
        room = int(amount(stack.cluster.build_cache)) + _MARGIN
        docker["limits"]["ephemeral-storage"] = f"{-(-room // 2**20)}Mi"
    pod = pod_resources(hub.build.pod_resources, POD)
    for found in (docker, pod):
        # Without a request, Kubernetes would reserve the limit. Some clusters' nodes report no room at all.
        found["requests"].setdefault("ephemeral-storage", "0")
    return {"dockerApi": {"resources": docker}, "config": {"KubernetesBuildExecutor": {"resources": pod}}}


def pod_resources(written: PodResources, default: PodResources) -> dict[str, Any]:
    """Return Kubernetes' `resources`: as written, else the default, which gives way to a written limit or request."""
    requests, limits = _amounts(written.requests), _amounts(written.limits)
    for name, most in _amounts(default.limits).items():
        if name not in limits and not (name in requests and amount(requests[name]) > amount(most)):
            limits[name] = most
    for name, usual in _amounts(default.requests).items():
        low = name in limits and amount(limits[name]) < amount(usual)
        requests.setdefault(name, limits[name] if low else usual)
    return {"requests": requests, "limits": limits}


def _amounts(amounts: Amounts) -> dict[str, str]:
    return {name: value for name, value in amounts.model_dump(by_alias=True).items() if value is not None}


@reads("build.concurrent_build_limit", "build.max_age")
def how_many(hub: Hub) -> dict[str, Any]:
    """How many builds run at once, and how long one may take."""
    return {
        "config": {
            "BinderHub": {"concurrent_build_limit": hub.build.concurrent_build_limit},
            "KubernetesCleaner": {"max_age": hub.build.max_age},
        }
    }


@reads("build.repo_providers", "build.allowed_specs", "build.banned_specs", "build.private_repositories")
def repositories(hub: Hub) -> dict[str, Any]:
    """From where images may be built, and what."""
    build = hub.build
    config: dict[str, Any] = {
        "BinderHub": {"repo_providers": {prefix: PROVIDERS[prefix] for prefix in build.repo_providers}}
    }
    if build.allowed_specs:
        config["RepoProvider"] = {"allowed_specs": list(expressions(build.allowed_specs))}
    if build.banned_specs:
        banned = list(expressions(build.banned_specs))
        config.setdefault("RepoProvider", {})["banned_specs"] = banned
        # BinderHub compares what was requested, and GitHub decodes it: `a%62c` is the owner `abc`.
        config["GitHubRepoProvider"] = {"banned_specs": [*banned, "[^/]*(/[^/]*)?%"]}
    if not build.private_repositories:
        # BinderHub would give the token for look-ups to git as well.
        config.setdefault("GitHubRepoProvider", {})["git_credentials"] = ""
    return {"config": config, "extraConfig": {"imagebuilding-repositories": _snippet("repositories")}}


def closed() -> dict[str, Any]:
    """What BinderHub answers to people who are not logged in: nothing but whether it works."""
    return {"extraConfig": {"imagebuilding-access": _snippet("access")}}


@reads("secrets.build")
def github_token(hub: Hub) -> dict[str, Any]:
    """The token for GitHub's API."""
    token = hub.secrets.build.github_token
    return {} if token is None else {"config": {"GitHubRepoProvider": {"access_token": token}}}


@reads("registry")
def docker_arguments(stack: Stack) -> dict[str, Any]:
    """Arguments of the Docker daemon: steps of different builds can't connect to each other."""
    arguments = ["--icc=false"]
    if stack.registry.url.startswith("http://"):
        # The registry of a demonstration
        arguments.append(f"--insecure-registry={stack.registry.host}")
    return {"dockerApi": {"extraArgs": arguments}}


def _snippet(name: str) -> str:
    return (_SNIPPETS / f"{name}.py").read_text(encoding="utf-8")
