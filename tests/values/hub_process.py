"""Do what the chart's hub does with values before a server starts: load its config and run `hub.extraConfig`."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from kubernetes.utils import parse_quantity
from kubernetes_asyncio.client import ApiClient
from kubespawner import KubeSpawner
from traitlets.config import Config

from hubs.page.chart import Values, merge, translate
from hubs.preview.values import placeholder_values
from tests.repository import Repository
from tests.values.hub_database import Database


@dataclass
class HubProcess:
    """A hub's config, and spawners that use it."""

    config: Config
    values: dict[str, Any]
    database: Database

    def spawner(self, *groups: str, admin: bool = False, options: dict[str, Any] | None = None) -> Any:
        """Return the KubeSpawner of a user in these groups, with the user's choices on the page."""
        user = SimpleNamespace(
            name="ada",
            admin=admin,
            orm_user=self.database.user("ada", groups, admin=admin),
            groups=[SimpleNamespace(name=group) for group in groups],
            url="/user/ada/",
            id=1,
            escaped_name="ada",
        )
        spawner = KubeSpawner(config=self.config, user=user, _mock=True)
        spawner.user_options = options or {}
        return spawner

    def profiles(self, *groups: str) -> list[dict[str, Any]]:
        """Return the profiles that a user in these groups can choose from."""
        spawner = self.spawner(*groups)
        found: list[dict[str, Any]] = (
            spawner.profile_list(spawner) if callable(spawner.profile_list) else spawner.profile_list
        )
        return found

    async def pod(self, *groups: str, admin: bool = False, options: dict[str, Any] | None = None) -> Any:
        """Return the pod of a server as the JSON that is sent to Kubernetes."""
        spawner = self.spawner(*groups, admin=admin, options=options)
        await spawner.load_user_options()
        pod = await spawner.modify_pod_hook(spawner, await spawner.get_pod_manifest())
        async with ApiClient() as client:
            return client.sanitize_for_serialization(pod)


def hub_process(repository: Repository, monkeypatch: pytest.MonkeyPatch, key: str = "ocean/prod") -> HubProcess:
    """The hub `key` as the chart's jupyterhub_config.py configures it."""
    return hub_of(placeholder_values(repository.load(), key)["jupyterhub"].data, monkeypatch)


def hub_of(values: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> HubProcess:
    """A hub with these values of the jupyterhub chart."""
    values = json.loads(json.dumps(values))
    for name in ("load_config", "shared_client"):  # access to Kubernetes, which these tests do not use
        monkeypatch.setattr(f"kubespawner.spawner.{name}", lambda *_, **__: None)
    read = Values(merge(values, {"Release": {"Name": "ocean-prod", "Namespace": "ocean-prod"}}))
    chart = ModuleType("z2jh")
    chart.get_config = read.get  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "z2jh", chart)
    sections = translate(read, lambda key: f"[{key}]")
    # The keys here are no real ones.
    config = Config({name: options for name, options in sections.items() if name != "CryptKeeper"})
    for _, code in sorted(values["hub"]["extraConfig"].items()):
        exec(code, {"c": config, "get_config": read.get})
    return HubProcess(config, values, Database(values))


def selections(profiles: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield every selection that a person can make, with `typed:1` as the value that is typed."""
    for profile in profiles:
        menus = []
        for name, option in profile.get("profile_options", {}).items():
            menu = [{name: key} for key in option.get("choices", {})]
            typed = option.get("unlisted_choice", {})
            if typed.get("enabled") and re.match(typed.get("validation_regex", ""), "typed:1"):
                menu.append({f"{name}--unlisted-choice": "typed:1"})
            menus.append(menu or [{}])
        for chosen in itertools.product(*menus):
            yield {"profile": profile["slug"], **{key: value for one in chosen for key, value in one.items()}}


def refusals(hub: HubProcess, *groups: str) -> list[str]:
    """Return why servers do not start, for every selection that a person in these groups can make: what the real
    KubeSpawner raises, or what Kubernetes does not accept in the pod that it makes."""
    return asyncio.run(_refusals(hub, groups))


async def _refusals(hub: HubProcess, groups: tuple[str, ...]) -> list[str]:
    found = []
    spawner = hub.spawner(*groups)
    profiles = spawner._get_initialized_profile_list(hub.profiles(*groups))
    for options in [{}, *selections(profiles)]:
        try:
            pod = await hub.pod(*groups, options=options)
        except Exception as error:  # whatever stops KubeSpawner
            found.append(f"{options}: {type(error).__name__}: {error}")
        else:
            found += [f"{options}: {problem}" for problem in pod_problems(pod)]
    return found


def pod_problems(pod: Any) -> Iterator[str]:
    """Yield what Kubernetes refuses in a pod, as far as profiles and settings can cause it."""
    spec = pod["spec"]
    containers = [*spec["containers"], *(spec.get("initContainers") or [])]
    for kind, names in (
        ("container", [container["name"] for container in containers]),
        ("volume", [volume["name"] for volume in spec.get("volumes") or []]),
    ):
        yield from (f"two {kind}s are called {name}" for name in set(names) if names.count(name) > 1)
    for container in containers:
        mounts = container.get("volumeMounts") or []
        paths = [mount["mountPath"] for mount in mounts]
        yield from (f"two mounts at {path}" for path in set(paths) if paths.count(path) > 1)
        volumes = [volume["name"] for volume in spec.get("volumes") or []]
        yield from (f"no volume {mount['name']}" for mount in mounts if mount["name"] not in volumes)
        for variable in container.get("env") or []:
            if not isinstance(variable.get("value", ""), str):
                yield f"{variable['name']} is not text"
        yield from _resource_problems(container.get("resources") or {})


def _resource_problems(resources: dict[str, Any]) -> Iterator[str]:
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    amounts = {
        name: [parse_quantity(str(found[name])) for found in (requests, limits) if name in found]  # type: ignore[no-untyped-call]
        for name in {*limits, *requests}
    }
    for name, found in amounts.items():
        if any(amount < 0 for amount in found):
            yield f"{name} is negative"
        if len(found) == 2 and found[0] > found[1]:
            yield f"{name}: {found[0]} is more than the limit {found[1]}"
        if "/" in name and (name not in limits or found[0] != found[-1]):
            yield f"{name}: limit and request differ"
