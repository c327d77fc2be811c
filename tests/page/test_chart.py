"""Translate the chart's values to JupyterHub's configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hubs.page.chart import Values, merge, translate
from hubs.page.defaults import DEFAULTS
from hubs.page.errors import LocalHubError
from hubs.page.run import not_applied
from hubs.page.site import Target

CHARTS = Path(__file__).parents[3] / "shared" / "charts"


def _translate(given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return translate(Values(given), lambda key: f"secret of {key}")


def test_defaults_are_the_charts() -> None:
    path = CHARTS / "jupyterhub-4.x" / "values.yaml"
    if not path.exists():
        pytest.skip("the chart's values.yaml is not available (../shared/charts)")
    chart = yaml.safe_load(path.read_text())
    # Merging equal values changes nothing.
    assert merge(chart, DEFAULTS) == chart


def test_every_default_that_the_translation_asks_for_is_there() -> None:
    path = CHARTS / "jupyterhub-4.x" / "values.yaml"
    if not path.exists():
        pytest.skip("the chart's values.yaml is not available (../shared/charts)")
    chart = yaml.safe_load(path.read_text())
    # Set when the chart is published.
    chart["singleuser"]["image"]["tag"] = chart["singleuser"]["networkTools"]["image"]["tag"] = None
    from_chart, from_ours = _translate(chart), _translate({})
    for section in {*from_chart, *from_ours}:
        assert _without_empty(from_chart.get(section)) == _without_empty(from_ours.get(section)), section


def _without_empty(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: _without_empty(v) for k, v in node.items() if v not in (None, {}, [], "")}
    return [_without_empty(item) for item in node] if isinstance(node, list) else node


@pytest.mark.parametrize(
    ("given", "section", "trait", "value"),
    [
        ({"hub": {"allowNamedServers": True}}, "JupyterHub", "allow_named_servers", True),
        ({"hub": {"config": {"JupyterHub": {"allow_named_servers": True}}}}, "JupyterHub", "allow_named_servers", True),
        ({"hub": {"consecutiveFailureLimit": 9}}, "Spawner", "consecutive_failure_limit", 9),
        ({"singleuser": {"defaultUrl": "/tree"}}, "Spawner", "default_url", "/tree"),
        ({"singleuser": {"cmd": None}}, "Spawner", "cmd", None),
        ({"singleuser": {"memory": {"guarantee": "3G"}}}, "KubeSpawner", "mem_guarantee", "3G"),
        ({"singleuser": {"image": {"name": "a/b", "tag": "c"}}}, "KubeSpawner", "image", "a/b:c"),
        ({"singleuser": {"extraEnv": {"A": "b"}}}, "KubeSpawner", "environment", {"A": "b"}),
        ({"singleuser": {"nodeSelector": {"a": "b"}}}, "KubeSpawner", "node_selector", {"a": "b"}),
        ({"singleuser": {"storage": {"type": "none"}}}, "KubeSpawner", "volumes", {}),
        ({"singleuser": {"cloudMetadata": {"blockWithIptables": False}}}, "KubeSpawner", "init_containers", None),
        ({"imagePullSecret": {"create": True}}, "KubeSpawner", "image_pull_secrets", ["image-pull-secret"]),
        ({"hub": {"loadRoles": {"user": {"scopes": ["self"]}}}}, "JupyterHub", "load_roles",
         [{"name": "user", "scopes": ["self"]}]),
        ({"hub": {"services": {"x": {"apiToken": "t", "url": "http://x"}}}}, "JupyterHub", "services",
         [{"name": "x", "url": "http://x", "api_token": "secret of hub.services.x.apiToken"}]),
        ({"hub": {"config": {"CryptKeeper": {"keys": ["k"]}}}}, "CryptKeeper", "keys",
         ["secret of hub.config.CryptKeeper.keys"]),
    ],
)  # fmt: skip
def test_values_become_traits(given: dict[str, Any], section: str, trait: str, value: Any) -> None:
    assert _translate(given)[section].get(trait) == value


def test_the_cloud_metadata_server_is_blocked_by_default() -> None:
    (container,) = _translate({})["KubeSpawner"]["init_containers"]
    assert "169.254.169.254" in container["command"]
    assert container["securityContext"]["privileged"] is True


def test_one_shared_volume_for_all_homes() -> None:
    storage = {
        "type": "static",
        "static": {"pvcName": "nfs", "subPath": "prod/{username}"},
        "homeMountPath": "/home/me",
    }
    spawner = _translate({"singleuser": {"storage": storage}})["KubeSpawner"]
    assert spawner["volumes"] == {"home": {"name": "home", "persistentVolumeClaim": {"claimName": "nfs"}}}
    assert spawner["volume_mounts"]["home"] == {"mountPath": "/home/me", "name": "home", "subPath": "prod/{username}"}
    assert "storage_pvc_ensure" not in spawner


@pytest.mark.parametrize(
    "extra",
    [
        {"extraVolumes": {"d": {"name": "d"}}, "extraVolumeMounts": {"d": {"name": "d", "mountPath": "/d"}}},
        {"extraVolumes": [{"name": "d"}], "extraVolumeMounts": [{"name": "d", "mountPath": "/d"}]},
    ],
)
def test_more_volumes_as_mapping_or_list(extra: dict[str, Any]) -> None:
    spawner = _translate({"singleuser": {"storage": {"type": "none", **extra}}})["KubeSpawner"]
    assert spawner["volumes"] == {"d": {"name": "d"}}
    assert list(spawner["volume_mounts"].values()) == [{"name": "d", "mountPath": "/d"}]


def test_user_nodes_are_preferred_required_or_ignored() -> None:
    def affinity(match: str) -> tuple[Any, Any]:
        user_pods = {"nodeAffinity": {"matchNodePurpose": match}}
        spawner = _translate({"scheduling": {"userPods": user_pods}})["KubeSpawner"]
        return spawner.get("node_affinity_preferred"), spawner.get("node_affinity_required")

    purpose = {"matchExpressions": [{"key": "hub.jupyter.org/node-purpose", "operator": "In", "values": ["user"]}]}
    assert affinity("prefer") == ([{"weight": 100, "preference": purpose}], None)
    assert affinity("require") == (None, [purpose])
    assert affinity("ignore") == (None, None)


def test_choices_come_in_the_order_that_helm_leaves() -> None:
    profile: dict[str, Any] = {"profile_options": {"image": {"choices": {"b": {}, "a": {}}}}}
    (translated,) = _translate({"singleuser": {"profileList": [profile]}})["KubeSpawner"]["profile_list"]
    assert list(translated["profile_options"]["image"]["choices"]) == ["a", "b"]


def test_a_misplaced_section_is_one_line() -> None:
    with pytest.raises(LocalHubError, match=r"hub\.config\.loadRoles is not a class name"):
        _translate({"hub": {"config": {"loadRoles": {}}}})


def test_what_needs_the_cluster_is_listed(target: Target) -> None:
    left = not_applied(target.jupyterhub)
    assert {"hub.image", "proxy.service", "cull"} <= set(left)
    applied = ("hub.config", "hub.services", "hub.loadRoles", "hub.extraConfig", "singleuser.profileList", "custom")
    assert not [path for path in left if path.startswith(applied)]


def test_nothing_is_listed_twice_or_for_being_empty() -> None:
    assert not_applied({"ingress": {"enabled": True, "hosts": ["a"]}, "hub": {"image": {"tag": "1"}, "pdb": {}}}) == [
        "ingress",
        "hub.image",
    ]
