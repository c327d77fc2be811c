"""A hub's resources: important inputs, what is kept, and the order of updates."""

from __future__ import annotations

from typing import Any

import pytest

from hubs.preview import program
from tests.components.resources import NAMESPACE, RELEASE, resources
from tests.repository import OCEAN, Repository

COMMUNITY = "stacks/earth/ocean.yaml"
PROD = "prod: {domain: ocean.example.org"


def test_releases_are_rolled_back_where_they_fail(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, timeout: 321}")
    releases = resources(repository).all(RELEASE)
    assert {item.name for item in releases} == {
        "ocean-prod-binderhub",
        "ocean-prod",
        "ocean-staging-binderhub",
        "ocean-staging",
    }
    for item in releases:
        assert {key: item.inputs[key] for key in ("atomic", "cleanupOnFail", "skipCrds", "timeout")} == {
            "atomic": True,
            "cleanupOnFail": True,
            "skipCrds": True,
            "timeout": 321,
        }


def test_charts(repository: Repository) -> None:
    repository.write("charts/jupyterhub/Chart.yaml", "name: jupyterhub\nversion: 9.9.9\n")
    repository.stack(
        "  imagebuilding:secrets:",
        "  imagebuilding:charts:\n    jupyterhub: {version: 4.3.9}\n"
        "    binderhub-service: {version: 1.0.0, repository: 'oci://registry.example.org/charts'}\n"
        "  imagebuilding:secrets:",
    )
    repository.replace(COMMUNITY, PROD, f"{PROD}, charts: {{jupyterhub: {{archive: charts/jupyterhub}}}}")
    found = resources(repository)

    def chart(name: str) -> tuple[Any, ...]:
        inputs = found.one(RELEASE, name).inputs
        return inputs["chart"], inputs.get("version"), inputs.get("repositoryOpts")

    assert chart("ocean-staging") == ("jupyterhub", "4.3.9", {"repo": "https://hub.jupyter.org/helm-chart/"})
    assert chart("ocean-prod") == ("charts/jupyterhub", None, None)
    assert chart("ocean-prod-binderhub") == ("oci://registry.example.org/charts/binderhub-service", "1.0.0", None)
    assert found.program.outputs["hubs"]["ocean/prod"]["charts"] == {
        "jupyterhub": "9.9.9",
        "binderhub-service": "1.0.0",
    }


def test_names_are_unique_in_the_cluster(repository: Repository) -> None:
    repository.write(
        "stacks/earth/pond.yaml",
        "display_name: Pond\nauth: {type: github, allow: [pond]}\nhubs:\n  prod: {domain: pond.example.org}\n",
    )
    repository.stack(
        "    ocean: {auth:", '    pond: {auth: {client_id: a, client_secret: {secure: "v1:c"}}}\n    ocean: {auth:'
    )
    found = resources(repository)
    names = [item.inputs["name"] for item in found.all(RELEASE)]
    assert len(names) == 6 == len(set(names))
    urns = [item.urn for item in found.program.resources]
    assert len(urns) == len(set(urns))
    assert {item.inputs["namespace"] for item in found.all(RELEASE)} == {"ocean-staging", "ocean-prod", "pond-prod"}


def test_every_child_has_its_parent(repository: Repository) -> None:
    found = resources(repository)
    tops = {
        item.type for item in found.program.resources if item.parent and item.parent.endswith("::imagebuilding-earth")
    }
    assert tops == {"imagebuilding:hub:ImagebuildingHub", "pulumi:providers:kubernetes"}
    known = {item.urn for item in found.program.resources}
    assert all(item.parent in known for item in found.program.resources if item.type not in tops)


def test_staging_comes_before_prod_and_the_hub_before_binderhub(repository: Repository) -> None:
    found = resources(repository)
    staging = {found.one(RELEASE, name).urn for name in ("ocean-staging", "ocean-staging-binderhub")}
    for item in (
        found.one(NAMESPACE, "ocean-prod"),
        *(found.one(RELEASE, f"ocean-prod{end}") for end in ("", "-binderhub")),
    ):
        assert staging <= set(item.depends_on), item.name
    for hub in ("ocean-staging", "ocean-prod"):
        release, namespace = found.one(RELEASE, hub), found.one(NAMESPACE, hub)
        assert release.urn in found.one(RELEASE, f"{hub}-binderhub").depends_on
        assert namespace.urn in release.depends_on
    assert not any("ocean-prod" in urn for urn in found.one(RELEASE, "ocean-staging").depends_on)


def test_a_community_does_not_wait_for_another(repository: Repository) -> None:
    repository.write(
        "stacks/earth/pond.yaml",
        "display_name: Pond\nauth: {type: github, allow: [pond]}\nhubs:\n  prod: {domain: pond.example.org}\n",
    )
    repository.stack(
        "    ocean: {auth:", '    pond: {auth: {client_id: a, client_secret: {secure: "v1:c"}}}\n    ocean: {auth:'
    )
    assert not any("ocean" in urn for urn in resources(repository).one(RELEASE, "pond-prod").depends_on)


ALWAYS = {"Namespace", "NetworkPolicy"}  # builds and servers may run after the hub is removed
HOMES = {
    "volume": ("volume: {}", ALWAYS),
    "nfs": ("nfs: {server: nfs.example.org, path: /a}", {*ALWAYS, "PersistentVolume", "PersistentVolumeClaim"}),
    "disk": ("disk: {volume_id: vol-1}", {*ALWAYS, "PersistentVolume", "PersistentVolumeClaim", "Service"}),
}


@pytest.mark.parametrize("kind", HOMES)
@pytest.mark.parametrize("decommission", [False, True])
def test_what_holds_files_is_kept_unless_the_word_is_said(
    repository: Repository, kind: str, decommission: bool
) -> None:
    home, kept = HOMES[kind]
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    word = ", decommission: true" if decommission else ""
    repository.replace(COMMUNITY, PROD, f"{PROD}, home: {{{home}}}{word}")
    found = [item for item in resources(repository).program.resources if item.name.startswith("ocean-prod")]
    assert {item.type.split(":")[-1] for item in found if item.retain_on_delete} == (set() if decommission else kept)


def test_home_directories_on_a_share(repository: Repository) -> None:
    repository.replace(COMMUNITY, PROD, f"{PROD}, home: {{nfs: {{server: nfs.example.org, path: /export/ocean}}}}")
    found = resources(repository)
    (pv,), (pvc,) = found.all("PersistentVolume"), found.all("PersistentVolumeClaim")
    volume, claim = pv.inputs["spec"], pvc.inputs
    assert volume["nfs"] == {"server": "nfs.example.org", "path": "/export/ocean"}
    assert volume["persistentVolumeReclaimPolicy"] == "Retain"
    assert volume["claimRef"] == {"namespace": "ocean-prod", "name": claim["metadata"]["name"]}
    assert claim["metadata"]["namespace"] == "ocean-prod"
    assert claim["spec"]["volumeName"] == pv.inputs["metadata"]["name"] == f"ocean-prod-{claim['metadata']['name']}"
    assert claim["spec"]["storageClassName"] == "" == volume["storageClassName"]
    storage = found.values("ocean-prod")["singleuser"]["storage"]
    assert storage["static"] == {"pvcName": claim["metadata"]["name"], "subPath": "{escaped_username}"}
    assert pvc.urn in found.one(RELEASE, "ocean-prod").depends_on


def test_another_share_is_another_volume(repository: Repository) -> None:
    names = []
    for path in ("/a", "/b"):
        repository.ocean(OCEAN.replace(PROD, f"{PROD}, home: {{nfs: {{server: nfs.example.org, path: {path}}}}}"))
        names.append([item.name for item in resources(repository).all("PersistentVolume")])
    assert names[0] != names[1], "a volume that is bound can't be changed"


@pytest.mark.parametrize(
    ("provider", "key", "disk"), [("aws", "eks", "vol-1"), ("gcp", "gke", "projects/p/zones/z/disks/d")]
)
def test_home_directories_on_a_disk(repository: Repository, provider: str, key: str, disk: str) -> None:
    repository.stack("{name: earth}", f"{{name: earth, provider: {provider}}}")
    repository.replace(COMMUNITY, PROD, f"{PROD}, home: {{disk: {{volume_id: {disk}, quota: 7}}}}")
    found = resources(repository)
    values = found.values("ocean-prod-home")
    assert values[key] == {"enabled": True, "volumeId": disk}
    assert values["quotaEnforcer"]["config"]["QuotaManager"] == {"paths": ["/export/prod"], "hard_quota": 7}
    (volume,) = found.all("PersistentVolume")
    assert volume.inputs["spec"]["nfs"] == {"server": "[unknown]", "path": "/prod"}
    (service,) = found.all("Service")
    assert service.urn in volume.depends_on
    assert service.inputs["spec"]["selector"] == {"app": "nfs-server"}
    assert (service.retain_on_delete, found.one(RELEASE, "ocean-prod-home").retain_on_delete) == (True, False)


def test_a_volume_for_each_user_needs_no_resources(repository: Repository) -> None:
    assert not resources(repository).all("PersistentVolume")


def test_service_account_of_servers(repository: Repository) -> None:
    repository.replace(COMMUNITY, PROD, f"{PROD}, service_account: {{annotations: {{role: reader}}}}")
    found = resources(repository)
    (account,) = found.all("ServiceAccount")
    metadata = account.inputs["metadata"]
    assert metadata["annotations"] == {"role": "reader"}
    assert metadata["namespace"] == "ocean-prod"
    assert account.inputs["automountServiceAccountToken"] is False
    assert found.values("ocean-prod")["singleuser"]["serviceAccountName"] == metadata["name"]
    assert "serviceAccountName" not in found.values("ocean-staging")["singleuser"]


def test_policies_of_builds_exist_before_anything_runs(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, build_egress: [{cidr: 10.20.0.5, ports: [8081]}]}")
    found = resources(repository)
    policies = [item for item in found.all("NetworkPolicy") if item.name.startswith("ocean-prod")]
    assert [item.inputs["metadata"]["name"] for item in policies] == [
        "imagebuilding-builds",
        "imagebuilding-docker-api",
    ]
    for item in policies:
        assert item.inputs["metadata"]["namespace"] == "ocean-prod"
        assert item.inputs["spec"]["egress"][-1] == {
            "to": [{"ipBlock": {"cidr": "10.20.0.5/32"}}],
            "ports": [{"protocol": "TCP", "port": 8081}],
        }
        for release in ("ocean-prod", "ocean-prod-binderhub"):
            assert item.urn in found.one(RELEASE, release).depends_on


def test_outputs(repository: Repository) -> None:
    outputs = resources(repository).program.outputs["hubs"]
    assert list(outputs) == ["ocean/prod", "ocean/staging"]
    prod = outputs["ocean/prod"]
    assert prod["url"] == "https://ocean.example.org/"
    assert prod["oauth_callback_url"] == "https://ocean.example.org/hub/oauth_callback"
    assert prod["registry"] == "https://quay.io"
    assert prod["image_prefix"] == "quay.io/earth/earth-ocean-prod-"
    assert prod["namespace"] == "ocean-prod"


@pytest.fixture
def providers(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the provider of each Kubernetes resource, by URN."""
    seen: dict[str, str] = {}
    register = program._Monitor.RegisterResource

    def note(self: Any, request: Any) -> Any:
        response = register(self, request)
        if request.type.startswith("kubernetes:"):
            seen[response.urn] = request.provider
        return response

    monkeypatch.setattr(program._Monitor, "RegisterResource", note)
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    repository.replace(
        COMMUNITY, PROD, f"{PROD}, home: {{disk: {{volume_id: vol-a}}}}, service_account: {{annotations: {{}}}}"
    )
    resources(repository)
    return seen


def test_the_provider_is_explicit(providers: dict[str, str]) -> None:
    assert len(providers) == 15
    assert all("pulumi:providers:kubernetes::earth::" in provider for provider in providers.values())


def test_the_provider_is_this_clusters(repository: Repository) -> None:
    inputs = resources(repository).one("pulumi:providers:kubernetes", "earth").inputs
    assert inputs["context"] == "earth"
    assert "kubeconfig" not in inputs


def test_a_kubeconfig_is_a_secret(repository: Repository) -> None:
    repository.stack("  kubernetes:context: earth\n", '  kubernetes:kubeconfig: {secure: "v1:c"}\n')
    inputs = resources(repository).one("pulumi:providers:kubernetes", "earth").inputs
    assert inputs["kubeconfig"] == "[secret kubernetes:kubeconfig]"
    assert "context" not in inputs
