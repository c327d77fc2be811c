"""Each kind of registry: its resources, and the access that hub and BinderHub get."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import httpx
import pytest

from hubs.clients.http import Http
from hubs.clients.oci import Registry
from hubs.settings import docker_hub
from hubs.settings.registry import account_id
from hubs.values.registry import registry_access
from tests.components.resources import Resources, resources
from tests.repository import ROOT, Repository

QUAY = "{type: quay, organization: earth}"
GOOGLE = "{type: artifact-registry, location: us-central1}"
NAMES = ("earth-ocean-prod", "earth-ocean-staging")


@pytest.fixture
def google(repository: Repository) -> Repository:
    repository.stack(QUAY, GOOGLE)
    return repository


def members(found: Resources, role: str) -> list[Any]:
    items = [
        item for item in found.all("RepositoryIamMember") if item.inputs["role"] == f"roles/artifactregistry.{role}"
    ]
    return sorted(items, key=lambda item: item.name)


def test_a_repository_for_each_hub(google: Repository) -> None:
    google.stack(
        GOOGLE,
        "{type: artifact-registry, location: us-central1, project: images, cleanup: {keep_newest: 3, "
        "delete_untagged_after_days: 2, dry_run: false}, kms_key: a/key, vulnerability_scanning: true}",
    )
    repositories = resources(google).all("Repository")
    assert [item.name for item in repositories] == list(NAMES)
    inputs = repositories[0].inputs
    assert inputs["format"] == "DOCKER"
    assert inputs["dockerConfig"] == {"immutableTags": False}, "BinderHub pushes again under a tag that exists"
    assert (inputs["repositoryId"], inputs["location"], inputs["project"]) == (NAMES[0], "us-central1", "images")
    assert inputs["kmsKeyName"] == "a/key"
    assert inputs["vulnerabilityScanningConfig"] == {"enablementConfig": "INHERITED"}
    assert inputs["cleanupPolicyDryRun"] is False
    keep, delete = inputs["cleanupPolicies"]
    assert keep["mostRecentVersions"] == {"keepCount": 3}
    assert (keep["action"], delete["action"]) == ("KEEP", "DELETE")
    assert delete["condition"] == {"olderThan": "172800s", "tagState": "UNTAGGED"}


def test_writers_write_to_their_repository_only(google: Repository) -> None:
    found = resources(google)
    assert {item.type.split(":")[-1] for item in found.program.resources if "Iam" in item.type} == {
        "RepositoryIamMember"
    }
    assert [item.name for item in members(found, "writer")] == [f"{name}-writer" for name in NAMES]
    for item, name in zip(members(found, "writer"), NAMES, strict=True):
        others = {urn.split("::")[-1] for urn in item.depends_on if "Repository::" in urn or "Account::" in urn}
        assert others == {name}, "repository and account are this hub's"


@pytest.mark.parametrize(
    ("cluster", "member"),
    [
        ("{name: earth}", "serviceAccount:[unknown]-compute@developer.gserviceaccount.com"),
        ("{name: earth, nodes_service_account: nodes@a.example}", "serviceAccount:nodes@a.example"),
    ],
)
def test_nodes_read(google: Repository, cluster: str, member: str) -> None:
    google.stack("{name: earth}", cluster)
    found = resources(google)
    assert [item.inputs["member"] for item in members(found, "reader")] == [member] * 2
    for item, name in zip(members(found, "reader"), NAMES, strict=True):
        assert {urn.split("::")[-1] for urn in item.depends_on if "Repository::" in urn} == {name}


def test_a_key_is_made_anew_when_its_word_changes(google: Repository) -> None:
    assert all("keepers" not in item.inputs for item in resources(google).all("Key"))
    google.stack(GOOGLE, GOOGLE.replace("}", ", rotation: '2026-11'}"))
    keys = resources(google).all("Key")
    assert [item.inputs["keepers"] for item in keys] == [{"rotation": "2026-11"}] * 2
    for item in keys:
        assert {urn.split("::")[-1] for urn in item.depends_on if "Account::" in urn} == {item.name}


@pytest.mark.parametrize(("word", "kept"), [("", True), (", decommission: true", False)])
def test_images_are_kept_unless_the_word_is_said(google: Repository, word: str, kept: bool) -> None:
    google.replace(
        "stacks/earth/ocean.yaml", "prod: {domain: ocean.example.org", f"prod: {{domain: ocean.example.org{word}"
    )
    found = resources(google)
    assert found.one("Repository", NAMES[0]).retain_on_delete is kept
    assert found.one("RepositoryIamMember", f"{NAMES[0]}-reader").retain_on_delete is kept
    assert found.one("Repository", NAMES[1]).retain_on_delete is True
    for kind in ("Account", "Key"):
        assert not found.one(kind, NAMES[0]).retain_on_delete, "who could push is gone with the hub"
    assert not found.one("RepositoryIamMember", f"{NAMES[0]}-writer").retain_on_delete


def test_apis_are_enabled_once_and_before_they_are_used(google: Repository) -> None:
    found = resources(google)
    apis = found.all("gcp:projects/service:Service")
    assert {item.inputs["service"] for item in apis} == {"artifactregistry.googleapis.com", "iam.googleapis.com"}
    assert all(item.inputs["disableOnDestroy"] is False and item.retain_on_delete for item in apis)
    for kind in ("Repository", "Account", "Key", "RepositoryIamMember"):
        for item in found.all(kind):
            assert {api.urn for api in apis} <= set(item.depends_on), item.name


@pytest.mark.parametrize(
    "name", ["earth-ocean-prod", "a", "earth-" + "ocean" * 8 + "-prod", "earth-oceanoceanoceano-cean-prod"]
)
def test_ids_of_accounts_are_what_google_accepts(name: str) -> None:
    found = account_id(name)
    assert 6 <= len(found) <= 30
    assert found[0].isalpha() and found[-1].isalnum()
    assert found.replace("-", "").isalnum() and found.islower()


def test_long_names_keep_ids_apart() -> None:
    assert account_id("earth-" + "ocean" * 8 + "-prod") != account_id("earth-" + "ocean" * 8 + "-staging")


ACCESS: dict[str, tuple[str, dict[str, Any]]] = {
    "quay": (
        QUAY,
        {
            "url": "https://quay.io",
            "prefix": "quay.io/earth/earth-ocean-prod-",
            "username": "[secret imagebuilding:secrets.registry.username]",
            "password": "[secret imagebuilding:secrets.registry.password]",
            "pull": "quay.io",
            "token_url": None,
        },
    ),
    "artifact-registry": (
        GOOGLE,
        {
            "url": "https://us-central1-docker.pkg.dev",
            "prefix": "us-central1-docker.pkg.dev/earth-hubs/earth-ocean-prod/",
            "username": "_json_key",
            "password": "[secret value]",
            "pull": None,
            "token_url": "https://us-central1-docker.pkg.dev/v2/token?service=us-central1-docker.pkg.dev",
        },
    ),
    "oci": (
        '{type: oci, host: "registry.example.org:5000", prefix: hubs}',
        {
            "url": "https://registry.example.org:5000",
            "prefix": "registry.example.org:5000/hubs/earth-ocean-prod-",
            "username": "[secret imagebuilding:secrets.registry.username]",
            "password": "[secret imagebuilding:secrets.registry.password]",
            "pull": "registry.example.org:5000",
            "token_url": None,
        },
    ),
    "oci: Docker Hub": (
        "{type: oci, host: docker.io, prefix: reef/}",
        {
            "url": "https://registry-1.docker.io",
            "push": "https://index.docker.io/v1/",
            "prefix": "docker.io/reef/earth-ocean-prod-",
            "username": "[secret imagebuilding:secrets.registry.username]",
            "password": "[secret imagebuilding:secrets.registry.password]",
            "pull": "https://index.docker.io/v1/",
            "token_url": None,
        },
    ),
    "artifact-registry with pull secret": (
        "{type: artifact-registry, location: us-central1, pull_secret: true}",
        {
            "url": "https://us-central1-docker.pkg.dev",
            "prefix": "us-central1-docker.pkg.dev/earth-hubs/earth-ocean-prod/",
            "username": "_json_key",
            "password": "[secret value]",
            "pull": "us-central1-docker.pkg.dev",
            "token_url": "https://us-central1-docker.pkg.dev/v2/token?service=us-central1-docker.pkg.dev",
        },
    ),
    "oci without pull secret": (
        "{type: oci, host: registry.example.org, pull_secret: false}",
        {
            "url": "https://registry.example.org",
            "prefix": "registry.example.org/earth-ocean-prod-",
            "username": "[secret imagebuilding:secrets.registry.username]",
            "password": "[secret imagebuilding:secrets.registry.password]",
            "pull": None,
            "token_url": None,
        },
    ),
}


@pytest.mark.parametrize("kind", ACCESS)
def test_one_access_reaches_all_who_need_it(repository: Repository, kind: str) -> None:
    settings, expected = ACCESS[kind]
    repository.stack(QUAY, settings)
    found = resources(repository)
    binderhub, jupyterhub = found.values("ocean-prod-binderhub"), found.values("ocean-prod")
    account = {"username": expected["username"], "password": expected["password"]}
    token = {"token_url": expected["token_url"]} if expected["token_url"] else {}
    assert binderhub["config"]["DockerRegistry"] == {"url": expected["url"], **account, **token}
    server = expected.get("push", expected["url"])
    assert binderhub["buildPodsRegistryCredentials"] == {"server": server, **account}
    assert binderhub["config"]["BinderHub"]["image_prefix"] == expected["prefix"]
    assert binderhub["config"]["BinderHub"]["use_registry"] is True
    pull = {"create": True, "registry": expected["pull"], **account}
    assert jupyterhub.get("imagePullSecret") == (pull if expected["pull"] else None)


@pytest.mark.parametrize("host", docker_hub.SPELLINGS)
def test_docker_hub_has_several_names(repository: Repository, host: str) -> None:
    settings, expected = ACCESS["oci: Docker Hub"]
    repository.stack(QUAY, settings.replace("docker.io", host))
    stack = repository.load()
    access = registry_access(stack, stack.hub("ocean/prod"), "password")
    assert access.image_prefix == expected["prefix"]
    assert (access.url, access.push_server, access.pull_server) == (expected["url"], expected["push"], expected["pull"])
    assert stack.registry.host == "docker.io"
    assert Registry(host, Http(httpx.Client())).url == expected["url"]


def test_nodes_that_pull_with_the_key_get_no_access(google: Repository) -> None:
    google.stack("{type: artifact-registry, location: us-central1}", ACCESS["artifact-registry with pull secret"][0])
    found = resources(google)
    assert members(found, "reader") == []
    assert len(members(found, "writer")) == 2


def test_names_of_repositories_fit(google: Repository) -> None:
    cluster = "c" * 40
    google.stack("{name: earth}", f"{{name: {cluster}}}")
    file = "stacks/earth/ocean.yaml"
    google.replace(file, "staging:", "s" * 16 + ":")
    assert google.errors() == []
    google.replace(file, "s" * 16 + ":", "s" * 17 + ":")
    hub = "s" * 17
    assert google.errors() == [
        f"{file}:4: ocean/{hub}: its repository in Artifact Registry would be named {cluster}-ocean-{hub}: "
        "64 characters, at most 63 are allowed. Shorten the name of the cluster, the community or the hub"
    ]


@pytest.mark.parametrize(
    ("settings", "warns"),
    [
        (QUAY, True),
        ("{type: quay, organization: earth, robot: managed}", False),
        (GOOGLE, True),
        ("{type: artifact-registry, location: us-central1, pull_secret: true}", False),
        ("{type: oci, host: ghcr.io, prefix: earth}", True),
        ("{type: oci, host: ghcr.io, prefix: earth, pull_secret: false}", True),
    ],
)
def test_an_account_that_several_communities_pull_with(repository: Repository, settings: str, warns: bool) -> None:
    def warnings() -> list[str]:
        return [str(item) for item in repository.load().warnings if "one account pulls" in item.message]

    repository.stack(QUAY, settings)
    repository.stack("registry: {username", "registry: {token: {secure: x}, username")
    assert warnings() == [], "all hubs are of one community"
    repository.write(
        "stacks/earth/reef.yaml", (repository.root / "stacks/earth/ocean.yaml").read_text().replace("ocean.", "reef.")
    )
    repository.stack(
        "    ocean: {auth:", '    reef: {auth: {client_id: a, client_secret: {secure: "v1:c"}}}\n    ocean: {auth:'
    )
    found = warnings()
    assert len(found) == warns
    assert all("ocean/staging, ocean/prod, reef/staging, reef/prod" in line for line in found) or not warns
    repository.stack(
        "    reef: {auth", '    reef: {registry: {username: b, password: {secure: "v1:d"}, token: {secure: x}}, auth'
    )
    own = warns and "pull_secret" not in settings and settings != GOOGLE
    assert len(warnings()) == (0 if own else warns), "a community with its own account"


def test_a_plan_imports_what_its_own_registry_needs_alone() -> None:
    program = (
        "import sys; from hubs.preview.program import run; run('demo')\n"
        "print(sorted({'pulumi_gcp', 'components.registry.quay_robot_provider', 'httpx'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_no_two_hubs_share_a_prefix(repository: Repository) -> None:
    found = resources(repository)
    prefixes = {
        found.values(f"ocean-{hub}-binderhub")["config"]["BinderHub"]["image_prefix"] for hub in ("prod", "staging")
    }
    assert prefixes == {"quay.io/earth/earth-ocean-prod-", "quay.io/earth/earth-ocean-staging-"}
