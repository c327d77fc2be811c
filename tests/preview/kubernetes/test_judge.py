"""What changed objects of a hub mean: small manifests, one change each."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from hubs.preview.diff.judged import Level
from hubs.preview.diff.kubernetes.judge import Objects, judge_objects
from hubs.preview.diff.kubernetes.removed_apis import REMOVED, removed_in
from hubs.preview.manifests import Document
from hubs.settings.touches import Touches

OBJECTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: hub}
spec:
  replicas: 1
  selector: {matchLabels: {component: hub}}
  template:
    metadata: {labels: {component: hub}}
    spec:
      serviceAccountName: hub
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      volumes:
      - {name: db, persistentVolumeClaim: {claimName: hub-db-dir}}
      - {name: secret, secret: {secretName: hub}}
      containers:
      - name: hub
        image: hub:1
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}, readOnlyRootFilesystem: true}
        ports: [{containerPort: 8081}]
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: user-placeholder}
spec:
  serviceName: user-placeholder
  selector: {matchLabels: {component: user-placeholder}}
  template: {metadata: {labels: {component: user-placeholder}}, spec: {containers: [{name: pause, image: pause:1}]}}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {resources: {requests: {storage: 1Gi}}}}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {template: {spec: {containers: [{name: a, image: a:1}]}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: hub-db-dir, annotations: {helm.sh/resource-policy: keep}}
spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: proxy-public}
spec: {type: ClusterIP, clusterIP: 10.0.0.1, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: open}
spec: {type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8], ports: [{port: 443}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: jupyterhub}
spec: {rules: [{host: ocean.example.org}], tls: [{hosts: [ocean.example.org], secretName: tls}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: singleuser}
spec:
  podSelector: {matchLabels: {component: singleuser-server}}
  policyTypes: [Ingress, Egress]
  ingress: [{ports: [{port: 8888}], from: [{podSelector: {matchLabels: {component: hub}}}]}]
  egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32, 10.0.0.0/8]}}]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: hub}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: hub}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: hub}
subjects: [{kind: ServiceAccount, name: hub}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: hub}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: servers}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Secret
metadata: {name: hub}
stringData: {values.yaml: "a: 1"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: fixed}
immutable: true
data: {a: "1"}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: hub}
spec: {maxUnavailable: 1, selector: {matchLabels: {component: hub}}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: disk
"""
BASE: list[Document] = list(yaml.safe_load_all(OBJECTS))
HUB, PLACEHOLDER, JOB, CLAIM = (
    "Deployment hub",
    "StatefulSet user-placeholder",
    "Job once",
    "PersistentVolumeClaim hub-db-dir",
)
POD = "spec.template.spec"
CONTAINER = f"{POD}.containers.0"
REMOVED_OBJECT = object()


def changed(name: str, path: str, value: Any) -> list[Document]:
    """Return the objects with one value changed, or with an object removed (an empty path)."""
    result = copy.deepcopy(BASE)
    kind, _, called = name.partition(" ")
    (document,) = [one for one in result if one["kind"] == kind and one["metadata"]["name"] == called]
    if not path:
        result.remove(document)
        return result
    node: Any = document
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        node = node[step] if isinstance(step, int) else node.setdefault(step, {})
    if value is REMOVED_OBJECT:
        del node[last]
    else:
        node[last] = value
    return result


def said(old: list[Document], new: list[Document], kubernetes: tuple[str, str] = ("1.33.0", "1.33.0")) -> list[str]:
    before, after = Objects(old, (), kubernetes[0]), Objects(new, (), kubernetes[1])
    return [f"{one.level.word}: {one.text}" for one in judge_objects(before, after, "ocean-prod")]


FAILS = "dangerous: the update fails: Kubernetes refuses another"
ADD_PORT = [{"port": 80}, {"port": 22}]
CASES: list[tuple[str, str, Any, list[str]]] = [
    # Fields that Kubernetes does not let anyone change.
    (HUB, "spec.selector.matchLabels.app", "x", [f"{FAILS} selector of {HUB}"]),
    (PLACEHOLDER, "spec.serviceName", "x", [f"{FAILS} serviceName of {PLACEHOLDER}"]),
    (PLACEHOLDER, "spec.podManagementPolicy", "Parallel", [f"{FAILS} podManagementPolicy"]),
    (
        PLACEHOLDER,
        "spec.volumeClaimTemplates.0.spec.resources.requests.storage",
        "2Gi",
        [f"{FAILS} volume for its pods"],
    ),
    (JOB, "spec.template.spec.containers.0.image", "a:2", [f"{FAILS} pod template of {JOB}"]),
    (CLAIM, "spec.storageClassName", "slow", [f"{FAILS} storageClassName of {CLAIM}"]),
    (CLAIM, "spec.accessModes", ["ReadWriteMany"], [f"{FAILS} accessModes"]),
    ("Service proxy-public", "spec.clusterIP", "10.0.0.2", [f"{FAILS} clusterIP"]),
    ("StorageClass fast", "provisioner", "other", [f"{FAILS} provisioner"]),
    ("ConfigMap fixed", "data.a", "2", [f"{FAILS} content (it is immutable) of ConfigMap fixed"]),
    (
        "RoleBinding hub",
        "roleRef.name",
        "other",
        [f"{FAILS} roleRef", "dangerous: ServiceAccount hub: gets more rights"],
    ),
    # Data.
    (CLAIM, "spec.resources.requests.storage", "2Gi", ["careful: PersistentVolumeClaim hub-db-dir: changes its size"]),
    (CLAIM, "spec.resources.requests.storage", "500Mi", [f"{FAILS} smaller size", "careful: "]),
    (CLAIM, "metadata.annotations", {}, ["dangerous: PersistentVolumeClaim hub-db-dir: is no longer kept"]),
    (CLAIM, "", None, ["dangerous: PersistentVolumeClaim hub-db-dir: is no longer part of the chart; it is kept"]),
    (
        HUB,
        f"{POD}.volumes.0",
        {"name": "db", "emptyDir": {}},
        [f"dangerous: {HUB}: no longer uses PersistentVolumeClaim"],
    ),
    # Privileges.
    (
        HUB,
        f"{CONTAINER}.securityContext.privileged",
        True,
        [f"dangerous: {HUB}: its container hub is privileged"],
    ),
    (
        HUB,
        f"{CONTAINER}.securityContext.allowPrivilegeEscalation",
        True,
        [f"dangerous: {HUB}: its container hub may get more"],
    ),
    (
        HUB,
        f"{CONTAINER}.securityContext.capabilities.add",
        ["NET_ADMIN"],
        ["dangerous: Deployment hub: its container hub has the Linux capability NET_ADMIN"],
    ),
    (
        HUB,
        f"{CONTAINER}.securityContext.capabilities",
        {},
        ["dangerous: Deployment hub: its container hub keeps Linux capabilities: AUDIT_WRITE"],
    ),
    (
        HUB,
        f"{CONTAINER}.securityContext.runAsUser",
        0,
        ["dangerous: Deployment hub: its container hub runs as root"],
    ),
    (
        HUB,
        f"{CONTAINER}.securityContext.procMount",
        "Unmasked",
        ["dangerous: Deployment hub: its container hub sees all of /proc"],
    ),
    (
        HUB,
        f"{CONTAINER}.securityContext.readOnlyRootFilesystem",
        False,
        ["careful: Deployment hub: its container hub may write"],
    ),
    (
        HUB,
        f"{CONTAINER}.ports.0.hostPort",
        80,
        ["dangerous: Deployment hub: its container hub is reached on port 80 of its node"],
    ),
    (
        HUB,
        f"{POD}.securityContext.seccompProfile.type",
        "Unconfined",
        ["dangerous: Deployment hub: its container hub is not confined"],
    ),
    (
        HUB,
        f"{POD}.securityContext.runAsNonRoot",
        False,
        ["dangerous: Deployment hub: its container hub may run as root"],
    ),
    (HUB, f"{POD}.hostNetwork", True, ["dangerous: Deployment hub: uses the network of its node"]),
    (HUB, f"{POD}.hostPID", True, ["dangerous: Deployment hub: sees and can stop all processes"]),
    (HUB, f"{POD}.hostIPC", True, ["dangerous: Deployment hub: reaches the shared memory"]),
    (
        HUB,
        f"{POD}.volumes.1",
        {"name": "secret", "hostPath": {"path": "/"}},
        ["dangerous: Deployment hub: mounts / of its node"],
    ),
    (
        HUB,
        f"{POD}.automountServiceAccountToken",
        True,
        ["dangerous: Deployment hub: gets a token for the Kubernetes API"],
    ),
    (
        "ServiceAccount servers",
        "automountServiceAccountToken",
        True,
        ["dangerous: ServiceAccount servers: gives its pods a token"],
    ),
    # Rights.
    (
        "Role hub",
        "rules.0.verbs",
        ["get", "create", "delete"],
        ["dangerous: ServiceAccount hub: gets more rights in Kubernetes: delete pods in its namespace"],
    ),
    ("Role hub", "rules.0.verbs", ["get"], []),
    # Network.
    (
        "NetworkPolicy singleuser",
        "spec.egress.0.to.0.ipBlock.except",
        ["10.0.0.0/8"],
        ["dangerous: network policies: people's servers may reach more: 169.254.169.254/32, with the cloud"],
    ),
    (
        "NetworkPolicy singleuser",
        "spec.policyTypes",
        ["Ingress"],
        ["dangerous: network policies: people's servers may reach every address"],
    ),
    (
        "NetworkPolicy singleuser",
        "spec.ingress",
        [{}],
        ["dangerous: network policies: people's servers accept connections from more: every address"],
    ),
    (
        "NetworkPolicy singleuser",
        "spec.ingress.0.ports.0.port",
        22,
        ["dangerous: network policies: people's servers accept connections from more: pods with component=hub in its"],
    ),
    (
        "NetworkPolicy singleuser",
        "spec.podSelector.matchLabels.x",
        "y",
        [
            "dangerous: network policies: people's servers accept",
            "dangerous: network policies: people's servers may reach",
        ],
    ),
    (
        "NetworkPolicy singleuser",
        "",
        None,
        [
            "dangerous: network policies: people's servers accept",
            "dangerous: network policies: people's servers may reach",
        ],
    ),
    ("NetworkPolicy singleuser", "spec.egress", [], []),
    # From where it is reached.
    ("Service proxy-public", "spec.type", "LoadBalancer", ["dangerous: Service proxy-public: becomes a LoadBalancer"]),
    ("Service proxy-public", "spec.type", "NodePort", ["dangerous: Service proxy-public: becomes a NodePort"]),
    ("Service proxy-public", "spec.ports", ADD_PORT, []),
    ("Service open", "spec.ports", ADD_PORT, ["dangerous: Service open: opens more ports: 22, 80"]),
    (
        "Service open",
        "spec.loadBalancerSourceRanges",
        ["10.0.0.0/7"],
        ["dangerous: Service open: accepts connections from more addresses: 10.0.0.0/7"],
    ),
    ("Service open", "spec.loadBalancerSourceRanges", ["10.1.0.0/16"], []),
    ("Ingress jupyterhub", "spec.tls", [], ["dangerous: Ingress: ocean.example.org has no TLS any more"]),
    (
        "Ingress jupyterhub",
        "spec.rules.0.host",
        "x.org",
        ["dangerous: Ingress: the hub is no longer reached at ocean.example.org"],
    ),
    # Availability.
    (HUB, "spec.replicas", 0, [f"dangerous: {HUB}: has no pods any more"]),
    (HUB, "", None, [f"careful: {HUB}: is deleted"]),
    ("PodDisruptionBudget hub", "", None, ["careful: PodDisruptionBudget hub: is deleted"]),
    ("PodDisruptionBudget hub", "spec.maxUnavailable", 0, ["careful: PodDisruptionBudget hub: lets none of its pods"]),
    ("Secret hub", "", None, ["dangerous: Secret hub: is deleted, but Deployment hub still uses it"]),
    ("ServiceAccount servers", "", None, ["careful: ServiceAccount servers: is deleted"]),
    # Harmless.
    (HUB, f"{CONTAINER}.image", "hub:2", []),
    (HUB, f"{POD}.nodeSelector", {"a": "b"}, []),
    (HUB, "metadata.labels", {"a": "b"}, []),
    ("Secret hub", "stringData", {"values.yaml": "a: 2"}, []),
    ("PodDisruptionBudget hub", "spec.maxUnavailable", 2, []),
]


@pytest.mark.parametrize(
    ("name", "path", "value", "expected"), CASES, ids=[f"{c[0]} {c[1]} {c[2]}"[:70] for c in CASES]
)
def test_one_change(name: str, path: str, value: Any, expected: list[str]) -> None:
    found = said(BASE, changed(name, path, value))
    assert len(found) == len(expected), found
    for words, line in zip(sorted(expected), sorted(found), strict=True):
        assert line.startswith(words), found


@pytest.mark.parametrize(
    ("name", "path", "value", "expected"), CASES, ids=[f"{c[0]} {c[1]} {c[2]}"[:70] for c in CASES]
)
def test_the_reverse_of_a_danger_is_none(name: str, path: str, value: Any, expected: list[str]) -> None:
    """What Kubernetes refuses, it refuses in both directions. What is not a set of rights is not compared here."""
    if any(line.startswith(FAILS) for line in expected) or name.startswith(("Ingress", CLAIM)) or not expected:
        return
    if path.endswith((".port", ".ports")):
        return  # another port is more in both directions
    found = said(changed(name, path, value), BASE)
    assert not [line for line in found if line.startswith("dangerous")], found


def test_nothing_changes() -> None:
    assert said(BASE, copy.deepcopy(BASE)) == []


def test_hooks_are_created_again() -> None:
    hook = copy.deepcopy(next(one for one in BASE if one["kind"] == "Job"))
    hook["metadata"]["annotations"] = {"helm.sh/hook": "pre-upgrade"}
    other = copy.deepcopy(hook)
    other["spec"]["template"]["spec"]["containers"][0]["image"] = "a:2"
    assert said([hook], [other]) == []


def test_a_new_object_is_judged_by_what_it_is_granted() -> None:
    plain: dict[str, Any] = {
        "kind": "DaemonSet",
        "metadata": {"name": "puller"},
        "spec": {"template": {"spec": {"containers": [{"name": "a"}]}}},
    }
    assert said([], [plain]) == []
    privileged = copy.deepcopy(plain)
    privileged["spec"]["template"]["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    assert said([], [privileged]) == [
        "dangerous: DaemonSet puller: its container a is privileged: it can do everything on its node"
    ]


def test_an_unknown_kind_is_not_judged() -> None:
    route = {"kind": "HTTPRoute", "metadata": {"name": "hub"}, "spec": {}}
    (line,) = said([], [route])
    assert line == "careful: HTTPRoute hub: is added: not judged, the effect of this kind of object is not known"


def test_removed_apis() -> None:
    budget = {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "hub"}, "spec": {}}
    assert said([budget], [budget], ("1.24.0", "1.24.0")) == []
    assert said([budget], [budget], ("1.25.0", "1.33.0")) == [], "it was removed before, and nothing changes"
    (line,) = said([budget], [budget], ("1.24.9", "1.25.0"))
    assert line.startswith("dangerous: the update fails: Kubernetes 1.25 and newer have no policy/v1beta1")
    assert said([], [budget], ("1.33.0", "1.33.0")) == [line.replace("1.25.0", "1.33.0")]


def test_the_table_of_removed_apis() -> None:
    for version, kinds in REMOVED.items():
        minor = int(version.partition(".")[2])
        for api, names in kinds.items():
            for name in names:
                assert removed_in(api, name, f"1.{minor}.3") == version
                assert removed_in(api, name, f"1.{minor - 1}.99") == ""
                assert not removed_in("v1", name, "1.99.0")
    assert removed_in("policy/v1beta1", "PodDisruptionBudget", "") == ""


def test_touches() -> None:
    """The touches of a danger decide whether a setting explains it."""
    sides = Objects(BASE, (), "1.33.0"), Objects(changed(HUB, "spec.replicas", 0), (), "1.33.0")
    (one,) = judge_objects(*sides, "ocean-prod")
    assert (one.level, one.touches, one.path) == (Level.DANGEROUS, Touches.AVAILABILITY, HUB)


def test_objects_of_pulumi_are_replaced_and_not_refused() -> None:
    (claim,) = [one for one in BASE if one["kind"] == "PersistentVolumeClaim"]
    other = copy.deepcopy(claim)
    other["spec"]["storageClassName"] = "slow"
    assert judge_objects(Objects((), [claim], "1.33.0"), Objects((), [other], "1.33.0"), "ocean-prod") == []
