"""Values that can't work, or that give people what is not theirs, are refused where they are written."""

from __future__ import annotations

import pytest

from hubs.settings.chart_secrets import SECRETS
from tests.repository import Repository

OCEAN, STACK = "stacks/earth/ocean.yaml", "stacks/Pulumi.earth.yaml"
NFS = "home: {nfs: {server: a, path: /b}}"


@pytest.mark.parametrize("wrong", ["{a: b}", "[a]", "[null]", "{a: null}", "{secure: v1:x, b: c}", "[{secure: v1:x}]"])
@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("registry: {username: earth+robot, password: %s}", "registry.password"),
        ("registry: {username: earth+robot}\n    environment: {A: %s}", "environment.A"),
        ("registry: {username: earth+robot}\n    auth: {client_secret: %s}", "auth.client_secret"),
    ],
)
def test_a_secret_is_one_text(repository: Repository, place: str, path: str, wrong: str) -> None:
    repository.stack('registry: {username: earth+robot, password: {secure: "v1:cipher"}}', place % wrong)
    repository.stack(', client_secret: {secure: "v1:cipher"}', "")
    found = [error for error in repository.errors() if "must be text: {secure: ...}" in error]
    assert found, repository.errors()
    assert all(error.startswith(f"{STACK}:") and path in error for error in found)


def test_a_null_in_a_list_of_secret_values_is_no_secret(repository: Repository) -> None:
    repository.stack("    ocean: {", "    ocean: {values: {jupyterhub: {hub: {extraConfig: {a: [null]}}}}, ")
    assert repository.errors() == []


@pytest.mark.parametrize("name", [*sorted(SECRETS), "ocean-prod-binderhub", "sh.helm.release.v1.ocean-prod.v1"])
@pytest.mark.parametrize(
    ("written", "path"),
    [
        (
            "environment: {A: {valueFrom: {secretKeyRef: {name: NAME, key: k}}}}",
            "environment.A.valueFrom.secretKeyRef.name",
        ),
        (
            "shared_directories: {/x: {volume: {secret: {secretName: NAME}}}}",
            "shared_directories./x.volume.secret.secretName",
        ),
        (
            "shared_directories: {/x: {volume: {projected: {sources: [{secret: {name: NAME}}]}}}}",
            "shared_directories./x.volume.projected.sources.0.secret.name",
        ),
        (
            "values: {jupyterhub: {singleuser: {storage: {extraVolumes: [{name: v, secret: {secretName: NAME}}]}}}}",
            "values.jupyterhub.singleuser.storage.extraVolumes.0.secret.secretName",
        ),
        (
            "profiles: [{display_name: A, kubespawner_override: {volumes: {v: {secret: {secretName: NAME}}}}}]",
            "profiles.0.kubespawner_override.volumes.v.secret.secretName",
        ),
        # KubeSpawner accepts the names of the Python client, too.
        (
            "profiles: [{display_name: A, kubespawner_override: {volumes: {v: {secret: {secret_name: NAME}}}}}]",
            "profiles.0.kubespawner_override.volumes.v.secret.secret_name",
        ),
        (
            "profiles: [{display_name: A, kubespawner_override: {environment: {A: {value_from: {secret_key_ref:"
            " {name: NAME, key: k}}}}}}]",
            "profiles.0.kubespawner_override.environment.A.value_from.secret_key_ref.name",
        ),
        (
            "values: {jupyterhub: {hub: {config: {KubeSpawner: {environment: {A: {valueFrom: {secretKeyRef:"
            " {name: NAME, key: k}}}}}}}}}",
            "values.jupyterhub.hub.config.KubeSpawner.environment.A.valueFrom.secretKeyRef.name",
        ),
    ],
)
def test_servers_do_not_read_secrets_of_the_charts(repository: Repository, written: str, path: str, name: str) -> None:
    repository.replace(OCEAN, "hubs:", f"{written.replace('NAME', name)}\nhubs:")
    message = f"{path}: {name} is a Secret of the hub itself, with its credentials: servers must not read it"
    found = repository.errors()
    assert {f"{OCEAN}:3: ocean/{hub}: {message}" for hub in ("prod", "staging")} <= set(found)
    # KubeSpawner does not convert nested fields, which is one line more.
    assert [line for line in found if "must be written as in Kubernetes" not in line and message not in line] == []


@pytest.mark.parametrize(
    "written",
    [
        "environment: {A: {valueFrom: {secretKeyRef: {name: own, key: k}}}}",
        "values: {jupyterhub: {hub: {extraEnv: {A: {valueFrom: {secretKeyRef: {name: hub, key: k}}}}}}}",
    ],
)
def test_other_secrets_and_other_pods_are_allowed(repository: Repository, written: str) -> None:
    repository.replace(OCEAN, "hubs:", f"{written}\nhubs:")
    assert repository.errors() == []


@pytest.mark.parametrize("directory", ["{}", "{read_only: false}", "{sub_path: null}"])
@pytest.mark.parametrize("home", [NFS, "home: {disk: {volume_id: vol-0123456789abcdef0}}"])
def test_the_whole_share_is_not_for_everyone_by_accident(repository: Repository, home: str, directory: str) -> None:
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    repository.replace(OCEAN, "  staging: {domain: staging.ocean.example.org}\n", "")
    repository.replace(OCEAN, "hubs:", f"{home}\nshared_directories: {{all: {directory}}}\nhubs:")
    (error,) = repository.errors()
    assert error.startswith(
        f"{OCEAN}:4: ocean/prod: shared_directories.all: gives everyone the home directories of all"
    )
    repository.replace(
        OCEAN, f"all: {directory}", f"all: {directory.replace('}', ', everyone: true}').replace('{, ', '{')}"
    )
    assert repository.errors() == []


@pytest.mark.parametrize("who", ["groups: [g]", "admins: true", "sub_path: _shared"])
def test_a_part_of_the_share_or_some_people_need_no_word(repository: Repository, who: str) -> None:
    repository.replace(OCEAN, "hubs:", f"{NFS}\nshared_directories: {{all: {{{who}}}}}\nhubs:")
    assert repository.errors() == []


def test_everyone_is_not_some_people(repository: Repository) -> None:
    repository.replace(OCEAN, "hubs:", f"{NFS}\nshared_directories: {{a: {{admins: true, everyone: true}}}}\nhubs:")
    assert "shared_directories.a: everyone contradicts groups and admins: remove one of them" in repository.errors()[0]


@pytest.mark.parametrize(
    ("repository_url", "accepted"),
    [
        ("https://charts.example.org", True),
        ("oci://charts.example.org/x", True),
        ("http://127.0.0.1:9/", True),
        ("http://localhost/charts", True),
        ("http://charts.example.org", False),
        ("http://127.0.0.1.example.org", False),
    ],
)
def test_charts_come_over_https(repository: Repository, repository_url: str, accepted: bool) -> None:
    charts = f"  imagebuilding:charts: {{jupyterhub: {{repository: '{repository_url}'}}}}\n"
    repository.stack("  imagebuilding:secrets:", f"{charts}  imagebuilding:secrets:")
    expected = f"{STACK}:6: imagebuilding:charts.jupyterhub.repository: must be https://... or oci://..."
    assert (repository.errors() == []) is accepted
    assert accepted or any("must be https://... or oci://..." in error for error in repository.errors()), expected


@pytest.mark.parametrize(
    ("ingress", "more", "warned"),
    [
        ("{class_name: nginx}", "", True),
        ("{class_name: nginx, cluster_issuer: letsencrypt}", "", False),
        ("{class_name: nginx, tls: elsewhere}", "", False),
        ("{class_name: nginx}", "values: {jupyterhub: {ingress: {tls: [{secretName: x}]}}}\n", False),
    ],
)
def test_an_ingress_without_tls(repository: Repository, ingress: str, more: str, warned: bool) -> None:
    repository.stack("{name: earth}", f"{{name: earth, ingress: {ingress}}}")
    repository.replace(OCEAN, "hubs:", f"{more}hubs:")
    found = [str(warning) for warning in repository.load().warnings if "cluster.ingress" in str(warning)]
    assert len(found) == warned
    if warned:
        assert found[0].startswith(f"{STACK}:4: imagebuilding:cluster.ingress: has no TLS: ocean/")
        assert found[0].endswith("tls: elsewhere if something in front of the ingress terminates TLS")


def test_a_demonstration_needs_no_tls(repository: Repository) -> None:
    repository.stack("{name: earth}", "{name: earth, demonstration: true, ingress: {class_name: nginx}}")
    assert not [warning for warning in repository.load().warnings if "TLS" in str(warning)]


def test_a_cluster_name_that_cannot_be(repository: Repository) -> None:
    for name in ("x" * 300, "{a: b}", "../..", "''"):
        repository.write(STACK, STACK_TEXT.replace("{name: earth}", f"{{name: {name}}}"))
        assert repository.errors()[0].startswith(f"{STACK}:4: ")


STACK_TEXT = """\
config:
  kubernetes:context: earth
  gcp:project: earth-hubs
  imagebuilding:cluster: {name: earth}
  imagebuilding:registry: {type: quay, organization: earth}
"""
