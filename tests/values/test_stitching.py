"""The parts of both charts' values that must agree, and what settings add to them."""

from __future__ import annotations

from typing import Any

import pytest

from hubs.preview.values import placeholder_values
from tests.repository import OCEAN, Repository

AUTH = '{type: github, allow: ["ocean-org:hub-users"], admins: [ada]}'


def values(repository: Repository, more: str = "", auth: str = AUTH) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both charts' values of ocean/prod, with `more` in the community's file."""
    repository.ocean(OCEAN.replace(AUTH, auth) + more)
    found = placeholder_values(repository.load(), "ocean/prod")
    return found["jupyterhub"].data, found["binderhub-service"].data


def test_the_service_and_its_two_ends(repository: Repository) -> None:
    hub, binder = values(repository)
    service = hub["hub"]["services"]["binder"]
    environment = {item["name"]: item.get("value") or item["valueFrom"] for item in binder["extraEnv"]}
    callback = "https://ocean.example.org/services/binder/oauth_callback"
    assert {key: service[key] for key in service if key != "apiToken"} == {
        "url": f"http://binderhub:{binder['service']['port']}",
        "oauth_client_id": "service-binder",
        "oauth_redirect_uri": callback,
        "display": False,
        "oauth_no_confirm": True,
    }
    assert environment == {
        "JUPYTERHUB_API_TOKEN": {"secretKeyRef": {"name": "hub", "key": "hub.services.binder.apiToken"}},
        "JUPYTERHUB_API_URL": "http://hub.ocean-prod.svc.cluster.local:8081/hub/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "service-binder",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": callback,
        "JUPYTERHUB_SERVICE_NAME": "binder",
    }
    assert binder["fullnameOverride"] == "", "the Service is called binderhub"
    config = binder["config"]["BinderHub"]
    assert (config["base_url"], config["auth_enabled"], config["enable_api_only_mode"]) == (
        "/services/binder",
        True,
        True,
    )


def test_namespaces_of_ones_own_reach_the_address_of_the_hub(repository: Repository) -> None:
    repository.ocean(OCEAN.replace("prod: {", "prod: {namespace: elsewhere, "))
    binder = placeholder_values(repository.load(), "ocean/prod")["binderhub-service"].data
    assert {"name": "JUPYTERHUB_API_URL", "value": "http://hub.elsewhere.svc.cluster.local:8081/hub/api"} in binder[
        "extraEnv"
    ]
    assert binder["config"]["BinderHub"]["hub_url_local"] == "http://hub.elsewhere.svc.cluster.local:8081/"


BUILD = "access:services!service=binder"


@pytest.mark.parametrize(
    ("more", "roles"),
    [
        ("", {"user": {"scopes": ["self", BUILD]}}),
        (
            'build: {groups: ["org:team"]}\n',
            {"user": {"scopes": ["self"]}, "imagebuilding": {"scopes": [BUILD], "groups": ["org:team"]}},
        ),
        ("build: {groups: []}\n", {"user": {"scopes": ["self"]}, "imagebuilding": {"scopes": [BUILD], "groups": []}}),
        ('roles: {user: ["read:users", self]}\n', {"user": {"scopes": ["self", BUILD, "read:users"]}}),
        (
            'roles: {server: ["read:users"]}\n',
            {
                "user": {"scopes": ["self", BUILD]},
                "server": {"scopes": ["users:activity!user", "access:servers!server", "read:users"]},
            },
        ),
        (
            'roles: {helpers: {scopes: ["admin:servers"], groups: [staff], users: [ada]}}\n',
            {
                "user": {"scopes": ["self", BUILD]},
                "helpers": {"scopes": ["admin:servers"], "groups": ["staff"], "users": ["ada"]},
            },
        ),
    ],
)
def test_roles_are_added_to(repository: Repository, more: str, roles: Any) -> None:
    assert values(repository, more)[0]["hub"]["loadRoles"] == roles


@pytest.mark.parametrize(
    ("more", "cluster", "selector"),
    [
        ("", "{name: earth}", {"hub.jupyter.org/node-purpose": "user"}),
        ("", "{name: earth, user_nodes: {selector: {pool: people}}}", {"pool": "people"}),
        (
            "user_nodes: {selector: {pool: ocean}}\n",
            "{name: earth}",
            {"hub.jupyter.org/node-purpose": "user", "pool": "ocean"},
        ),
        (
            "build: {node_selector: {disk: ssd}}\n",
            "{name: earth}",
            {"hub.jupyter.org/node-purpose": "user", "disk": "ssd"},
        ),
    ],
)
def test_builds_are_where_their_docker_is(repository: Repository, more: str, cluster: str, selector: Any) -> None:
    repository.stack("{name: earth}", cluster)
    _, binder = values(repository, more)
    assert binder["dockerApi"]["nodeSelector"] == selector
    assert binder["config"]["KubernetesBuildExecutor"]["node_selector"] == selector


@pytest.mark.parametrize("written", ["tolerations: []", "tolerations: [{key: a}]", ""])
def test_builds_tolerate_what_their_docker_tolerates(repository: Repository, written: str) -> None:
    """By default BinderHub's own code does; `test_in_binderhub` shows what becomes of the others there."""
    repository.stack("{name: earth}", f"{{name: earth, user_nodes: {{{written}}}}}")
    hub, binder = values(repository)
    executor = binder["config"]["KubernetesBuildExecutor"]
    if written:
        assert executor["tolerations"] == binder["dockerApi"]["tolerations"]
        assert executor["tolerations"] == hub["scheduling"]["userPods"]["tolerations"]
        assert "class TolerantBuildExecutor" in binder["extraConfig"]["imagebuilding-tolerations"]
    else:
        assert "tolerations" not in executor
        assert "imagebuilding-tolerations" not in binder["extraConfig"]


def test_core_pods_are_on_core_nodes(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, core_nodes: {selector: {pool: core}, tolerations: [{key: a}]}}")
    hub, binder = values(repository)
    assert (
        hub["hub"]["nodeSelector"] == hub["proxy"]["chp"]["nodeSelector"] == binder["nodeSelector"] == {"pool": "core"}
    )
    assert hub["scheduling"]["corePods"]["tolerations"] == binder["tolerations"] == [{"key": "a"}]


def test_builds_reach_no_home_directories(repository: Repository) -> None:
    _, binder = values(repository)
    (block,) = binder["dockerApi"]["initContainers"]
    for rules in block["command"][-2:]:
        for protocol in ("tcp", "udp"):
            for port in (111, 2049, 20048):
                assert f"-A POSTROUTING -p {protocol} --dport {port} -j DROP" in rules
    assert binder["networkPolicy"] == {"enabled": False}, "policies add up, and the chart's allow more"
    assert binder["dockerApi"]["storage"] == {"emptyDir": {"sizeLimit": "40Gi"}}


def test_a_cache_without_a_limit(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, build_cache: null}")
    assert "storage" not in values(repository)[1]["dockerApi"]


def test_a_registry_without_encryption_is_known_to_docker(repository: Repository) -> None:
    assert values(repository)[1]["dockerApi"]["extraArgs"] == ["--icc=false"]
    repository.stack("{name: earth}", "{name: earth, demonstration: true}")
    repository.stack("{type: quay, organization: earth}", "{type: oci, host: 'registry:5000', insecure: true}")
    _, found = values(repository)
    assert found["dockerApi"]["extraArgs"] == ["--icc=false", "--insecure-registry=registry:5000"]
    assert found["config"]["DockerRegistry"]["url"] == "http://registry:5000"


def test_an_ingress(repository: Repository) -> None:
    assert values(repository)[0]["ingress"] == {"enabled": False}
    repository.stack(
        "{name: earth}", "{name: earth, ingress: {class_name: nginx, cluster_issuer: le, annotations: {a: b}}}"
    )
    assert values(repository)[0]["ingress"] == {
        "enabled": True,
        "ingressClassName": "nginx",
        "hosts": ["ocean.example.org"],
        "annotations": {"cert-manager.io/cluster-issuer": "le", "a": "b"},
        "tls": [{"hosts": ["ocean.example.org"], "secretName": "https-auto-tls"}],
    }
    assert values(repository)[0]["proxy"]["service"] == {"type": "ClusterIP"}


@pytest.mark.parametrize(
    ("auth", "config"),
    [
        (
            AUTH,
            {
                "JupyterHub": {"authenticator_class": "github"},
                "GitHubOAuthenticator": {"allowed_organizations": ["ocean-org:hub-users"], "scope": ["read:org"]},
                "Authenticator": {"admin_users": ["ada"]},
            },
        ),
        (
            "{type: google, allow: [example.org], users: [bob]}",
            {
                "JupyterHub": {"authenticator_class": "google"},
                "GoogleOAuthenticator": {"hosted_domain": ["example.org"], "allow_all": True, "strip_domain": True},
                "Authenticator": {"admin_users": [], "allowed_users": ["bob"]},
            },
        ),
        (
            "{type: cilogon, identity_providers: {'https://a': {username_claim: email, strip_domain: a.org, "
            "allow_all: true}, 'https://b': {username_claim: eppn, prefix: b, allowed_domains: [b.org]}}}",
            {
                "JupyterHub": {"authenticator_class": "cilogon"},
                "CILogonOAuthenticator": {
                    "allowed_idps": {
                        "https://a": {
                            "username_derivation": {
                                "username_claim": "email",
                                "action": "strip_idp_domain",
                                "domain": "a.org",
                            },
                            "allow_all": True,
                        },
                        "https://b": {
                            "username_derivation": {"username_claim": "eppn", "action": "prefix", "prefix": "b"},
                            "allowed_domains": ["b.org"],
                        },
                    }
                },
            },
        ),
        (
            "{type: oidc, authorize_url: 'https://a', token_url: 'https://t', groups_claim: roles, allow_groups: [g]}",
            {
                "JupyterHub": {"authenticator_class": "generic-oauth"},
                "GenericOAuthenticator": {
                    "authorize_url": "https://a",
                    "token_url": "https://t",
                    "userdata_from_id_token": True,
                    "manage_groups": True,
                    "auth_state_groups_key": "oauth_user.roles",
                    "allowed_groups": ["g"],
                },
            },
        ),
    ],
    ids=["github", "google", "cilogon", "oidc"],
)
def test_who_may_log_in(repository: Repository, auth: str, config: dict[str, dict[str, Any]]) -> None:
    found = values(repository, auth=auth)[0]["hub"]["config"]
    for name, options in config.items():
        assert {key: found[name].get(key) for key in options} == options
    (oauth,) = [name for name in found if name.endswith("OAuthenticator")]
    assert found[oauth]["oauth_callback_url"] == "https://ocean.example.org/hub/oauth_callback"
    assert found[oauth]["enable_auth_state"] is True


def test_a_password_for_all(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, demonstration: true}")
    repository.stack("client_id:", 'password: {secure: "v1:c"}, client_id:')
    config = values(repository, auth="{type: dummy}")[0]["hub"]["config"]
    assert config["JupyterHub"] == {"authenticator_class": "dummy"}
    assert config["Authenticator"]["allow_all"] is True
    assert config["DummyAuthenticator"]["password"] == "[secret imagebuilding:secrets.ocean.auth.password]"


def test_the_way_out_comes_last_but_for_secrets(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, demonstration: true}")  # which may have secrets in plain text
    more = (
        "values:\n  jupyterhub:\n    hub: {cookieSecret: mine, services: {binder: {display: true}, other: {}}}\n"
        "    scheduling: null\n    singleuser: {extraTolerations: [{key: a}]}\n  binderhub-service: {replicas: 2}\n"
    )
    hub, binder = values(repository, more)
    assert hub["hub"]["services"]["binder"]["display"] is True
    assert hub["hub"]["services"]["binder"]["url"] == "http://binderhub:8090"
    assert hub["hub"]["services"]["other"] == {}
    assert hub["scheduling"] is None, "Helm hears the null, which removes the chart's own default"
    assert hub["singleuser"]["extraTolerations"] == [{"key": "a"}]
    assert hub["hub"]["cookieSecret"].startswith("[secret ")
    assert binder["replicas"] == 2


def shares(repository: Repository, text: str) -> dict[str, Any]:
    hub, _ = values(repository, f"profiles: [{{display_name: A, node_shares: {text}}}]\n")
    options = hub["singleuser"]["profileList"][0]["profile_options"]
    found: dict[str, Any] = options["resource_allocation"]["choices"]
    return found


def test_shares_of_a_node(repository: Repository) -> None:
    found = shares(repository, "[{instance_type: big, memory: 16G, cpu: 4, shares: 3}]")
    overrides = [choice["kubespawner_override"] for choice in found.values()]
    assert [item["mem_limit"] for item in overrides] == [4 * 2**30, 8 * 2**30, 16 * 2**30]
    assert [item["cpu_guarantee"] for item in overrides] == [1, 2, 4]
    assert all(item["mem_guarantee"] == item["mem_limit"] and item["cpu_limit"] == 4 for item in overrides)
    assert {str(item["node_selector"]) for item in overrides} == {"{'node.kubernetes.io/instance-type': 'big'}"}
    assert [choice.get("default") for choice in found.values()] == [True, None, None]


def test_two_types_of_nodes(repository: Repository) -> None:
    first = "{instance_type: b, memory: 8G, cpu: 2, shares: 2, allowed_groups: [g]}"
    found = shares(repository, f"[{first}, {{instance_type: a, memory: 4G, cpu: 4}}]")
    sizes = [choice["kubespawner_override"]["mem_limit"] for choice in found.values()]
    assert sizes == sorted(sizes)
    assert len(found) == 6, "sizes that look alike are both there"
    for choice in found.values():
        of_b = choice["kubespawner_override"]["node_selector"]["node.kubernetes.io/instance-type"] == "b"
        assert choice.get("allowed_groups") == (["g"] if of_b else None)


def test_a_known_type_of_nodes_leaves_room_for_what_else_runs_there(repository: Repository) -> None:
    whole = next(iter(shares(repository, "[{instance_type: r5.xlarge, shares: 1}]").values()))["kubespawner_override"]
    assert 0.9 * 31859916406 < whole["mem_limit"] < 31859916406
    assert 3 < whole["cpu_limit"] < 3.725


def test_images_in_short(repository: Repository) -> None:
    hub, _ = values(
        repository,
        "profiles:\n  - display_name: A\n"
        "    images: {a: 'a/a:1', b: {image: 'b/b:2', display_name: B, default_url: /rstudio}}\n",
    )
    option = hub["singleuser"]["profileList"][0]["profile_options"]["image"]
    assert option["choices"] == {
        "a": {"display_name": "a/a:1", "kubespawner_override": {"image": "a/a:1"}},
        "b": {"display_name": "B", "kubespawner_override": {"image": "b/b:2", "default_url": "/rstudio"}},
    }
    assert option["unlisted_choice"]["enabled"] is True
    assert option["dynamic_image_building"] == {"enabled": True}


def test_an_image_option_that_builds_nothing(repository: Repository) -> None:
    hub, _ = values(
        repository,
        "profiles: [{display_name: A, images: {a: 'a/a:1'}, profile_options: {image: {display_name: Pick, "
        "dynamic_image_building: {enabled: false}, unlisted_choice: {enabled: false}}}}]\n",
    )
    option = hub["singleuser"]["profileList"][0]["profile_options"]["image"]
    assert option["display_name"] == "Pick"
    assert option["dynamic_image_building"] == {"enabled": False}
    assert option["unlisted_choice"] == {"enabled": False}


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("localhost:5000/a/b:1.2", {"name": "localhost:5000/a/b", "tag": "1.2"}),
        (f"a/b@sha256:{'0' * 64}", {"name": "a/b@sha256", "tag": "0" * 64}),
    ],
)
def test_images_in_two_parts(repository: Repository, image: str, expected: dict[str, str]) -> None:
    hub, _ = values(repository, f"image: {image!r}\nhub_image: {image!r}\n")
    assert hub["singleuser"]["image"] == hub["hub"]["image"] == expected


def test_branding(repository: Repository) -> None:
    hub, _ = values(
        repository,
        "branding: {organization: {name: Org, url: 'https://org.example'}, announcement: Hello, variables: {x: 1}}\n",
    )
    assert hub["hub"]["templateVars"] == {
        "announcement": "Hello",
        "custom": {"org": {"name": "Org", "url": "https://org.example"}, "x": 1},
    }
    files = hub["hub"]["extraFiles"]
    assert {name: file["mountPath"] for name, file in files.items()} == {
        name: f"{hub['hub']['templatePaths'][0]}/{name}" for name in ("login.html", "spawn.html")
    }
    assert "custom.org" in files["login.html"]["stringData"]


def test_no_branding(repository: Repository) -> None:
    hub, _ = values(repository)
    assert not {"templateVars", "extraFiles", "templatePaths"} & hub["hub"].keys()
