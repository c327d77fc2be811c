"""What Kubernetes refuses is refused where it is written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from hubs.settings import kubernetes
from hubs.settings.pod_parts import misfits
from tests.repository import Repository
from tests.settings.kubernetes_fields import FILE, of_client, text

OCEAN = "stacks/earth/ocean.yaml"
BASE = """\
display_name: Ocean
auth: {type: github, allow: ["ocean:users"]}
hubs: {prod: {domain: ocean.example.org}}
"""
NFS = "home: {nfs: {server: 10.0.0.7, path: /export/ocean}}\n"

MISTAKES = {
    "place of another shared directory": (
        f"{NFS}shared_directories:\n  shared: {{sub_path: _shared}}\n"
        "  /home/jovyan/shared: {sub_path: _shared, read_only: false, admins: true}\n",
        f"{OCEAN}:7: ocean/prod: shared_directories./home/jovyan/shared: is mounted at /home/jovyan/shared, which is "
        f"already used by shared_directories.shared ({OCEAN}:6); each path can have one mount",
    ),
    "the same folder, with a slash": (
        f"{NFS}shared_directories: {{shared: {{sub_path: a}}, shared/: {{sub_path: b}}}}\n",
        f"{OCEAN}:5: ocean/prod: shared_directories.shared/: is mounted at /home/jovyan/shared, which is already used "
        f"by shared_directories.shared ({OCEAN}:5); each path can have one mount",
    ),
    "home twice": (
        "home: {volume: {}, extra_mount_paths: [/home/jovyan/]}\n",
        f"{OCEAN}:4: ocean/prod: home.extra_mount_paths.0: is mounted at /home/jovyan, which is already used by "
        f"home.mount_path ({OCEAN}:4); each path can have one mount",
    ),
    "another place twice": (
        "home: {volume: {}, extra_mount_paths: [/home/rstudio, /home//rstudio]}\n",
        f"{OCEAN}:4: ocean/prod: home.extra_mount_paths.1: is mounted at /home/rstudio, which is already used by "
        f"home.extra_mount_paths.0 ({OCEAN}:4); each path can have one mount",
    ),
    "shared memory": (
        "shared_directories: {/dev/shm: {volume: {emptyDir: {}}}}\n",
        f"{OCEAN}:4: ocean/prod: shared_directories./dev/shm: is mounted at /dev/shm, which is already used by the "
        "program, for shared memory; each path can have one mount",
    ),
    "file at the place of a directory": (
        "files: {/home/jovyan: text}\n",
        f"{OCEAN}:4: ocean/prod: files./home/jovyan: is mounted at /home/jovyan, which is already used by "
        f"home.mount_path ({OCEAN}:3); each path can have one mount",
    ),
    "directory below a file": (
        "files: {/data: text}\nshared_directories: {/data/x: {volume: {emptyDir: {}}}}\n",
        f"{OCEAN}:5: ocean/prod: shared_directories./data/x: is mounted at /data/x, but /data is a file of `files`: "
        "use another path for one of them",
    ),
    "folder above the share": (
        f"{NFS}shared_directories: {{data: {{sub_path: ../other-community}}}}\n",
        f"{OCEAN}:5: shared_directories.data.sub_path: must not contain '..'",
    ),
    "absolute folder": (
        f"{NFS}shared_directories: {{data: {{sub_path: /abs}}}}\n",
        f"{OCEAN}:5: shared_directories.data.sub_path: must be a folder such as _shared, without '/' at its start",
    ),
    "mount path with a colon": (
        "shared_directories: {'/data:x': {volume: {emptyDir: {}}}}\n",
        f"{OCEAN}:4: shared_directories./data:x: must be a path such as /home/jovyan/shared, or a folder such as "
        "shared, without ':'",
    ),
    "mount path upwards": (
        "shared_directories: {/data/../etc: {volume: {emptyDir: {}}}}\n",
        f"{OCEAN}:4: shared_directories./data/../etc: must not contain '..'",
    ),
    "home at the root": (
        "home: {volume: {}, mount_path: /}\n",
        f"{OCEAN}:4: home.mount_path: is not a place where a directory or file can be mounted; write a path such as "
        "/home/jovyan",
    ),
    "path of a file with a slash": (
        "files: {/etc/motd/: text}\n",
        f"{OCEAN}:4: files./etc/motd/: must be the absolute path of a file such as /etc/motd",
    ),
    "folder of a disk, upwards": (
        "home: {disk: {volume_id: projects/p/zones/z/disks/d, path: ../../x}}\n",
        f"{OCEAN}:4: home.disk.path: must not contain '..'",
    ),
    "exported path upwards": (
        "home: {nfs: {server: nas, path: /export/../x}}\n",
        f"{OCEAN}:4: home.nfs.path: must not contain '..'",
    ),
    "exported path with an empty step": (
        "home: {nfs: {server: nas, path: /export//x}}\n",
        f"{OCEAN}:4: home.nfs.path: must be an absolute path such as /export/ocean, without '//'",
    ),
    "unknown volume": (
        "shared_directories: {/d: {volume: {emtyDir: {}}}}\n",
        f"{OCEAN}:4: shared_directories./d.volume: emtyDir is not known to Kubernetes; did you mean emptyDir?",
    ),
    "volume without its name": (
        "shared_directories: {/d: {volume: {persistentVolumeClaim: {readOnly: true}}}}\n",
        f"{OCEAN}:4: shared_directories./d.volume: persistentVolumeClaim.claimName is missing",
    ),
    "volume with a wrong type": (
        "shared_directories: {/d: {volume: {configMap: {name: c, items: {key: a}}}}}\n",
        f"{OCEAN}:4: shared_directories./d.volume: configMap.items must be a list",
    ),
    "toleration: effect": (
        "user_nodes: {tolerations: [{key: a, operator: Exists, effect: noSchedule}]}\n",
        f"{OCEAN}:4: user_nodes.tolerations.0.effect: must be NoSchedule, PreferNoSchedule or NoExecute",
    ),
    "toleration: key": (
        "user_nodes: {tolerations: [{effect: NoSchedule}]}\n",
        f"{OCEAN}:4: user_nodes.tolerations.0: needs a key; without one, operator must be Exists, which tolerates "
        "every taint",
    ),
    "toleration: value": (
        "user_nodes: {tolerations: [{key: a, operator: Exists, value: b}]}\n",
        f"{OCEAN}:4: user_nodes.tolerations.0: has a value, which operator Exists does not compare: remove one of them",
    ),
    "toleration: seconds": (
        "user_nodes: {tolerations: [{key: a, operator: Exists, tolerationSeconds: 1}]}\n",
        f"{OCEAN}:4: user_nodes.tolerations.0: has tolerationSeconds, which needs effect: NoExecute",
    ),
    "label's key": (
        "node_selector: {a b: c}\n",
        f"{OCEAN}:4: node_selector.a b: must be a label's key such as example.org/community: at most 63 letters, "
        "digits, '-', '_' and '.'",
    ),
    "label's value": (
        f"node_selector: {{a: {'x' * 64}}}\n",
        f"{OCEAN}:4: node_selector.a: must be a label's value: at most 63 letters, digits, '-', '_' and '.'",
    ),
    "a service account of the chart": (
        "service_account: {name: hub}\n",
        f"{OCEAN}:4: service_account.name: hub exists in every hub's namespace, with permissions of its own: write "
        "another name",
    ),
    "storage class": (
        "home: {volume: {storage_class: Premium RWO}}\n",
        f"{OCEAN}:4: home.volume.storage_class: must be the name of a Kubernetes object: a-z, 0-9, '-' and '.'",
    ),
    "image in capitals": (
        "image: quay.io/Reef-Lab/Base:1\n",
        f"{OCEAN}:4: image: is not a valid image name (upper-case letters are allowed in the tag and the host only); "
        "write one such as quay.io/jupyter/scipy-notebook:2026-07-28",
    ),
}


@pytest.mark.parametrize("written, problem", MISTAKES.values(), ids=MISTAKES)
def test_mistake(repository: Repository, written: str, problem: str) -> None:
    repository.ocean(BASE + written)
    assert repository.errors() == [problem]


@pytest.mark.parametrize(
    "provider, disk, cloud", [("gcp", "vol-0abc", "aws"), ("aws", "projects/p/zones/z/disks/d", "gcp")]
)
def test_a_disk_belongs_to_the_cluster_s_cloud(repository: Repository, provider: str, disk: str, cloud: str) -> None:
    repository.stack("{name: earth}", f"{{name: earth, provider: {provider}}}")
    repository.ocean(f"{BASE}home: {{disk: {{volume_id: {disk}}}}}\n")
    expected = f"home.disk.volume_id: is a disk of {cloud}, but the cluster's provider is {provider}"
    assert repository.errors() == [f"{OCEAN}:4: ocean/prod: {expected}"]


@pytest.mark.parametrize(
    "server",
    ["10.0.0.7:/export", "nfs://10.0.0.7", "//nas/share", "", " 10.0.0.7", "10.0.0.7/24", "nas:2049", "10.0.0", "a..b"],
)
def test_a_server_is_a_host(repository: Repository, server: str) -> None:
    repository.ocean(f'{BASE}home: {{nfs: {{server: "{server}", path: /reef}}}}\n')
    expected = "must be a host name or an address such as 10.0.0.7: no scheme, no port, no path"
    assert repository.errors() == [f"{OCEAN}:4: home.nfs.server: {expected}"]


@pytest.mark.parametrize("server", ["nas", "10.0.0.7", "fd00::7", "fs-1.efs.us-east-1.amazonaws.com", "NAS_1.local"])
def test_hosts_that_can_be(repository: Repository, server: str) -> None:
    repository.ocean(f'{BASE}home: {{nfs: {{server: "{server}", path: /}}}}\n')
    assert repository.errors() == []


ACCEPTED = """\
home: {nfs: {server: nas, path: /export/ocean/}, extra_mount_paths: [/home/rstudio]}
shared_directories:
  shared: {sub_path: _shared}
  shared-readwrite: {sub_path: _shared, read_only: false, admins: true}
  /data: {volume: {persistentVolumeClaim: {claimName: data}}}
  /scratch: {volume: {empty_dir: {sizeLimit: 20Gi}}}
  /nothing: {volume: {csi: {driver: x.example.org, volumeAttributes: {a: b}}}}
files: {/home/jovyan/.jupyter/config.json: {data: {a: 1}}, /etc/motd: hello}
user_nodes: {tolerations: [{operator: Exists}, {key: k, value: "", effect: NoExecute, tolerationSeconds: 3}]}
node_selector: {a: "", example.org/B_c.d: x}
service_account: {name: ocean.users, annotations: {EKS.amazonaws.com/role-arn: "arn:aws:iam::1:role/a b"}}
"""


def test_what_kubernetes_accepts(repository: Repository) -> None:
    repository.ocean(BASE + ACCEPTED)
    assert repository.errors() == []


def test_without_a_home_its_place_is_free(repository: Repository) -> None:
    repository.ocean(f"{BASE}home: none\nshared_directories: {{/home/jovyan: {{volume: {{emptyDir: {{}}}}}}}}\n")
    assert repository.errors() == []


def test_the_fields_are_those_of_the_client() -> None:
    assert FILE.read_text(encoding="utf-8") == text(of_client())


@pytest.mark.parametrize(
    "kind, value, expected",
    [
        ("V1Volume", {"name": "a", "nfs": {"server": "s", "path": "/"}}, []),
        ("V1Volume", {"name": "a", "nfs": {"server": "s"}}, [(("nfs", "path"), "is missing")]),
        ("V1VolumeMount", {"name": "a", "mount_path": "/a", "subPath": None}, []),
        ("V1VolumeMount", {"name": "a", "mount_Path": "/a"}, [(("mount_Path",), None), (("mountPath",), "is missing")]),
        ("List[V1Toleration]", {"key": "a"}, [((), "must be a list")]),
        ("List[V1Toleration]", [{"key": "a"}, {"tolerationSeconds": "1"}], [((1, "tolerationSeconds"), None)]),
        ("V1Container", {"name": "c", "image": "a:1", "resources": {"limits": {"cpu": 1}}}, []),
        ("V1Container", {"name": "c", "ports": [{"containerPort": True}]}, [(("ports", 0, "containerPort"), None)]),
        ("V1Container", "text", [((), "must be a mapping of keys to values")]),
    ],
)
def test_misfits(kind: str, value: Any, expected: list[tuple[Any, str | None]]) -> None:
    found = list(misfits(kind, value))
    assert [path for path, _ in found] == [path for path, _ in expected]
    assert all(message in (None, said) for (_, message), (_, said) in zip(expected, found, strict=True))


# Kubernetes' own expressions (apimachinery/pkg/util/validation/validation.go).
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"


def _is_key(word: str) -> bool:
    prefix, slash, name = word.rpartition("/")
    named = len(name) <= 63 and re.fullmatch(_QUALIFIED, name) is not None
    return named and (not slash or (0 < len(prefix) <= 253 and re.fullmatch(_SUBDOMAIN, prefix) is not None))


_WORDS = st.text("aZ0-_./ é", max_size=8) | st.from_regex(r"[a-z0-9.-]{1,3}/[A-Za-z0-9._-]{1,3}", fullmatch=True)


@given(_WORDS | st.sampled_from([62, 63, 64, 253, 254]).map("x".__mul__))
def test_grammars_are_those_of_kubernetes(word: str) -> None:
    def accepted(kind: Any) -> bool:
        try:
            TypeAdapter(kind).validate_python(word)
        except ValidationError:
            return False
        return True

    assert accepted(kubernetes.LabelKey) == _is_key(word)
    assert accepted(kubernetes.AnnotationKey) == _is_key(word.lower())
    assert accepted(kubernetes.LabelValue) == (len(word) <= 63 and re.fullmatch(f"({_QUALIFIED})?", word) is not None)
    assert accepted(kubernetes.ObjectName) == (len(word) <= 253 and re.fullmatch(_SUBDOMAIN, word) is not None)
