"""From the files of a stack to its hubs: layers, defaults, secrets, and where a setting is set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubs.settings.errors import SettingsError
from hubs.settings.loader import ROOT, load
from hubs.stack_files import stack_names
from tests.repository import Repository

STACK = "stacks/Pulumi.earth.yaml"
COMMUNITY = "stacks/earth/ocean.yaml"


def test_a_community_that_writes_next_to_nothing_gets_a_whole_hub(repository: Repository) -> None:
    stack = repository.load()
    assert [hub.key for hub in stack.hubs] == ["ocean/staging", "ocean/prod"]
    hub = stack.hub("ocean/prod")
    assert (hub.slug, hub.namespace, hub.stage) == ("ocean-prod", "ocean-prod", "prod")
    assert hub.url == "https://ocean.example.org/"
    assert hub.oauth_callback_url == "https://ocean.example.org/hub/oauth_callback"
    assert hub.home.volume is not None and hub.home.volume.size == "10Gi"
    assert stack.prefix(hub) == "earth-ocean-prod"
    assert repository.warnings() == []


def test_layers_from_the_cluster_to_the_hub(repository: Repository) -> None:
    repository.stack(
        "  imagebuilding:secrets:",
        "  imagebuilding:defaults:\n    default_url: /cluster\n    cull: {timeout: 1, every: 1}\n"
        "    environment: {A: cluster, B: cluster, C: cluster}\n  imagebuilding:secrets:",
    )
    repository.replace(COMMUNITY, "hubs:", "cull: {timeout: 2}\nenvironment: {B: community, C: null}\nhubs:")
    repository.replace(
        COMMUNITY,
        "prod: {domain: ocean.example.org}",
        "prod:\n    domain: ocean.example.org\n    default_url: /hub\n    environment: {B: hub}\n    cull: null",
    )
    stack = repository.load()
    staging, prod = stack.hubs
    assert (staging.default_url, prod.default_url) == ("/cluster", "/hub")
    assert staging.environment == {"A": "cluster", "B": "community"}
    assert prod.environment == {"A": "cluster", "B": "hub"}
    assert (staging.cull.timeout, staging.cull.every) == (2, 1)
    assert (prod.cull.timeout, prod.cull.every) == (3600, 600), "null brings the program's default back"
    where = {
        path: str(stack.source(prod, path)) for path in [("default_url",), ("environment", "A"), ("environment", "B")]
    }
    assert where == {
        ("default_url",): f"{COMMUNITY}:9",
        ("environment", "A"): f"{STACK}:9",
        ("environment", "B"): f"{COMMUNITY}:10",
    }
    assert str(stack.source(staging, ("environment", "B"))) == f"{COMMUNITY}:4"
    assert stack.source(prod, ("image",)) is None, "a default has no source"


def test_lists_replace(repository: Repository) -> None:
    repository.replace(
        COMMUNITY, "prod: {domain: ocean.example.org}", "prod: {domain: o.example.org, auth: {admins: [grace]}}"
    )
    staging, prod = repository.load().hubs
    assert (staging.auth.admins, prod.auth.admins) == (["ada"], ["grace"])
    assert prod.auth.type == "github"


def test_a_hub_can_have_another_kind_of_home(repository: Repository) -> None:
    repository.replace(COMMUNITY, "hubs:", "home: {nfs: {server: nfs.example.org, path: /export}}\nhubs:")
    repository.replace(
        COMMUNITY,
        "prod: {domain: ocean.example.org}",
        "prod: {domain: ocean.example.org, home: {nfs: null, volume: {size: 1Gi}}}",
    )
    staging, prod = repository.load().hubs
    assert staging.home.nfs is not None and staging.home.nfs.server == "nfs.example.org"
    assert prod.home.nfs is None and prod.home.volume is not None


def test_a_hub_can_have_another_kind_of_login(repository: Repository) -> None:
    repository.replace(
        COMMUNITY,
        "prod: {domain: ocean.example.org}",
        "prod: {domain: ocean.example.org, auth: {type: google, allow: [example.org]}}",
    )
    repository.replace(
        COMMUNITY,
        "staging: {domain: staging.ocean.example.org}",
        "staging: {domain: staging.ocean.example.org, auth: {type: github, users: [bob]}}",
    )
    staging, prod = repository.load().hubs
    assert (staging.auth.users, staging.auth.admins) == (["bob"], ["ada"]), "the same type merges"
    assert (prod.auth.type, prod.auth.admins) == ("google", []), "another one replaces"


@pytest.mark.parametrize(
    ("name", "written", "stage"),
    [
        ("staging", None, "staging"),
        ("prod", None, "prod"),
        ("workshop", None, "prod"),
        ("workshop", "staging", "staging"),
    ],
)
def test_stages(repository: Repository, name: str, written: str | None, stage: str) -> None:
    text = "" if written is None else f", stage: {written}"
    repository.replace(COMMUNITY, "  staging: {domain: staging.ocean.example.org}\n", "")
    repository.replace(COMMUNITY, "prod: {domain: ocean.example.org", f"{name}: {{domain: ocean.example.org{text}")
    assert repository.hub(f"ocean/{name}").stage == stage


def test_the_nearest_secret_counts(repository: Repository) -> None:
    repository.stack(
        "    ocean: {auth:",
        '    environment: {FAR: {secure: "v1:c"}, NEAR: {secure: "v1:c"}}\n    ocean: {prod: {auth: {client_secret: '
        '{secure: "v1:c"}}}, environment: {NEAR: {secure: "v1:c"}}, auth:',
    )
    staging, prod = repository.load().hubs
    assert (
        staging.secrets.auth.client_secret
        == "[secret imagebuilding:secrets.ocean.auth.client_secret.secure]".replace(".secure", "")
    )
    assert prod.secrets.auth.client_secret == "[secret imagebuilding:secrets.ocean.prod.auth.client_secret]"
    assert prod.secrets.auth.client_id == "[secret imagebuilding:secrets.ocean.auth.client_id]"
    assert prod.secrets.environment == {
        "FAR": "[secret imagebuilding:secrets.environment.FAR]",
        "NEAR": "[secret imagebuilding:secrets.ocean.environment.NEAR]",
    }
    assert prod.secrets.registry.username == "[secret imagebuilding:secrets.registry.username]"


def test_secrets_are_wrapped_one_by_one_and_shown_by_nothing(repository: Repository) -> None:
    seen: list[str] = []

    class Wrapped:
        def __init__(self, value: str) -> None:
            seen.append(value)
            self.value = value

    leaves = {"registry": {"username": "marker-1", "password": "marker-2"}}
    ocean = {"auth": {"client_id": "marker-3", "client_secret": "marker-4"}, "environment": {"A": "marker-5"}}
    config = {
        "kubernetes:context": "earth",
        "imagebuilding:cluster": json.dumps({"name": "earth"}),
        "imagebuilding:registry": json.dumps({"type": "quay", "organization": "earth"}),
        "imagebuilding:secrets": json.dumps({**leaves, "ocean": ocean}),
    }
    stack = load("earth", config, root=repository.root, secret=Wrapped)
    assert sorted(seen) == [f"marker-{number}" for number in range(1, 6)]
    assert isinstance(stack.hubs[0].secrets.environment["A"], Wrapped)
    plain = load("earth", config, root=repository.root)
    assert plain.hubs[0].secrets.environment["A"] == "marker-5"
    assert "marker" not in f"{plain!r} {plain.hubs!r} {plain.hubs[0].secrets!r} {plain.hubs[0]}"


@pytest.mark.parametrize("broken", [{"type": "quay"}, {"type": "quay", "organization": "earth", "x": "marker"}])
def test_errors_show_no_secret(repository: Repository, broken: dict[str, str]) -> None:
    config = {
        "imagebuilding:cluster": json.dumps({"name": "earth"}),
        "imagebuilding:registry": json.dumps(broken),
        "imagebuilding:secrets": json.dumps(
            {
                "registry": {"usrname": "marker", "password": ["marker"]},
                "environment": "marker",
                "ocean": {"auth": {"client_secret": {"marker": "marker"}, "x": "marker"}, "prod": "marker"},
            }
        ),
    }
    with pytest.raises(SettingsError) as caught:
        load("earth", config, root=repository.root)
    assert "marker" not in str(caught.value)


@pytest.mark.parametrize("text", ["[1]", "5", "not JSON", '"text"'])
def test_structured_settings_must_be_mappings(repository: Repository, text: str) -> None:
    with pytest.raises(SettingsError, match="must be a mapping of keys to values"):
        load("earth", {"imagebuilding:cluster": text}, root=repository.root)


def test_charts_of_the_program_the_stack_and_a_hub(repository: Repository) -> None:
    repository.stack(
        "  imagebuilding:secrets:", "  imagebuilding:charts: {jupyterhub: {version: 4.3.9}}\n  imagebuilding:secrets:"
    )
    repository.replace(
        COMMUNITY,
        "staging: {domain: staging.ocean.example.org}",
        "staging: {domain: staging.ocean.example.org, charts: {jupyterhub: {version: 4.4.0}}}",
    )
    staging, prod = (hub.charts["jupyterhub"] for hub in repository.load().hubs)
    assert (staging.version, prod.version) == ("4.4.0", "4.3.9")
    assert staging.repo == prod.repo == "https://hub.jupyter.org/helm-chart/"
    assert staging.reference == "jupyterhub"


@pytest.mark.parametrize(
    ("layer", "kept"),
    [
        ("{version: 9.9.9}", False),
        ("{archive: charts/binderhub}", False),
        ("{repository: 'https://charts.example.org'}", False),
        ("{name: other}", False),
        (f"{{version: 9.9.9, digest: 'sha256:{'b' * 64}'}}", True),
        ("{}", True),
    ],
)
@pytest.mark.parametrize("where", ["stack", "defaults", "community", "hub"])
def test_a_digest_is_that_of_one_archive(repository: Repository, layer: str, kept: bool, where: str) -> None:
    repository.write("charts/binderhub/Chart.yaml", "name: binderhub-service\nversion: 1.0.0\n")
    charts = f"{{binderhub-service: {layer}}}"
    pinned = repository.hub().charts["binderhub-service"].digest
    assert pinned is not None, "Pulumi.yaml pins this chart"
    if where == "stack":
        repository.stack("  imagebuilding:secrets:", f"  imagebuilding:charts: {charts}\n  imagebuilding:secrets:")
    elif where == "defaults":
        defaults = f"  imagebuilding:defaults: {{charts: {charts}}}\n"
        repository.stack("  imagebuilding:secrets:", f"{defaults}  imagebuilding:secrets:")
    elif where == "community":
        repository.replace(COMMUNITY, "hubs:", f"charts: {charts}\nhubs:")
    else:
        hub = f"prod: {{domain: ocean.example.org, charts: {charts}}}"
        repository.replace(COMMUNITY, "prod: {domain: ocean.example.org}", hub)
    found = repository.hub().charts["binderhub-service"].digest
    assert found == (None if not kept else f"sha256:{'b' * 64}" if "digest" in layer else pinned)


def test_a_chart_from_an_oci_registry(repository: Repository) -> None:
    repository.stack(
        "  imagebuilding:secrets:",
        "  imagebuilding:charts: {jupyterhub: {repository: 'oci://registry.example.org/charts/'}}\n"
        "  imagebuilding:secrets:",
    )
    chart = repository.hub().charts["jupyterhub"]
    assert (chart.reference, chart.repo) == ("oci://registry.example.org/charts/jupyterhub", None)


def test_an_archive_has_its_own_version(repository: Repository) -> None:
    repository.write("charts/jupyterhub/Chart.yaml", "name: jupyterhub\nversion: 9.9.9\n")
    repository.stack(
        "  imagebuilding:secrets:",
        "  imagebuilding:charts: {jupyterhub: {archive: charts/jupyterhub}}\n  imagebuilding:secrets:",
    )
    chart = repository.hub().charts["jupyterhub"]
    assert (chart.reference, chart.repo) == ("charts/jupyterhub", None)
    assert chart.installed_version(repository.root) == "9.9.9"


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        (
            "allow: [",
            "allow_all: true, allow: [",
            "auth.allow_all: everyone with an account at the login provider may log in",
        ),
        ("admins: [ada]}", "admins: [ada]}\nhome: none", "home: is none: files are deleted when a server stops"),
    ],
)
def test_warnings(repository: Repository, old: str, new: str, warning: str) -> None:
    repository.replace(COMMUNITY, old, new)
    assert [f"{item.path}: {item.message}" for item in repository.warnings()] == [
        f"ocean/{hub}: {warning}" for hub in ("staging", "prod")
    ]


@pytest.mark.parametrize(
    "new", ["image: a/b:latest", "profiles: [{display_name: A, images: {a: 'a/b:latest'}}]"], ids=["image", "profile"]
)
def test_one_warning_for_tags_that_move(repository: Repository, new: str) -> None:
    repository.replace(COMMUNITY, "admins: [ada]}", f"admins: [ada]}}\n{new}")
    assert [f"{item.path}: {item.message}" for item in repository.warnings()] == [
        "images: these tags can move; pin a version: a/b:latest"
    ]


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (
            "    pond: {auth: {}}\n    ocean: {auth:",
            "imagebuilding:secrets.pond: is not used: there is no community pond",
        ),
        (
            "    ocean: {dev: {auth: {}}, auth:",
            "imagebuilding:secrets.ocean.dev: is not used: dev is neither a hub of ocean nor a kind of secret",
        ),
    ],
    ids=["community", "hub"],
)
def test_warning_of_secrets_for_nobody(repository: Repository, new: str, said: str) -> None:
    repository.stack("    ocean: {auth:", new)
    assert [f"{item.path}: {item.message}" for item in repository.warnings()] == [said]


def test_warning_of_letting_go(repository: Repository) -> None:
    repository.replace(COMMUNITY, "prod: {", "prod: {decommission: true, ")
    (warning,) = repository.warnings()
    assert str(warning) == (
        "stacks/earth/ocean.yaml:5: ocean/prod: decommission: its namespace with all files, and its images, are"
        " deleted when it is removed from the config"
    )


def test_warning_of_shared_homes(repository: Repository) -> None:
    repository.replace(COMMUNITY, "hubs:", "home: {nfs: {server: a, path: /b}}\nhubs:")
    assert [f"{item.path}: {item.message}" for item in repository.warnings()] == [
        "ocean/prod: home: is also used by ocean/staging: users with the same name on both hubs share their files"
    ]


def test_another_type_of_login_replaces_the_one_below(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, demonstration: true}")
    repository.stack("client_id:", 'password: {secure: "v1:c"}, client_id:')
    repository.replace(COMMUNITY, "prod: {", "prod: {auth: {type: dummy}, ")
    hubs = {hub.name: hub.auth.model_dump() for hub in repository.load().hubs}
    assert hubs["prod"] == {"type": "dummy", "admins": [], "users": [], "allow_all": False}
    assert hubs["staging"]["admins"] == ["ada"]


def test_admins_beside_no_type_of_login_stay(repository: Repository) -> None:
    repository.replace(COMMUNITY, "type: github, ", "")
    for name in ("staging", "prod"):
        repository.replace(COMMUNITY, f"{name}: {{", f"{name}: {{auth: {{type: github}}, ")
    assert [hub.auth.admins for hub in repository.load().hubs] == [["ada"], ["ada"]]


def test_another_kind_of_home_replaces_that_kind_alone(repository: Repository) -> None:
    repository.replace(
        COMMUNITY, "hubs:", "home: {nfs: {server: a, path: /b}, extra_mount_paths: [/home/rstudio]}\nhubs:"
    )
    repository.replace(COMMUNITY, "staging: {", "staging: {home: {volume: {size: 5Gi}}, ")
    staging, prod = (repository.load().hub(f"ocean/{name}").home for name in ("staging", "prod"))
    assert (staging.place, staging.extra_mount_paths) == ("volume", ["/home/rstudio"])
    assert prod.place == "nfs a:/b"


def test_a_place_for_anchors(repository: Repository) -> None:
    repository.replace(COMMUNITY, "hubs:", "x-scopes: &scopes ['read:users']\nroles: {user: *scopes}\nhubs:")
    assert repository.load().hub("ocean/prod").roles["user"].scopes == ["read:users"]


def test_warning_of_a_copied_stack(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: moon}")
    assert [str(item) for item in repository.warnings()] == [
        f"{STACK}:4: imagebuilding:cluster.name: is moon in the stack earth: names of images begin with it. If the file"
        " was copied, write name: earth; if the stack is deployed, leave the name"
    ]


def test_every_stack_of_the_repository_loads() -> None:
    assert stack_names(ROOT) == ["demo", "earth", "mars"]


@pytest.mark.parametrize(
    "image", ["a:1", "localhost:5000/a/b:1.2", "quay.io/a/b@sha256:" + "0" * 64, "a/b:t@sha256:" + "0" * 64]
)
def test_images(repository: Repository, image: str) -> None:
    repository.replace(COMMUNITY, "hubs:", f"image: {image!r}\nhubs:")
    assert repository.hub().image == image


def test_only_yaml_files_are_communities(repository: Repository, tmp_path: Path) -> None:
    repository.write("stacks/earth/README.md", "not a community")
    repository.write("stacks/earth/notes.txt", "{{{")
    assert len(repository.load().hubs) == 2


def test_short_forms(repository: Repository) -> None:
    repository.replace(COMMUNITY, "hubs:", "named_servers: true\nroles: {user: ['read:users']}\nhome: none\nhubs:")
    hub = repository.hub()
    role: Any = hub.roles["user"]
    assert (hub.named_servers.enabled, hub.named_servers.limit, role.scopes, hub.home.none) == (
        True,
        0,
        ["read:users"],
        True,
    )
