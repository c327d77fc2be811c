"""What the API server refuses in parts of pods is refused where it is written, in profiles and in charts' values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubs.settings.chart_parts import FREE, PARTS
from hubs.settings.pod_parts import fields, misfits
from hubs.settings.pod_rules import KEYS, QUANTITIES, VALUES, WHOLE
from tests.repository import OCEAN, Repository

OVERRIDE = "profiles.0.kubespawner_override"
NAME = "must be a name of a-z, 0-9 and '-', at most 63 characters"
OBJECT = "must be the name of a Kubernetes object: a-z, 0-9, '-' and '.'"
VALUE = "must be a label's value: at most 63 letters, digits, '-', '_' and '.'"
QUANTITY = "must be a Kubernetes quantity such as 1 or 10Gi"
TEXT = "must be text (numbers and true/false need quotes)"

# What is written, and the place and message below kubespawner_override.
TRAITS = {
    "extra_labels: {team: '🐙'}": ("extra_labels.team", VALUE),
    "node_selector: {pool: 'a b'}": ("node_selector.pool", VALUE),
    "extra_annotations: {'a b': c}": ("extra_annotations.a b", None),
    "priority_class_name: High Priority": ("priority_class_name", OBJECT),
    "service_account: User_SA": ("service_account", OBJECT),
    "storage_class: Fast SSD": ("storage_class", OBJECT),
    "image_pull_secrets: [My Secret]": ("image_pull_secrets.0", OBJECT),
    "uid: -1": ("uid", "must be from 0 to 2147483647"),
    "supplemental_gids: [100, 99999999999]": ("supplemental_gids", "must be from 0 to 2147483647"),
    "storage_access_modes: [RWX]": (
        "storage_access_modes",
        "must be a list with one or more of ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod",
    ),
    "extra_resource_limits: {gpu: 1}": (
        "extra_resource_limits.gpu",
        "is not a resource: cpu, memory, ephemeral-storage, or a device such as nvidia.com/gpu",
    ),
    "extra_resource_guarantees: {ephemeral-storage: 20Gi}, extra_resource_limits: {ephemeral-storage: 10Gi}": (
        "extra_resource_guarantees.ephemeral-storage",
        f"20Gi is more than the limit 10Gi ({OVERRIDE}.extra_resource_limits.ephemeral-storage): raise the limit, or "
        "write null for none",
    ),
    "tolerations: [{key: a, operator: exists}]": (
        "tolerations.0.operator",
        "must be one of Equal, Exists; write Exists",
    ),
    "tolerations: {gpu: {key: a, effect: noschedule}}": (
        "tolerations.gpu.effect",
        "must be one of NoSchedule, PreferNoSchedule, NoExecute; write NoSchedule",
    ),
    "tolerations: [{operator: Exists, value: b}]": (
        "tolerations.0",
        "has a value, which operator Exists does not compare: remove one of them",
    ),
    "node_affinity_required: [{matchExpressions: [{key: a, operator: in, values: [b]}]}]": (
        "node_affinity_required.0.matchExpressions.0.operator",
        "must be one of In, NotIn, Exists, DoesNotExist, Gt, Lt; write In",
    ),
    "volumes: {d: {name: d, empty_dir: {size_limit: 1Gi}}}": (
        "volumes.d.empty_dir.size_limit",
        "must be written as in Kubernetes: sizeLimit",
    ),
    "node_affinity_required: [{match_expressions: [{key: a, operator: In}]}]": (
        "node_affinity_required.0.match_expressions.0",
        "needs values, which operator In compares",
    ),
    "node_affinity_preferred: [{weight: 200, preference: {matchExpressions: [{key: a, operator: Exists}]}}]": (
        "node_affinity_preferred.0.weight",
        "must be a whole number from 1 to 100",
    ),
    "pod_affinity_required: [{labelSelector: {matchLabels: {a: b}}, topologyKey: ''}]": (
        "pod_affinity_required.0.topologyKey",
        None,
    ),
    "volumes: [{name: my_data, emptyDir: {}}]": ("volumes.0.name", NAME),
    "volumes: [{name: d, emptyDir: {}, hostPath: {path: /x}}]": (
        "volumes.0",
        "can have only one of emptyDir and hostPath",
    ),
    "volumes: [{name: d, emptyDir: {sizeLimit: 10GB}}]": ("volumes.0.emptyDir.sizeLimit", QUANTITY),
    "volumes: {d: {name: d, host_path: {path: /x, type: directory}}}": (
        "volumes.d.host_path.type",
        "must be one of DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice, BlockDevice; write "
        "Directory",
    ),
    "volumes: [{name: d, nfs: {server: 'nas:/x', path: /x}}]": ("volumes.0.nfs.server", None),
    "volumes: [{name: d, persistentVolumeClaim: {claimName: My_Claim}}]": (
        "volumes.0.persistentVolumeClaim.claimName",
        OBJECT,
    ),
    "volumes: [{name: d, emptyDir: {}}, {name: d, emptyDir: {}}]": (
        "volumes.1.name",
        "d is that of another volume already: each needs its own",
    ),
    "volumes: [{name: d, emptyDir: {}}], volume_mounts: [{name: d, mountPath: /d, subPath: ../x}]": (
        "volume_mounts.0.subPath",
        "must not contain '..'",
    ),
    "volumes: [{name: d, emptyDir: {}}], volume_mounts: {a: {name: d, mountPath: /d}, b: {name: d, mountPath: /d}}": (
        "volume_mounts.b.mountPath",
        "/d is that of another mount already: each needs its own",
    ),
    "volume_mounts: [{name: data, mountPath: /data}]": (
        "volume_mounts.0",
        "there is no volume data: add it to volumes",
    ),
    "init_containers: [{name: Prep_Data, image: 'a:1'}]": ("init_containers.0.name", NAME),
    "init_containers: [{name: i, image: 'quay.io/Foo/Bar:1'}]": ("init_containers.0.image", None),
    "init_containers: [{name: i, command: [sh]}]": ("init_containers.0.image", "is missing"),
    "init_containers: [{name: i, image: 'a:1', env: [{name: A, value: 5}]}]": ("init_containers.0.env.0.value", TEXT),
    "init_containers: [{name: i, image: 'a:1', resources: {limits: {memory: 1GB}}}]": (
        "init_containers.0.resources.limits.memory",
        QUANTITY,
    ),
    "init_containers: [{name: i, image: 'a:1', resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}}]": (
        "init_containers.0.resources.requests.memory",
        "2Gi is more than the limit 1Gi",
    ),
    "extra_containers: [{name: notebook, image: 'a:1'}]": (
        "extra_containers.0.name",
        "notebook is the name of the server's own container: write another one",
    ),
    "extra_containers: [{name: db, image: 'a:1', ports: [{containerPort: 70000}]}]": (
        "extra_containers.0.ports.0.containerPort",
        "must be a whole number from 1 to 65535",
    ),
    "container_security_context: {runAsUser: '1000'}": (
        "container_security_context.runAsUser",
        "must be a whole number",
    ),
    "container_security_context: {privileged: true, allowPrivilegeEscalation: false}": (
        "container_security_context.allowPrivilegeEscalation",
        "must be true with privileged: true",
    ),
    "pod_security_context: {fsGrup: 100}": (
        "pod_security_context.fsGrup",
        "is not known to Kubernetes; did you mean fsGroup?",
    ),
    "lifecycle_hooks: {postStart: {}}": ("lifecycle_hooks.postStart", "needs one of exec, httpGet, sleep, tcpSocket"),
    "extra_pod_config: {restartPolicy: always}": (
        "extra_pod_config.restartPolicy",
        "must be one of Always, OnFailure, Never; write Always",
    ),
    "extra_pod_config: {containers: [{name: x, image: 'a:1'}]}": (
        "extra_pod_config.containers",
        "replaces the server itself: write extra_containers",
    ),
    "extra_container_config: {env: [{name: A, value: b}]}": (
        "extra_container_config.env",
        "replaces all variables, with those that JupyterHub sets: write environment",
    ),
    "environment: {A: {value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}}": (
        "environment.A",
        "can have only one of value and valueFrom",
    ),
    "environment: {A: {valueFrom: {fieldRef: {fieldPath: metadata.nam}}}}": (
        "environment.A.valueFrom.fieldRef.fieldPath",
        None,
    ),
    "notebook_dir: '/home/{name}'": (
        "notebook_dir",
        "has {name}, which JupyterHub does not know: write {{ and }} for braces (placeholders are {username} and "
        "{base_url})",
    ),
    "working_dir: '/home/{username}'": (
        "working_dir",
        "has {username}, which is not replaced in a profile: use it in working_directory of the hub",
    ),
}

# The same for the whole community, with the place.
SETTINGS = {
    "default_url: '/lab/tree/{home}'": (
        "default_url: has {home}, which JupyterHub does not know: write {{ and }} for braces (placeholders are "
        "{username} and {base_url})"
    ),
    "environment: {A: {valueFrom: {secretKeyRef: {nam: x, key: y}}}}": (
        "environment: A.valueFrom.secretKeyRef.nam is not known to Kubernetes; did you mean name?"
    ),
    "shared_directories: {/scratch: {volume: {emptyDir: {sizeLimit: 5GB}}}}": (
        f"shared_directories./scratch.volume: emptyDir.sizeLimit {QUANTITY}"
    ),
    "values: {jupyterhub: {hub: {resources: {requests: {memory: 512MB}}}}}": (
        f"values.jupyterhub.hub.resources.requests.memory: {QUANTITY}"
    ),
    "values: {jupyterhub: {hub: {resources: {requests: {cpu: 2}, limits: {cpu: 1}}}}}": (
        "values.jupyterhub.hub.resources.requests.cpu: 2 is more than the limit 1"
    ),
    "values: {jupyterhub: {hub: {nodeSelector: {gpu: true}}}}": f"values.jupyterhub.hub.nodeSelector.gpu: {TEXT}",
    "values: {jupyterhub: {hub: {db: {pvc: {storage: 1GB}}}}}": (
        "values.jupyterhub.hub.db.pvc.storage: must be a Kubernetes quantity such as 10Gi: write 1Gi"
    ),
    "values: {jupyterhub: {hub: {extraVolumes: [{name: My_Vol, emptyDir: {}}]}}}": (
        f"values.jupyterhub.hub.extraVolumes.0.name: {NAME}"
    ),
    "values: {jupyterhub: {hub: {extraEnv: {A: {valueFrom: {secretKeyRef: {nam: x, key: y}}}}}}}": (
        "values.jupyterhub.hub.extraEnv.A.valueFrom.secretKeyRef.nam: is not known to Kubernetes; did you mean name?"
    ),
    "values: {jupyterhub: {scheduling: {corePods: {tolerations: [{key: a, operator: exists}]}}}}": (
        "values.jupyterhub.scheduling.corePods.tolerations.0.operator: must be one of Equal, Exists; write Exists"
    ),
    "values: {jupyterhub: {singleuser: {extraTolerations: [{key: a, operator: exists}]}}}": (
        "values.jupyterhub.singleuser.extraTolerations.0.operator: must be one of Equal, Exists; write Exists"
    ),
    "values: {jupyterhub: {singleuser: {storage: {capacity: 10GB}}}}": (
        "values.jupyterhub.singleuser.storage.capacity: must be a Kubernetes quantity such as 10Gi: write 10Gi"
    ),
    "values: {binderhub-service: {dockerApi: {resources: {requests: {memory: 2gb}}}}}": (
        f"values.binderhub-service.dockerApi.resources.requests.memory: {QUANTITY}"
    ),
}


@pytest.mark.parametrize("written", TRAITS)
def test_traits(repository: Repository, written: str) -> None:
    path, message = TRAITS[written]
    repository.ocean(f"{OCEAN}profiles: [{{display_name: A, kubespawner_override: {{{written}}}}}]\n")
    (error,) = repository.errors()
    assert error.startswith(f"stacks/earth/ocean.yaml:6: {OVERRIDE}.{path}: {message or ''}")
    assert message is None or error.endswith(message)


@pytest.mark.parametrize("written", SETTINGS)
def test_settings(repository: Repository, written: str) -> None:
    repository.ocean(f"{OCEAN}{written}\n")
    assert repository.errors() == [f"stacks/earth/ocean.yaml:6: {SETTINGS[written]}"]


ACCEPTED = [
    f"profiles: [{{display_name: A, kubespawner_override: {{{written}}}}}]"
    for written in (
        "extra_labels: {team: '{username}'}, service_account: 'sa-{username}'",
        "volumes: {d: {name: 'd-{username}', emptyDir: {}}}, volume_mounts: {d: {name: 'd-{username}', mountPath: /d}}",
        "volumes: [{name: d}, {name: n, nfs: {server: fs-1.efs.aws.example.org, path: /}}]",
        "volumes: [{name: m, emptyDir: {medium: Memory, sizeLimit: 1Gi}}]",
        "tolerations: [{operator: Exists}, {key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]",
        "node_affinity_required: [{matchExpressions: [{key: a.b/c, operator: In, values: ['']}]}]",
        "node_affinity_required: [{matchExpressions: [{key: cpu, operator: Gt, values: ['4']}]}]",
        "init_containers: [{name: i, image: busybox, env: [{name: JUPYTERHUB_USER, value: '{username}'}]}]",
        "extra_container_config: {livenessProbe: {tcpSocket: {port: 8888}}, resources: {limits: {nvidia.com/gpu: 1}}}",
        "extra_pod_config: {dnsPolicy: None, hostAliases: [{ip: 10.0.0.1, hostnames: [a]}], runtimeClassName: nvidia}",
        "storage_class: '', service_account: null, uid: 0, gid: 100, supplemental_gids: [0]",
        "default_url: '/lab/tree/{username}', notebook_dir: '/home/{{a}}'",
        "extra_resource_limits: {hugepages-2Mi: 4Mi, ephemeral-storage: 1Gi, example.org/fpga: '2'}",
    )
] + [
    "values: {jupyterhub: {hub: {resources: {requests: {memory: 512Mi, cpu: 0.5}, limits: null}}}}",
    "values: {jupyterhub: {hub: {extraEnv: {A: b, C: {valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}}}}}",
    "values: {jupyterhub: {singleuser: {storage: {extraVolumes: [{name: d, emptyDir: {}}]}}}}",
    "values: {jupyterhub: {singleuser: {storage: {extraVolumes: {d: {name: d, emptyDir: {}}}}}}}",
]


@pytest.mark.parametrize("written", ACCEPTED)
def test_what_kubernetes_accepts(repository: Repository, written: str) -> None:
    repository.ocean(f"{OCEAN}{written}\n")
    assert repository.errors() == []


def test_rules_are_for_fields_that_exist() -> None:
    known = fields()
    for kind, field in {*QUANTITIES, *VALUES, *((kind, field) for kind, field in KEYS.items())}:
        assert field in known[kind], (kind, field)
    assert known.keys() >= WHOLE.keys()


def test_parts_of_charts_are_values_of_them(chart_data: Path) -> None:
    def keys(node: Any) -> set[str]:
        below = node.get("properties", {}) if isinstance(node, dict) else {}
        return set(below).union(*(keys(child) for child in below.values()))

    schemas = [json.loads(path.read_text()) for path in chart_data.glob("*/values.schema.json")]
    assert set().union(*map(keys, schemas)) >= {*PARTS, "extraEnv"} | (FREE - {"custom"})
    assert list(misfits("List[V1Toleration]", [])) == []
    assert {kind.removeprefix("List[").removesuffix("]") for kind in PARTS.values()} <= {*fields(), "Dict[str, str"}
