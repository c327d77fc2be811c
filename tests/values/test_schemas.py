"""The schemas of the real charts accept every hub's values, for all settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubs.preview.values import load_with_placeholders, placeholder_values
from hubs.settings.loader import ROOT
from hubs.settings.stack import Stack
from hubs.stack_files import stack_names
from hubs.values.chart_values import coalesced
from tests.repository import Repository
from tests.values.chart_schema import BINDERHUB, JUPYTERHUB, complaints

AUTH = {
    "github": '{type: github, allow: ["org:team", org], users: [ada], admins: [ada]}',
    "github for all": "{type: github, allow_all: true}",
    "cilogon": "{type: cilogon, identity_providers: {https://idp.example.edu: {username_claim: eppn, allow_all: true, "
    "default: true}, https://b.example.edu: {username_claim: eppn, prefix: b, allowed_domains: [b.example.edu]}}}",
    "google": "{type: google, allow: [example.org], login_service: Google}",
    "oidc": "{type: oidc, authorize_url: https://a.example.org, token_url: https://b.example.org, groups_claim: roles, "
    "allow_groups: [people], admin_groups: [staff], extra_authorize_params: {audience: a}}",
    "shared-password": "{type: shared-password, admins: [ada]}",
    "dummy": "{type: dummy}",
}
HOME = {
    "volume": "{volume: {size: 5Gi, storage_class: fast}}",
    "nfs": "{nfs: {server: 10.0.0.7, path: /export}, extra_mount_paths: [/home/rstudio]}",
    "disk": "{disk: {volume_id: vol-1, quota: 5}}",
    "none": "none",
}
REGISTRY = {
    "quay": "{type: quay, organization: earth}",
    "artifact-registry": "{type: artifact-registry, location: us-central1}",
    "oci": '{type: oci, host: "registry.example.org:5000", prefix: hubs/}',
    "oci without pull secret": "{type: oci, host: registry.example.org, pull_secret: false}",
}
CLUSTER = {
    "ingress": "ingress: {class_name: nginx, cluster_issuer: letsencrypt, annotations: {a: b}}",
    "own nodes": "core_nodes: {selector: {pool: core}}, user_nodes: {selector: {pool: user}, tolerations: [{key: a}]}",
    "any node": "core_nodes: {selector: {}, tolerations: []}, user_nodes: {selector: {}, tolerations: []}",
    "no limits": "build_cache: null, user_scheduler: false, block_cloud_metadata: false, storage_class: fast",
}
EVERYTHING = """\
display_name: Everything
auth: {type: github, allow: [org], admins: [ada]}
home: {nfs: {server: 10.0.0.7, path: /export}}
shared_directories:
  shared: {sub_path: _shared}
  /scratch: {volume: {emptyDir: {}}}
  /all: {read_only: false, admins: true}
files: {/etc/a.json: {data: {a: 1}, mode: 0755}, /etc/b: text}
node_selector: {size: large}
block_cloud_metadata: false
profiles:
  - display_name: A
    allowed_groups: [a]
    images: {a: "a/b:1", b: {image: "c/d:2", default_url: /rstudio, allowed_groups: [b]}}
    node_shares: [{instance_type: r5.xlarge}]
    kubespawner_override: {mem_limit: null, extra_resource_limits: {nvidia.com/gpu: "1"}}
image: quay.io/a/b@sha256:0000000000000000000000000000000000000000000000000000000000000000
build: {groups: [builders], node_selector: {disk: ssd}}
resources: {memory: {guarantee: 512000000, limit: null}, cpu: {guarantee: 1, limit: 2.5}}
roles: {user: ["read:users"], helpers: {scopes: ["admin:servers"], groups: [staff], users: [ada]}}
environment: {A: b, SECRET: {valueFrom: {secretKeyRef: {name: a, key: b}}}}
service_account: {annotations: {a: b}}
branding:
  organization: {name: Org, url: "https://example.org", logo_url: "https://example.org/logo.svg"}
  announcement: Hello
named_servers: {limit: 3}
default_url: /tree
working_directory: /home/jovyan/work
cull: {enabled: true, max_age: 0, users: true}
values:
  jupyterhub: {singleuser: {cloudMetadata: null, extraLabels: {a: b}}}
  binderhub-service: {dockerApi: {initContainers: null}, replicas: 2}
hubs:
  staging: {domain: staging.example.org, branding: {templates: {repository: "https://example.org/templates"}}}
  prod: {domain: example.org, profiles: [], cull: {enabled: false}, home: none, shared_directories: null}
"""


def check(chart_data: Path, stack: Stack) -> None:
    assert stack.hubs
    for hub in stack.hubs:
        values = placeholder_values(stack, hub.key)
        for chart in JUPYTERHUB:
            assert complaints(chart_data / chart, values["jupyterhub"].data) == [], (chart, hub.key)
        assert complaints(chart_data / BINDERHUB, values["binderhub-service"].data) == [], hub.key


@pytest.mark.parametrize("stack", stack_names(ROOT))
def test_stacks_of_the_repository(chart_data: Path, stack: str) -> None:
    check(chart_data, load_with_placeholders(stack, ROOT))


@pytest.mark.parametrize("kind", AUTH)
def test_who_may_log_in(chart_data: Path, repository: Repository, kind: str) -> None:
    repository.stack("{name: earth}", "{name: earth, demonstration: true}")
    repository.stack("client_id:", 'password: {secure: "v1:c"}, admin_password: {secure: "v1:d"}, client_id:')
    repository.replace(
        "stacks/earth/ocean.yaml", '{type: github, allow: ["ocean-org:hub-users"], admins: [ada]}', AUTH[kind]
    )
    check(chart_data, repository.load())


@pytest.mark.parametrize("kind", HOME)
def test_homes(chart_data: Path, repository: Repository, kind: str) -> None:
    repository.stack("{name: earth}", "{name: earth, provider: aws}")
    repository.replace("stacks/earth/ocean.yaml", "hubs:", f"home: {HOME[kind]}\nhubs:")
    repository.replace("stacks/earth/ocean.yaml", "prod: {", "prod: {home: none, ")
    check(chart_data, repository.load())


@pytest.mark.parametrize("kind", REGISTRY)
def test_registries(chart_data: Path, repository: Repository, kind: str) -> None:
    repository.stack("{type: quay, organization: earth}", REGISTRY[kind])
    check(chart_data, repository.load())


@pytest.mark.parametrize("kind", CLUSTER)
def test_clusters(chart_data: Path, repository: Repository, kind: str) -> None:
    repository.stack("{name: earth}", f"{{name: earth, {CLUSTER[kind]}}}")
    check(chart_data, repository.load())


def test_everything_at_once(chart_data: Path, repository: Repository) -> None:
    repository.ocean(EVERYTHING)
    check(chart_data, repository.load())


@pytest.mark.parametrize(
    ("chart", "values", "complaint"),
    [
        ("jupyterhub-4.x", {"hubb": {}}, ": Additional properties are not allowed ('hubb' was unexpected)"),
        ("jupyterhub-4.x", {"hub": {"baseUrl": None}}, "hub: 'baseUrl' is a required property"),
        (BINDERHUB, {"service": {"port": "8090"}}, "service.port: '8090' is not of type 'integer'"),
    ],
)
def test_the_schemas_find_what_is_wrong(
    chart_data: Path, chart: str, values: dict[str, object], complaint: str
) -> None:
    good = {"imagePullSecret": {"create": False}} if chart != BINDERHUB else {}
    assert complaint in complaints(chart_data / chart, {**good, **values})


@pytest.mark.parametrize(
    ("chart", "given", "expected"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": 1}, {"a": {"b": None}}, {"a": {"b": None}}),
        ({"a": 1}, {"b": {"c": 1}}, {"a": 1, "b": {"c": 1}}),
    ],
)
def test_values_are_laid_over_the_charts_own(chart: object, given: object, expected: object) -> None:
    assert coalesced(chart, given) == expected
