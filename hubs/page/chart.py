"""Translate the jupyterhub chart's values to JupyterHub's configuration, by the chart's own rules.

Sources of the rules: the chart's configuration reference, and the code that the chart mounts into its hub pod.
These are pure functions: values in, configuration sections out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hubs.page.defaults import DEFAULTS
from hubs.page.errors import LocalHubError
from hubs.settings.kubespawner import CHART

Sections = dict[str, dict[str, Any]]

# Traits of JupyterHub that the chart sets from a value of `hub`.
_HUB = {
    "concurrent_spawn_limit": "concurrentSpawnLimit",
    "active_server_limit": "activeServerLimit",
    "base_url": "baseUrl",
    "allow_named_servers": "allowNamedServers",
    "named_server_limit_per_user": "namedServerLimitPerUser",
    "authenticate_prometheus": "authenticatePrometheus",
    "redirect_to_server": "redirectToServer",
    "shutdown_on_logout": "shutdownOnLogout",
    "template_paths": "templatePaths",
    "template_vars": "templateVars",
}
# Traits of KubeSpawner that the chart sets from a value of `singleuser`. A null is a value of the one that is left out.
_SINGLEUSER = {trait: path for trait, path in CHART.items() if trait != "allow_privilege_escalation"}
# Traits that the chart sets from its Secret, even if `hub.config` has them.
_SEEDED = {
    "JupyterHub": {"proxy_auth_token", "cookie_secret", "services"},
    "ConfigurableHTTPProxy": {"auth_token"},
    "CryptKeeper": {"keys"},
}


def merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `over` merged onto `under`, as Helm merges values onto a chart's defaults: only mappings are merged."""
    out = dict(under)
    for key, value in over.items():
        below = out.get(key)
        out[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return out


def _sorted(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {key: _sorted(node[key]) for key in sorted(node)}
    return [_sorted(item) for item in node] if isinstance(node, list) else node


class Values:
    """A release's values merged onto the chart's defaults. Records which values are read.

    Keys of mappings are sorted, because Helm sorts them too, and people see the choices of an option in that order
    (https://github.com/jupyterhub/kubespawner/issues/888).
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given
        self._merged = _sorted(merge(DEFAULTS, given))
        self._read: set[tuple[str, ...]] = set()

    def get(self, path: str, default: Any = None) -> Any:
        """Return the value at a dotted path, or `default` if there is none."""
        keys = tuple(path.split("."))
        self._read.add(keys)
        value: Any = self._merged
        for key in keys:
            if not isinstance(value, Mapping) or key not in value:
                return default
            value = value[key]
        return value

    def unread(self) -> list[str]:
        """Return the outermost paths of the given values that were not read, so they have no effect."""
        return list(self._unread((), self._given))

    def _unread(self, at: tuple[str, ...], node: Any) -> Iterator[str]:
        if at in self._read:
            return
        beneath = any(path[: len(at)] == at for path in self._read)
        if beneath and isinstance(node, Mapping):
            for key, value in node.items():
                yield from self._unread((*at, str(key)), value)
        elif at and node not in (None, {}, []):
            yield ".".join(at)


def translate(values: Values, secret: Callable[[str], str]) -> Sections:
    """Return JupyterHub's configuration as the chart creates it, without `hub.extraConfig`.

    `secret` returns the content of a key of the chart's Secret `hub`. Raises LocalHubError for a section of
    `hub.config` that is not a class name; a deployed hub does not start with such a section.
    """
    spawner = _spawner(values)
    hub: dict[str, Any] = {"tornado_settings": {"slow_spawn_timeout": 0}, "last_activity_interval": 60}
    hub |= _present(values, "hub", _HUB)
    hub["services"] = [_service(key, service, secret) for key, service in (values.get("hub.services") or {}).items()]
    hub["load_roles"] = [{"name": key, **role} for key, role in (values.get("hub.loadRoles") or {}).items()]
    hub["cookie_secret"] = secret("hub.config.JupyterHub.cookie_secret")

    base: dict[str, Any] = _present(
        values, "", {"consecutive_failure_limit": "hub.consecutiveFailureLimit", "default_url": "singleuser.defaultUrl"}
    )
    base["cmd"] = values.get("singleuser.cmd")
    out: Sections = {
        "JupyterHub": hub,
        "Spawner": base,
        "KubeSpawner": spawner,
        "CryptKeeper": {"keys": secret("hub.config.CryptKeeper.keys").split(";")},
    }
    for section, config in (values.get("hub.config") or {}).items():
        if not section[:1].isupper():
            raise LocalHubError(f"hub.config.{section} is not a class name such as JupyterHub; check the indentation")
        seeded = _SEEDED.get(section, set())
        kept = {key: value for key, value in (config or {}).items() if key not in seeded}
        out.setdefault(section, {}).update(kept)
    return out


def _present(values: Values, prefix: str, table: Mapping[str, str]) -> dict[str, Any]:
    """Return the traits of the table whose value is set. A null keeps JupyterHub's own default."""
    at = f"{prefix}." if prefix else ""
    found = {trait: values.get(at + path) for trait, path in table.items()}
    return {trait: value for trait, value in found.items() if value is not None}


def _service(key: str, service: Mapping[str, Any], secret: Callable[[str], str]) -> dict[str, Any]:
    kept = {name: value for name, value in service.items() if name != "apiToken"}
    return {"name": key, **kept, "api_token": secret(f"hub.services.{key}.apiToken")}


def _spawner(values: Values) -> dict[str, Any]:
    out = _present(values, "singleuser", _SINGLEUSER)
    image, tag = values.get("singleuser.image.name"), values.get("singleuser.image.tag")
    if image:
        out["image"] = f"{image}:{tag}" if tag else image
    out["allow_privilege_escalation"] = values.get("singleuser.allowPrivilegeEscalation")
    secrets = ["image-pull-secret"] if _pull_secret(values) else []
    secrets += (values.get("imagePullSecrets") or []) + (values.get("singleuser.image.pullSecrets") or [])
    if secrets:
        out["image_pull_secrets"] = secrets
    _scheduling(values, out)
    _storage(values, out)
    metadata = values.get("singleuser.cloudMetadata") or {}
    if metadata.get("blockWithIptables"):
        out["init_containers"] = [*out.get("init_containers", []), _block(values, str(metadata["ip"]))]
    return out


def _pull_secret(values: Values) -> bool:
    return bool(values.get("imagePullSecret.create") and values.get("imagePullSecret.automaticReferenceInjection"))


def _scheduling(values: Values, out: dict[str, Any]) -> None:
    release = values.get("Release.Name", "hub")
    if values.get("scheduling.userScheduler.enabled"):
        out["scheduler_name"] = f"{release}-user-scheduler"
    if values.get("scheduling.podPriority.enabled"):
        out["priority_class_name"] = f"{release}-default-priority"
    match = values.get("scheduling.userPods.nodeAffinity.matchNodePurpose")
    purpose = {"matchExpressions": [{"key": "hub.jupyter.org/node-purpose", "operator": "In", "values": ["user"]}]}
    if match == "prefer":
        preferred = {"weight": 100, "preference": purpose}
        out["node_affinity_preferred"] = [*out.get("node_affinity_preferred", []), preferred]
    elif match == "require":
        out["node_affinity_required"] = [*out.get("node_affinity_required", []), purpose]
    tolerations = values.get("scheduling.userPods.tolerations") or []
    tolerations = tolerations + (values.get("singleuser.extraTolerations") or [])
    if tolerations:
        out["tolerations"] = tolerations


def _storage(values: Values, out: dict[str, Any]) -> None:
    """Set volumes and their mounts, as mappings so that later configuration can add to them by name."""
    kind = values.get("singleuser.storage.type")
    home = {"mountPath": values.get("singleuser.storage.homeMountPath")}
    volumes: dict[str, Any] = {}
    mounts: dict[str, Any] = {}
    if kind == "dynamic":
        dynamic = "singleuser.storage.dynamic"
        out["storage_pvc_ensure"] = True
        out |= _present(
            values,
            "singleuser.storage",
            {
                "pvc_name_template": "dynamic.pvcNameTemplate",
                "storage_class": "dynamic.storageClass",
                "storage_access_modes": "dynamic.storageAccessModes",
                "storage_capacity": "capacity",
            },
        )
        name = values.get(f"{dynamic}.volumeNameTemplate")
        volumes[name] = {"name": name, "persistentVolumeClaim": {"claimName": "{pvc_name}"}}
        mounts[name] = {**home, "name": name, "subPath": values.get(f"{dynamic}.subPath")}
    elif kind == "static":
        claim = {"claimName": values.get("singleuser.storage.static.pvcName")}
        volumes["home"] = {"name": "home", "persistentVolumeClaim": claim}
        mounts["home"] = {**home, "name": "home", "subPath": values.get("singleuser.storage.static.subPath")}
    files = values.get("singleuser.extraFiles") or {}
    if files:
        items = [{"key": key, "path": key} | {k: v for k, v in f.items() if k == "mode"} for key, f in files.items()]
        volumes["files"] = {"name": "files", "secret": {"secretName": "singleuser", "items": items}}
    for number, (key, file) in enumerate(files.items()):
        mounts[f"{number}-files"] = {"mountPath": file["mountPath"], "subPath": key, "name": "files"}
    extra = values.get("singleuser.storage.extraVolumes") or {}
    volumes |= extra if isinstance(extra, dict) else {volume["name"]: volume for volume in extra}
    more = values.get("singleuser.storage.extraVolumeMounts") or {}
    mounts |= more if isinstance(more, dict) else {f"{i}-{mount['name']}": mount for i, mount in enumerate(more)}
    out["volumes"], out["volume_mounts"] = volumes, mounts


def _block(values: Values, ip: str) -> dict[str, Any]:
    """Return the privileged init container that blocks the cloud's metadata service."""
    tools = "singleuser.networkTools"
    image, tag = values.get(f"{tools}.image.name"), values.get(f"{tools}.image.tag")
    rule = ["iptables", "--append", "OUTPUT", "--protocol", "tcp", "--destination", ip, "--destination-port", "80"]
    return {
        "name": "block-cloud-metadata",
        "image": f"{image}:{tag}" if tag else image,
        "command": [*rule, "--jump", "DROP"],
        "securityContext": {"privileged": True, "runAsUser": 0, "capabilities": {"add": ["NET_ADMIN"]}},
        "resources": values.get(f"{tools}.resources"),
    }
