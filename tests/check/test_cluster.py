"""Checks of the cluster, with a real API server if one is installed, and with a stand-in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hubs.check import cluster as checks
from hubs.check.findings import Finding, Status
from hubs.check.run import run
from hubs.clients.charts import Archive, Charts
from hubs.clients.http import Http
from hubs.clients.kubernetes import METADATA, Cluster, ClusterError
from hubs.settings.stack import Stack
from hubs.values.home import claim_name
from tests.doubles.apiserver import ApiServer
from tests.doubles.kubernetes import KubernetesDouble
from tests.doubles.server import Fault, Reply

Server = KubernetesDouble | ApiServer
SLUG = "ocean-prod"
NODES, NAMESPACES, SECRETS = "/api/v1/nodes", "/api/v1/namespaces", "/api/v1/secrets"
VOLUMES, STORAGE = "/api/v1/persistentvolumes", "/apis/storage.k8s.io/v1/storageclasses"
INGRESS, ISSUERS = "/apis/networking.k8s.io/v1/ingressclasses", "/apis/cert-manager.io/v1/clusterissuers"
ROLES, PRIORITIES = "/apis/rbac.authorization.k8s.io/v1/clusterroles", "/apis/scheduling.k8s.io/v1/priorityclasses"


@pytest.fixture(params=["recorded", "real"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    if request.param == "real":
        found: ApiServer = request.getfixturevalue("real")
        yield found
        found.forget()
    else:
        with KubernetesDouble() as double:
            yield double


@pytest.fixture
def namespace() -> str:
    return f"ocean-{secrets.token_hex(4)}"


def meta(name: str, labels: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": labels or {}, **more}}


def node(name: str, purpose: str, spec: dict[str, Any] | None = None, ready: str = "True") -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": ready}]
    labels = {"hub.jupyter.org/node-purpose": purpose}
    status = {"conditions": conditions, "allocatable": {"ephemeral-storage": "91Gi"}}
    return {**meta(name, labels), "spec": spec or {}, "status": status}


def release(name: str, namespace: str, status: str = "deployed", revision: int = 1) -> dict[str, Any]:
    labels = {"owner": "helm", "name": name, "status": status, "version": str(revision)}
    full = f"sh.helm.release.v1.{name}.v{revision}"
    data = {"release": "TUFSS0VS"}  # MARKER
    return {**meta(full, labels, namespace=namespace), "type": "helm.sh/release.v1", "data": data}


class Known(Charts):
    """Charts that are always available, with the Kubernetes versions that they support."""

    def __init__(self, kube_version: str) -> None:
        self._kube_version = kube_version

    def label(self, chart: Any) -> str:
        return f"{chart.name} {chart.version}"

    def archive(self, chart: Any) -> Archive:
        return Archive("sha256:0", self._kube_version)


def look(server: Server, stack: Stack, kube_version: str = "", **kubeconfig: Any) -> dict[str, list[Finding]]:
    cluster = Cluster("rig", server.kubeconfig(**kubeconfig))
    found: dict[str, list[Finding]] = {}
    for finding in run(checks.checks(stack, cluster, Known(kube_version)), set(), lambda _: None):
        found.setdefault(finding.subject, []).append(finding)
    return found


Make = Callable[..., Stack]


def test_a_cluster_that_has_everything(server: Server, make_stack: Make, namespace: str) -> None:
    server.create(NODES, node("core-1", "core"))
    server.create(NODES, node("user-1", "user"))
    server.create(STORAGE, {**meta("gp3"), "provisioner": "example.org/none"})
    server.create(INGRESS, {**meta("nginx"), "spec": {"controller": "example.org/none"}})
    ready = {"conditions": [{"type": "Ready", "status": "True"}]}
    kind = {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer"}
    server.create(ISSUERS, {**kind, **meta("letsencrypt"), "status": ready})
    stack = make_stack(
        cluster={"ingress": {"class_name": "nginx", "cluster_issuer": "letsencrypt"}, "storage_class": "gp3"},
        community={"namespace": namespace},
    )
    found = look(server, stack, ">=1.28.0-0")
    assert {f.status for findings in found.values() for f in findings} == {Status.OK}, found
    assert set(found) == {
        "version",
        "core nodes",
        "user nodes of ocean/prod",
        "build cache",
        "storage class",
        "namespaces of removed hubs",
        "ingress class nginx",
        "issuer letsencrypt",
        f"namespace {namespace}",
        "releases of ocean/prod",
        "names of ocean/prod",
    }


def test_an_empty_cluster(server: Server, make_stack: Make) -> None:
    ingress = {"class_name": "nginx", "cluster_issuer": "letsencrypt"}
    found = look(server, make_stack(cluster={"ingress": ingress, "storage_class": "gp3"}), ">=1.99.0-0")
    status = {subject: findings[0].status for subject, findings in found.items()}
    assert status["version"] is Status.FAILED
    assert f"needs Kubernetes >=1.99.0-0, but the cluster has {server.version}" in found["version"][0].message
    assert status["core nodes"] is Status.FAILED
    assert status["user nodes of ocean/prod"] is Status.WARNING, "nodes may scale up on demand"
    assert found["storage class"][0].message == "gp3 does not exist; the cluster has: none"
    assert "does not exist" in found["ingress class nginx"][0].message
    assert status["issuer letsencrypt"] is Status.FAILED
    assert status["releases of ocean/prod"] is Status.OK
    assert all(f.todo for findings in found.values() for f in findings if f.status is not Status.OK)


@pytest.mark.parametrize(
    ("spec", "ready", "usable"),
    [
        ({}, "True", True),
        ({}, "False", False),
        ({"unschedulable": True}, "True", False),
        ({"taints": [{"key": "hub.jupyter.org/dedicated", "value": "core", "effect": "NoSchedule"}]}, "True", True),
        ({"taints": [{"key": "hub.jupyter.org_dedicated", "value": "user", "effect": "NoSchedule"}]}, "True", False),
        ({"taints": [{"key": "gpu", "effect": "NoExecute"}]}, "True", False),
        ({"taints": [{"key": "gpu", "effect": "PreferNoSchedule"}]}, "True", True),
    ],
)
def test_nodes_that_pods_cannot_use(
    server: Server, make_stack: Make, spec: dict[str, Any], ready: str, usable: bool
) -> None:
    server.create(NODES, node("core-1", "core", spec, ready))
    finding = look(server, make_stack())["core nodes"][0]
    assert finding.status is (Status.OK if usable else Status.FAILED)


@pytest.mark.parametrize(
    ("cache", "status", "says"),
    [
        ("40Gi", Status.OK, "fits: at most 40Gi for each hub"),
        (
            "100Gi",
            Status.WARNING,
            "1 nodes such as user have 91Gi for pods, and the caches of 1 hubs may take 100Gi",
        ),
    ],
)
def test_caches_that_fit_on_a_node(server: Server, make_stack: Make, cache: str, status: Status, says: str) -> None:
    server.create(NODES, node("core-1", "core"))
    server.create(NODES, node("user", "user"))
    (finding,) = look(server, make_stack(cluster={"build_cache": cache}))["build cache"]
    assert finding.status is status
    assert says in finding.message
    assert "build cache" not in look(server, make_stack(cluster={"build_cache": None}))


def test_a_build_selector_is_looked_for_too(server: Server, make_stack: Make) -> None:
    server.create(NODES, node("user-1", "user"))
    found = look(server, make_stack(community={"build": {"node_selector": {"size": "large"}}}))
    assert [f.status for f in found["user nodes of ocean/prod"]] == [Status.OK, Status.WARNING]
    assert "size=large" in found["user nodes of ocean/prod"][1].message


def test_the_default_storage_class(server: Server, make_stack: Make) -> None:
    assert look(server, make_stack())["storage class"][0].status is Status.FAILED
    notes = {"storageclass.kubernetes.io/is-default-class": "true"}
    server.create(STORAGE, {**meta("standard", annotations=notes), "provisioner": "example.org/none"})
    assert look(server, make_stack())["storage class"][0].message == "the default is standard"


def test_free_volumes_may_do_without_a_class(make_stack: Make) -> None:
    with KubernetesDouble() as double:
        double.create(VOLUMES, {**meta("v1"), "spec": {}, "status": {"phase": "Available"}})
        double.create(VOLUMES, {**meta("v2"), "spec": {}, "status": {"phase": "Bound"}})
        assert "1 volume without a class is available" in look(double, make_stack())["storage class"][0].message


@pytest.mark.parametrize(
    "status", [{}, {"conditions": [{"type": "Ready", "status": "False", "message": "no account"}]}]
)
def test_an_issuer_that_is_not_ready(server: Server, make_stack: Make, status: dict[str, Any]) -> None:
    kind = {"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer"}
    server.create(ISSUERS, {**kind, **meta("letsencrypt"), "status": status})
    stack = make_stack(cluster={"ingress": {"class_name": "nginx", "cluster_issuer": "letsencrypt"}})
    finding = look(server, stack)["issuer letsencrypt"][0]
    assert finding.status is Status.FAILED
    assert finding.message.startswith("is not ready")


@pytest.mark.parametrize(
    ("labels", "status", "says"),
    [
        ({"imagebuilding/hub": SLUG}, Status.OK, "belongs to ocean/prod"),
        ({"imagebuilding/hub": "land-prod"}, Status.FAILED, "another hub, land-prod"),
        ({}, Status.FAILED, "was not created for this hub"),
    ],
)
def test_a_namespace_that_exists(
    server: Server, make_stack: Make, namespace: str, labels: dict[str, str], status: Status, says: str
) -> None:
    server.create(NAMESPACES, meta(namespace, labels))
    finding = look(server, make_stack(community={"namespace": namespace}))[f"namespace {namespace}"][0]
    assert (finding.status, says in finding.message) == (status, True), finding


def test_the_namespace_of_a_hub_with_a_former_name(server: Server, make_stack: Make, namespace: str) -> None:
    notes = {"imagebuilding/key": "land/prod"}
    server.create(NAMESPACES, meta(namespace, {"imagebuilding/hub": "land-prod"}, annotations=notes))
    finding = look(server, make_stack(community={"namespace": namespace}))[f"namespace {namespace}"][0]
    assert "write `renamed_from: land/prod`" in finding.todo


def test_a_namespace_that_is_going(make_stack: Make) -> None:
    with KubernetesDouble() as double:
        gone = {**meta("ocean-prod", {"imagebuilding/hub": SLUG}), "status": {"phase": "Terminating"}}
        double.create(NAMESPACES, gone)
        assert look(double, make_stack())["namespace ocean-prod"][0].message == "is being deleted"


CLAIMS, PODS = "/api/v1/persistentvolumeclaims", "/api/v1/pods"


def fill(server: Server, namespace: str, slug: str) -> None:
    """Create a hub's namespace with two volumes and a running server."""
    server.create(NAMESPACES, meta(namespace, {"imagebuilding/hub": slug}))
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    for name in ("claim-ada", "hub-db-dir"):
        server.create(CLAIMS, {**meta(name, namespace=namespace), "spec": spec})
    labels = {"component": "singleuser-server"}
    containers = [{"name": "notebook", "image": "example.org/notebook:1"}]
    server.create(PODS, {**meta("jupyter-ada", labels, namespace=namespace), "spec": {"containers": containers}})


def test_what_is_lost_with_a_hub_that_is_let_go(server: Server, make_stack: Make, namespace: str) -> None:
    stack = make_stack(community={"namespace": namespace, "decommission": True})
    assert look(server, stack)["decommissioning ocean/prod"][0].status is Status.OK
    fill(server, namespace, SLUG)
    finding = look(server, stack)["decommissioning ocean/prod"][0]
    assert finding.status is Status.WARNING
    assert f"the namespace {namespace}, with 2 volumes and 1 running server" in finding.message


def test_a_hub_that_left_is_kept_and_named(server: Server, make_stack: Make, namespace: str) -> None:
    slug = f"sea-{namespace}"
    fill(server, namespace, slug)
    found = look(server, make_stack(community={"namespace": "ocean-other"}))["namespaces of removed hubs"]
    mine = [f for f in found if f" {namespace} " in f.message]
    assert [f.status for f in mine] == [Status.WARNING]
    assert f"the namespace {namespace} belongs to the hub {slug}, which is not in this stack: " in mine[0].message
    assert "2 volumes and 1 running server" in mine[0].message


def test_releases(server: Server, make_stack: Make, namespace: str) -> None:
    other = f"other-{secrets.token_hex(4)}"
    for name in (namespace, other):
        server.create(NAMESPACES, meta(name))
    server.create(SECRETS, release(SLUG, namespace, "superseded", 9))
    server.create(SECRETS, release(SLUG, namespace, "pending-upgrade", 10))
    server.create(SECRETS, release(f"{SLUG}-binderhub", namespace, "failed"))
    server.create(SECRETS, release(f"{SLUG}-binderhub", other))
    found = look(server, make_stack(community={"namespace": namespace}))["releases of ocean/prod"]
    assert [(f.status, f.message.partition(":")[0]) for f in found] == [
        (Status.FAILED, f"{SLUG} is pending-upgrade"),
        (Status.FAILED, f"the namespace {other} has a release with the same name, {SLUG}-binderhub"),
        (Status.WARNING, f"the last update of {SLUG}-binderhub failed"),
    ]


def test_secrets_are_listed_without_what_is_in_them(server: Server, namespace: str) -> None:
    server.create(NAMESPACES, meta(namespace))
    for revision in (1, 2, 3):
        server.create(SECRETS, release(SLUG, namespace, revision=revision))
    cluster = Cluster("rig", server.kubeconfig())
    found = cluster.list(SECRETS, accept=METADATA, labelSelector="owner=helm")
    assert len(found) == 3, "all pages"
    assert "TUFSS0VS" not in str(found)


def test_names_that_are_taken(server: Server, make_stack: Make, namespace: str) -> None:
    ours = {"meta.helm.sh/release-namespace": namespace, "meta.helm.sh/release-name": SLUG}
    theirs = {"meta.helm.sh/release-namespace": "other", "meta.helm.sh/release-name": SLUG}
    server.create(ROLES, {**meta(f"{SLUG}-user-scheduler", annotations=ours), "rules": []})
    stack = make_stack(community={"namespace": namespace})
    assert [f.status for f in look(server, stack)["names of ocean/prod"]] == [Status.OK]
    server.create(PRIORITIES, {**meta(f"{SLUG}-default-priority", annotations=theirs), "value": 0})
    found = look(server, stack)["names of ocean/prod"]
    message = f"the PriorityClass {SLUG}-default-priority already exists and belongs to the release {SLUG} in other"
    assert [(f.status, f.message) for f in found] == [(Status.FAILED, message)]


def test_a_home_volume_of_another_namespace(server: Server, make_stack: Make, namespace: str) -> None:
    spec = {
        "capacity": {"storage": "1Mi"},
        "accessModes": ["ReadWriteMany"],
        "nfs": {"server": "10.0.0.7", "path": "/export"},
        "claimRef": {"namespace": "other", "name": "home-nfs"},
    }
    home = {"nfs": {"server": "10.0.0.7", "path": "/export/ocean"}}
    stack = make_stack(community={"namespace": namespace, "home": home})
    name = f"{SLUG}-{claim_name(stack.hubs[0])}"
    server.create(VOLUMES, {**meta(name), "spec": spec})
    found = look(server, stack)["names of ocean/prod"]
    assert [f.message for f in found] == [f"the PersistentVolume {name} already exists and is claimed from other"]


# A cluster that does not answer, or denies some requests


def statuses(found: dict[str, list[Finding]]) -> set[Status]:
    return {finding.status for findings in found.values() for finding in findings}


def test_wrong_credentials(server: Server, make_stack: Make) -> None:
    found = look(server, make_stack(), token="MARKER-token")
    assert statuses(found) == {Status.UNCHECKED}
    assert "401" in found["core nodes"][0].message
    assert "MARKER" not in str(found)


def test_no_cluster_there_and_no_such_context(make_stack: Make) -> None:
    with KubernetesDouble() as gone:
        config = gone.kubeconfig()
    for cluster in (Cluster("rig", config), Cluster("other", config), Cluster("rig", "]["), Cluster("rig", "null")):
        with pytest.raises(ClusterError):
            cluster.version()
        found = run(checks.checks(make_stack(), cluster, Known("")), set(), lambda _: None)
        assert {finding.status for finding in found} == {Status.UNCHECKED}


def test_what_may_not_be_read_hides_nothing_else(make_stack: Make) -> None:
    with KubernetesDouble() as double:
        double.create(NODES, node("core-1", "core"))
        double.forbidden.add(SECRETS)
        found = look(double, make_stack())
        assert found["core nodes"][0].status is Status.OK
        assert found["releases of ocean/prod"][0].status is Status.UNCHECKED
        assert "may not read /api/v1/secrets" in found["releases of ocean/prod"][0].message


@pytest.mark.parametrize(
    "fault",
    [Fault("nodes", Reply(500, b"oops")), Fault("nodes", Reply(200, b"<html>")), Fault("nodes", Reply(200, []))],
)
def test_an_answer_that_is_broken(make_stack: Make, fault: Fault) -> None:
    with KubernetesDouble() as double:
        double.faults.append(Fault(**{**vars(fault), "times": 9}))
        found = look(double, make_stack())
        assert found["core nodes"][0].status is Status.UNCHECKED
        assert found["names of ocean/prod"][0].status is Status.OK


def test_the_person_own_kubeconfig_is_read_with_the_stacks_context(
    make_stack: Make, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, http: Http
) -> None:
    with KubernetesDouble() as double:
        (tmp_path / "config").write_text(double.kubeconfig("rig"))
        monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "config"))
        assert Cluster("rig").version() == "v1.33.5"
        with pytest.raises(ClusterError, match="no cluster"):
            Cluster(None).version()
