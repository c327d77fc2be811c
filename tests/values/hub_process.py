"""Do what the chart's hub does with values before a server starts: load its config and run `hub.extraConfig`."""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from kubernetes_asyncio.client import ApiClient
from kubespawner import KubeSpawner
from traitlets.config import Config

from hubs.preview.values import placeholder_values
from tests.repository import Repository


@dataclass
class HubProcess:
    """A hub's config, and spawners that use it."""

    config: Config
    values: dict[str, Any]

    def spawner(self, *groups: str, admin: bool = False, options: dict[str, Any] | None = None) -> Any:
        """Return the KubeSpawner of a user in these groups, with the user's choices on the page."""
        user = SimpleNamespace(
            name="ada",
            admin=admin,
            groups=[SimpleNamespace(name=group) for group in groups],
            url="/user/ada/",
            id=1,
            escaped_name="ada",
        )
        spawner = KubeSpawner(config=self.config, _mock=True)
        spawner.user = user
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
    """The hub `key` as the chart's jupyterhub_config.py configures it (zero-to-jupyterhub-k8s, files/hub)."""
    # Helm sorts the keys of mappings.
    values = json.loads(json.dumps(placeholder_values(repository.load(), key)["jupyterhub"].data, sort_keys=True))

    def get_config(path: str, default: Any = None) -> Any:
        found: Any = values
        for step in path.split("."):
            if not isinstance(found, dict) or step not in found:
                return default
            found = found[step]
        return found

    for name in ("load_config", "shared_client"):  # access to Kubernetes, which these tests do not use
        monkeypatch.setattr(f"kubespawner.spawner.{name}", lambda *_, **__: None)
    chart = ModuleType("z2jh")
    chart.get_config = get_config  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "z2jh", chart)
    # The Secret of the chart has the others: cookie_secret and keys.
    config = Config(
        {name: options for name, options in deepcopy(values["hub"]["config"]).items() if name != "CryptKeeper"}
    )
    single = values["singleuser"]
    config.KubeSpawner.image = f"{single['image']['name']}:{single['image']['tag']}"
    config.KubeSpawner.profile_list = deepcopy(single["profileList"])
    storage = single["storage"]
    mounts, volumes = list(storage["extraVolumeMounts"]), list(storage["extraVolumes"])
    if storage["type"] == "static":
        volumes.append({"name": "home", "persistentVolumeClaim": {"claimName": storage["static"]["pvcName"]}})
        mounts.insert(
            0, {"name": "home", "mountPath": storage["homeMountPath"], "subPath": storage["static"]["subPath"]}
        )
    config.KubeSpawner.volumes, config.KubeSpawner.volume_mounts = volumes, mounts
    if "serviceAccountName" in single:
        config.KubeSpawner.service_account = single["serviceAccountName"]
    for section in ("KubeSpawner", "JupyterHub"):
        config[section].update(deepcopy(values["hub"]["config"].get(section, {})))
    for _, code in sorted(values["hub"]["extraConfig"].items()):
        exec(code, {"c": config, "get_config": get_config})
    return HubProcess(config, values)
